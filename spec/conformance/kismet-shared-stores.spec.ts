import test from 'ava';
import { keepIn } from '../_support/service.ts';
import { noSharedStores, startSharedStores } from '../_support/shared-stores.ts';

/* The whole of `kismet.spec.ts` once more, over Redis and PostgreSQL. */

if (noSharedStores === undefined) {
	const stores = await startSharedStores();
	test.after.always(() => stores.stop());
	keepIn(stores.newSettings);
	await import('./kismet.spec.ts');
} else {
	test.skip(`Redis and PostgreSQL keep what the service keeps: ${noSharedStores}`, () => undefined);
}
