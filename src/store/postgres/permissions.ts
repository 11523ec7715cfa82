import type { Identity, IdentityId, Permission } from '../../core/identity.ts';
import { counts, foldPermission, isUnchanged, loses, type PermissionStore } from '../../core/permission-store.ts';
import type { PostgresConnection } from './connection.ts';
import type { Run } from './pool.ts';

/** What the store of identities lends: how it reads rows, and tells of changes. */
export interface Rows {
	/** Rows that a condition holds for, locked in the order of their ids as all who lock several do. */
	lock(run: Run, condition: string, values: readonly unknown[]): Promise<Identity[]>;
	/** Each node hears of it when it is committed. */
	tell(run: Run, id: IdentityId): Promise<unknown>;
	/** What was kept in memory of it is outdated. */
	forget(id: IdentityId): void;
}

/** The note that holds those that were made: a JSON array, sorted. */
const noteKey = 'permissions';
const held = 'SELECT DISTINCT unnest(permissions) COLLATE "C" AS permission FROM latchkey.identity ORDER BY 1';

export function createPostgresPermissions(postgres: PostgresConnection, { lock, tell, forget }: Rows): PermissionStore {
	const note = postgres.prepare<{ value: string }>('permissions', 'SELECT value FROM latchkey.note WHERE key = $1');
	const heldByAnybody = postgres.prepare<{ permission: Permission }>('held permissions', held);

	/** A transaction that changes what is defined, or gives it, waits here for those before: the row is the lock. */
	async function lockMade(run: Run): Promise<Permission[]> {
		const [row] = await run<{ value: string }>(
			`INSERT INTO latchkey.note AS kept (key, value) VALUES ($1, '[]')
				ON CONFLICT (key) DO UPDATE SET value = kept.value RETURNING value`,
			[noteKey],
		);
		return JSON.parse(row?.value ?? '[]');
	}
	const keepMade = (run: Run, permissions: readonly Permission[]) =>
		run('UPDATE latchkey.note SET value = $2 WHERE key = $1', [noteKey, JSON.stringify([...permissions].sort())]);

	/** What was changed is read anew, also where the answer was lost and nobody knows whether it happened. */
	async function changing<T>(work: (run: Run, changed: IdentityId[]) => Promise<T>): Promise<T> {
		const changed: IdentityId[] = [];
		try {
			return await postgres.transaction((run) => work(run, changed));
		} finally {
			for (const id of changed) forget(id);
		}
	}

	return {
		async find() {
			const [kept, rows] = await Promise.all([note(noteKey), heldByAnybody()]);
			return { made: JSON.parse(kept[0]?.value ?? '[]'), held: rows.map(({ permission }) => permission) };
		},
		make: (permission) =>
			postgres.transaction(async (run) => {
				const present = await lockMade(run);
				if (present.some((each) => foldPermission(each) === foldPermission(permission))) return 'taken';
				await keepMade(run, [...present, permission]);
				return 'made';
			}),
		remove: (permission, spared) =>
			changing(async (run, changed) => {
				const present = await lockMade(run);
				const from = await lock(run, '$1 = ANY (permissions)', [permission]);
				if (from.length === 0 && !present.includes(permission)) return 'absent';
				if (spared !== undefined && from.some(({ permissions }) => permissions.has(spared))) return 'protected';
				for (const { id } of from) {
					changed.push(id);
					await run('UPDATE latchkey.identity SET permissions = array_remove(permissions, $2) WHERE id = $1', [
						id,
						permission,
					]);
					await tell(run, id);
				}
				await keepMade(
					run,
					present.filter((each) => each !== permission),
				);
				return 'done';
			}),
		replace: (from, to, known, keep) =>
			changing(async (run, changed) => {
				const { id } = from;
				changed.push(id);
				const present = await lockMade(run);
				const locked = await lock(run, 'id = $1 OR $2 = ANY (permissions)', [id, keep.permission]);
				const now = locked.find((each) => each.id === id);
				if (!isUnchanged(from, now)) return 'outdated';
				const isKept = locked.some((each) => each.id !== id && counts(each, keep));
				if (loses(now, to, keep) && !isKept) return 'last';
				if (to === undefined) {
					await run('DELETE FROM latchkey.identity WHERE id = $1', [id]);
					await tell(run, id);
					return 'done';
				}
				const isDefined = async (permission: Permission) =>
					known.has(permission) || present.includes(permission) || (await isHeld(run, permission));
				for (const gained of to.permissions.difference(now.permissions)) {
					if (!(await isDefined(gained))) return 'unknown';
				}
				await run(
					`UPDATE latchkey.identity SET password_verifier = $2, password_change_needed = $3, credential_stamp = $4,
						permissions = $5 WHERE id = $1`,
					[id, to.passwordVerifier ?? null, to.passwordChangeNeeded, to.credentialStamp, [...to.permissions].sort()],
				);
				await tell(run, id);
				return 'done';
			}),
	};
}

async function isHeld(run: Run, permission: Permission): Promise<boolean> {
	const held = await run('SELECT 1 FROM latchkey.identity WHERE $1 = ANY (permissions) LIMIT 1', [permission]);
	return held.length > 0;
}
