import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { backUp, restoreElsewhere, restoreToSqlite } from '../app/backup.ts';
import { lostSecrets } from '../app/reseal.ts';
import type { Config } from '../config/schema.ts';
import type { Common } from './identity.ts';
import { sayVoided } from './move-factors.ts';
import { counted, Failed, say } from './output.ts';
import { patiently } from './patience.ts';
import { confirm } from './prompt.ts';
import { putItBack } from './reseal.ts';
import { readSettings, withCore, withStores } from './settings.ts';

/** While the service runs, or not. */
export async function backupStore(file: string, options: Common): Promise<void> {
	const { config } = readSettings(options.config);
	const tell = await openAudit(config);
	const kept = await withStores(config, (stores) => patiently(() => backUp(config, stores, file)));
	tell('store-backup');
	say(`${counted(kept, 'identity')} backed up to ${file}`);
}

/** The same; everybody who is signed in has to log in again. */
export async function restoreStore(file: string, options: Common & { yes?: boolean }): Promise<void> {
	const { config } = readSettings(options.config);
	if (!statSync(file, { throwIfNoEntry: false })?.isFile()) throw new Failed(`there is no ${file}`);
	const question = 'Present identities and passwords are replaced, and everybody has to log in again. Go on?';
	if (!options.yes) await confirm(question);
	const tell = await openAudit(config);
	const voided = (await restoreToSqlite(config, file, say)) ?? (await restoreRemote(config, file));
	tell('store-restore');
	const orphans = await withStores(config, (stores) => patiently(() => lostSecrets(config, stores)));
	await withCore(options.config, async ({ sessions, identities }) => {
		const { length } = await patiently(() => identities.list());
		say(`${counted(length, 'identity')} restored from ${file}; all sessions have ended`);
		sayVoided(voided, 'after the backup');
		if (orphans > 0)
			say(`${counted(orphans, 'app')} cannot be used, since no key here opens what they share: ${putItBack}`);
		// Their stamps are of the past: they open nothing, whether a store elsewhere still has them or not.
		if (config.store.sessions !== 'memory:') await patiently(() => sessions.endAll({ actor: 'operator' }));
	});
}

async function restoreRemote(config: Config, file: string): Promise<number> {
	const place = mkdtempSync(join(tmpdir(), 'latchkey-restore-'));
	try {
		return await withStores(config, (stores) => patiently(() => restoreElsewhere(stores, file, join(place, 'backup'))));
	} finally {
		rmSync(place, { recursive: true });
	}
}

/** Before anything is done: an audit that cannot be written is no reason to say that what was done has failed. */
async function openAudit(config: Config): Promise<(act: 'store-backup' | 'store-restore') => void> {
	const { openLogs } = await import('../app/service.ts');
	const { audit } = openLogs(config, 'quiet');
	return (act) => audit.write({ act, outcome: 'ok', actor: 'operator' });
}
