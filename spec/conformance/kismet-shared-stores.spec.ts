import test from 'ava';
import { reusedSettings } from '../_support/servers.ts';
import { keepIn } from '../_support/service.ts';
import { noSharedStores } from '../_support/shared-stores.ts';

/* The whole of `kismet.spec.ts` once more, over Redis and PostgreSQL. */

if (noSharedStores === undefined) {
	keepIn(await reusedSettings());
	await import('./kismet.spec.ts');
} else {
	test.skip(`Redis and PostgreSQL keep what the service keeps: ${noSharedStores}`, () => undefined);
}
