import test from 'ava';
import { newSharedSettings } from '../_support/servers.ts';
import { noSharedStores } from '../_support/shared-stores.ts';
import { handsOver } from './enter.contract.ts';

if (noSharedStores === undefined) {
	const newSettings = await newSharedSettings();
	handsOver(test, 'Redis and PostgreSQL', async () => newSettings());
} else {
	test.skip(`sessions are handed over where Redis and PostgreSQL keep them: ${noSharedStores}`, () => undefined);
}
