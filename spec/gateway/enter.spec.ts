import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { dataDir } from '../_support/folder.ts';
import { handsOver } from './enter.contract.ts';

let folder: string | undefined;
test.after.always(async () => {
	if (folder) await rm(folder, { recursive: true });
});

handsOver(test, 'SQLite', async () => {
	folder = await mkdtemp(join(dataDir, 'latchkey-enter-'));
	const sessions = `sqlite:${join(folder, 'latchkey.db')}`;
	return { sessions, identities: sessions };
});
