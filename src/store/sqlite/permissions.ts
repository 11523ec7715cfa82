import type { Identity, IdentityId, Permission } from '../../core/identity.ts';
import { counts, foldPermission, isUnchanged, loses, type PermissionStore } from '../../core/permission-store.ts';
import type { SqliteFile } from './connection.ts';
import { type Packed, packStamp, packUuid, unpackUuid } from './row-codec.ts';

/** What the store of identities lends: the same rows, and its memory of them. */
export interface Rows {
	read(id: IdentityId): Identity | undefined;
	/** What was kept in memory of it is outdated. */
	forget(id: IdentityId): void;
}

/** The note that holds those that were made: a JSON array, sorted. */
const noteKey = 'permissions';

export function createSqlitePermissions(file: SqliteFile, { read, forget }: Rows): PermissionStore {
	const note = file.prepare<[string]>('SELECT value FROM note WHERE key = ?');
	const putNote = file.prepare(
		'INSERT INTO note (key, value) VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value',
	);
	const held = file.prepare<[Permission]>(
		'SELECT DISTINCT held.value FROM identity, json_each(identity.permissions) AS held ORDER BY held.value',
	);
	const holders = file.prepare<[Packed]>(
		`SELECT identity.id FROM identity, json_each(identity.permissions) AS held WHERE held.value = ?`,
	);
	const putPermissions = file.prepare('UPDATE identity SET permissions = ? WHERE id = ?');
	const put = file.prepare(
		`UPDATE identity SET password_verifier = ?, password_change_needed = ?, credential_stamp = ?, permissions = ?
			WHERE id = ?`,
	);
	const removeIdentity = file.prepare('DELETE FROM identity WHERE id = ?');

	const made = (): Permission[] => JSON.parse(note.get(noteKey)?.[0] ?? '[]');
	const keepMade = (permissions: readonly Permission[]) => putNote.run(noteKey, toJson(permissions));

	function holdersOf(permission: Permission): Identity[] {
		return holders.all(permission).flatMap(([id]) => read(unpackUuid(id) as IdentityId) ?? []);
	}

	return {
		find: async () => file.read(() => ({ made: made(), held: held.all().map(([permission]) => permission) })),
		make: async (permission) =>
			file.write('synced', () => {
				const present = made();
				if (present.some((each) => foldPermission(each) === foldPermission(permission))) return 'taken';
				keepMade([...present, permission]);
				return 'made';
			}),
		async remove(permission, spared) {
			const changed: IdentityId[] = [];
			const result = file.write('synced', () => {
				const present = made();
				const from = holdersOf(permission);
				if (from.length === 0 && !present.includes(permission)) return 'absent';
				if (spared !== undefined && from.some(({ permissions }) => permissions.has(spared))) return 'protected';
				for (const { id, permissions } of from) {
					putPermissions.run(toJson([...permissions].filter((each) => each !== permission)), packUuid(id));
					changed.push(id);
				}
				keepMade(present.filter((each) => each !== permission));
				return 'done';
			});
			for (const id of changed) forget(id);
			return result;
		},
		async replace(from, to, known, keep) {
			const { id } = from;
			const result = file.write('synced', () => {
				const now = read(id);
				if (!isUnchanged(from, now)) return 'outdated';
				const isKept = () => holdersOf(keep.permission).some((each) => each.id !== id && counts(each, keep));
				if (loses(now, to, keep) && !isKept()) return 'last';
				if (to === undefined) {
					removeIdentity.run(packUuid(id));
					return 'done';
				}
				const gained = [...to.permissions.difference(now.permissions)].filter((each) => !known.has(each));
				const present = made();
				if (gained.some((each) => !present.includes(each) && holders.get(each) === undefined)) return 'unknown';
				put.run(
					to.passwordVerifier ?? null,
					to.passwordChangeNeeded ? 1 : 0,
					packStamp(to.credentialStamp),
					toJson([...to.permissions]),
					packUuid(id),
				);
				return 'done';
			});
			forget(id);
			return result;
		},
	};
}

function toJson(permissions: readonly Permission[]): string {
	return JSON.stringify([...new Set(permissions)].sort());
}
