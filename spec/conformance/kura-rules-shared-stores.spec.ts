import test from 'ava';
import { newSharedSettings } from '../_support/servers.ts';
import { keepIn } from '../_support/service.ts';
import { noSharedStores } from '../_support/shared-stores.ts';

/* The whole of `kura-rules.spec.ts` once more, over Redis and PostgreSQL. */

if (noSharedStores === undefined) {
	keepIn(await newSharedSettings());
	await import('./kura-rules.spec.ts');
} else {
	test.skip(`Redis and PostgreSQL keep what the service keeps: ${noSharedStores}`, () => undefined);
}
