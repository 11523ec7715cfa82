import type { Config } from '../config/schema.ts';
import { createClock } from '../core/clock.ts';
import { newCredentialStamp } from '../core/token.ts';
import { usedUp } from '../core/used-up.ts';
import { fillFrom, readBackup, restoreSqlite, writeBackup } from '../store/sqlite/backup.ts';
import { createSqliteIdentities } from '../store/sqlite/identities.ts';
import { createSqliteNotes } from '../store/sqlite/notes.ts';
import { openSqlite } from '../store/sqlite/open.ts';
import type { Stores } from './store-types.ts';

/*
 * Identities to a file, and back; from SQLite all that is kept with them, from elsewhere what an IdentityStore tells.
 */

/** Writes the identities of `stores`, which are open, to the file `to`. Returns how many. */
export async function backUp({ store }: Config, { identities, notes }: Stores, to: string): Promise<number> {
	const all = await identities.list();
	if (all.length === 0) throw new Error('there are no identities yet: nothing to back up');
	await writeBackup(to, async (backup) => {
		const path = sqlitePathOf(store);
		if (path !== undefined) return fillFrom(path)(backup);
		const kept = createSqliteIdentities(backup);
		await createSqliteNotes(backup).put('min-length-alone', await notes.find('min-length-alone'));
		for (const permission of (await identities.permissions.find()).made) await kept.permissions.make(permission);
		for (const identity of all) {
			await kept.insert(identity);
			await kept.authenticators.write(identity.id, await identities.authenticators.read(identity.id));
		}
		await kept.close();
	});
	return all.length;
}

/**
 * Puts the identities in SQLite of the file `from` in place of those that are there. Returns how many recovery codes are void, or
 * `undefined` where identities are kept elsewhere.
 */
export async function restoreToSqlite(
	{ store }: Config,
	from: string,
	onNotice: (notice: string) => void,
): Promise<number | undefined> {
	const path = sqlitePathOf(store);
	return path === undefined ? undefined : readBackup(from, path, (copy) => restoreSqlite(path, copy, onNotice));
}

/** The same elsewhere, one after the other: run again where it was interrupted. */
export async function restoreElsewhere(
	{ identities, invitations, notes }: Stores,
	from: string,
	beside: string,
): Promise<number> {
	return readBackup(from, beside, async (copy) => {
		const file = openSqlite(copy, { isRestored: true });
		const kept = createSqliteIdentities(file);
		const all = await kept.list();
		const { made } = await kept.permissions.find();
		const factors = await Promise.all(all.map(({ id }) => kept.authenticators.read(id)));
		const minLengthAlone = await createSqliteNotes(file).find('min-length-alone');
		await kept.close();
		for (const { id } of await identities.list()) await identities.remove(id);
		await notes.put('min-length-alone', minLengthAlone);
		for (const { key } of await invitations.list()) await invitations.take(key);
		for (const permission of (await identities.permissions.find()).made) {
			if (!made.includes(permission)) await identities.permissions.remove(permission);
		}
		for (const permission of made) await identities.permissions.make(permission);
		// From here on nobody can use anything up.
		const now = createClock().now();
		for (const [at, identity] of all.entries()) {
			const { id, disabled } = identity;
			const kinds = factors[at];
			const hasFactor = kinds !== undefined && kinds.authenticators.length > 0;
			// A service may be running: before its factor is there, a password alone would open it.
			const isHeldBack = hasFactor && !disabled;
			await identities.insert({ ...identity, credentialStamp: newCredentialStamp(), disabled: disabled || isHeldBack });
			if (kinds) await identities.authenticators.write(id, usedUp(kinds, now));
			if (isHeldBack) await identities.setDisabled(id, false);
		}
		const codes = factors.flatMap(({ recoveryCodes }) => recoveryCodes);
		return codes.filter(({ usedAt }) => usedAt === undefined).length;
	});
}

function sqlitePathOf({ identities }: Config['store']): string | undefined {
	return identities.startsWith('sqlite:') ? identities.slice('sqlite:'.length) : undefined;
}
