import type {
	Authenticator,
	AuthenticatorId,
	KeptFactors,
	RecoveryBatch,
	RecoveryCodeVerifier,
	WebAuthnAuthenticator,
} from '../../core/authenticator.ts';
import type { AuthenticatorStore, StampChange } from '../../core/authenticator-store.ts';
import type { IdentityId } from '../../core/identity.ts';
import { columns, type Row, toAuthenticator, toRow } from './authenticator-row.ts';
import type { SqliteFile } from './connection.ts';
import { type Packed, packStamp, packUuid, unpackUuid } from './row-codec.ts';

/** `forget`: what the store of identities has in memory of one is outdated. Rows go with their identity, by the schema. */
export function createSqliteAuthenticators(file: SqliteFile, forget: (id: IdentityId) => void): AuthenticatorStore {
	const ofIdentity = file.prepare<Row>(`SELECT ${columns} FROM authenticator WHERE identity = ? ORDER BY rowid`);
	const byCredential = file.prepare<Row>(`SELECT ${columns} FROM authenticator WHERE credential_id = ?`);
	const count = file.prepare<[number]>('SELECT count(*) FROM authenticator WHERE identity = ?');
	const put = file.prepare(
		`INSERT INTO authenticator (${columns}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
	);
	const dropPending = file.prepare(
		'DELETE FROM authenticator WHERE identity = ? AND kind = ? AND confirmed_at IS NULL',
	);
	const confirm = file.prepare(
		`UPDATE authenticator SET confirmed_at = ?1, last_used_at = ?1, last_step = ?2
			WHERE id = ?3 AND identity = ?4 AND kind = 'totp' AND confirmed_at IS NULL`,
	);
	const rename = file.prepare('UPDATE authenticator SET name = ? WHERE id = ? AND identity = ?');
	const remove = file.prepare(
		'DELETE FROM authenticator WHERE id = ? AND identity = ? AND (confirmed_at IS NULL OR ?)',
	);
	const removeOthers = file.prepare('DELETE FROM authenticator WHERE identity = ? AND id <> ?');
	const removeAll = file.prepare('DELETE FROM authenticator WHERE identity = ?');
	const countFailure = file.prepare<Row>(
		`UPDATE authenticator SET failures = failures + 1, disabled_at = iif(failures + 1 >= ?3, ?4, NULL)
			WHERE identity = ?1 AND kind = ?2 AND confirmed_at IS NOT NULL AND disabled_at IS NULL RETURNING ${columns}`,
	);
	const forgetFailures = file.prepare(
		`UPDATE authenticator SET failures = 0, disabled_at = iif(failures >= ?2, NULL, disabled_at)
			WHERE identity = ?1 AND failures > 0`,
	);
	const takeStep = file.prepare(
		'UPDATE authenticator SET last_step = ?2, last_used_at = ?3 WHERE id = ?1 AND confirmed_at IS NOT NULL AND last_step < ?2',
	);
	const recordUse = file.prepare(
		`UPDATE authenticator SET sign_count = ?2, backed_up = ?3, last_used_at = ?4
			WHERE id = ?1 AND disabled_at IS NULL AND (sign_count < ?2 OR sign_count = 0 AND ?2 = 0)`,
	);
	const disable = file.prepare('UPDATE authenticator SET disabled_at = ? WHERE id = ? AND disabled_at IS NULL');
	const reseal = file.prepare('UPDATE authenticator SET sealed_secret = ? WHERE id = ? AND sealed_secret = ?');

	const codes = file.prepare<[RecoveryBatch, RecoveryCodeVerifier, number | null]>(
		'SELECT batch, verifier, used_at FROM recovery_code WHERE identity = ?',
	);
	const batchOf = file.prepare<[RecoveryBatch, number]>(
		'SELECT batch, count(*) - count(used_at) FROM recovery_code WHERE identity = ? GROUP BY batch',
	);
	const putCode = file.prepare('INSERT INTO recovery_code (identity, batch, verifier, used_at) VALUES (?, ?, ?, ?)');
	const takeCode = file.prepare(
		'UPDATE recovery_code SET used_at = ? WHERE identity = ? AND verifier = ? AND used_at IS NULL',
	);
	const dropCodes = file.prepare('DELETE FROM recovery_code WHERE identity = ?');

	const holders = file.prepare<[Packed]>('SELECT identity FROM authenticator UNION SELECT identity FROM recovery_code');
	const isThere = file.prepare<[number]>('SELECT 1 FROM identity WHERE id = ?');
	const hasStamp = file.prepare<[number]>('SELECT 1 FROM identity WHERE id = ? AND credential_stamp = ?');
	const changeStamp = file.prepare('UPDATE identity SET credential_stamp = ? WHERE id = ? AND credential_stamp = ?');

	const list = (of: IdentityId) => ofIdentity.all(packUuid(of)).map(toAuthenticator);
	const hasIdentity = (of: IdentityId) => isThere.get(packUuid(of)) !== undefined;

	/** Where the identity has that stamp no more, nothing is done: it is asked for before anything is written. */
	function takeStamp(of: IdentityId, { from, to }: StampChange): boolean {
		return changeStamp.run(packStamp(to), packUuid(of), packStamp(from)) > 0;
	}

	/** A change that may change the stamp, too: on the disk before it is told. */
	function changing<T>(of: IdentityId, work: () => T): T {
		const result = file.write('synced', work);
		forget(of);
		return result;
	}

	function dropOthers(id: AuthenticatorId, of: IdentityId) {
		removeOthers.run(packUuid(of), packUuid(id));
		dropCodes.run(packUuid(of));
	}

	const has = (id: AuthenticatorId, of: IdentityId, isRight: (one: Authenticator) => boolean) =>
		list(of).some((one) => one.id === id && isRight(one));

	return {
		list: async (of) => file.read(() => list(of)),
		async findByCredential(id) {
			const row = file.read(() => byCredential.get(id));
			return row && (toAuthenticator(row) as WebAuthnAuthenticator);
		},
		insert: async (authenticator, limit, change) =>
			changing(authenticator.identityId, () => {
				const { identityId: of, kind } = authenticator;
				if (!hasIdentity(of)) return 'absent';
				if (kind === 'webauthn' && byCredential.get(authenticator.credentialId) !== undefined) return 'taken';
				const pending = list(of).filter((one) => one.kind === kind && one.confirmedAt === undefined).length;
				if (!change?.alone && (count.get(packUuid(of))?.[0] ?? 0) - pending >= limit) return 'full';
				if (change !== undefined && !takeStamp(of, change)) return 'outdated';
				dropPending.run(packUuid(of), kind);
				put.run(...toRow(authenticator));
				if (change?.alone) dropOthers(authenticator.id, of);
				return 'inserted';
			}),
		confirm: async (id, of, { step, at }, change) =>
			changing(of, () => {
				if (!has(id, of, (one) => one.kind === 'totp' && one.confirmedAt === undefined)) return 'absent';
				if (!takeStamp(of, change)) return 'outdated';
				confirm.run(at, step, packUuid(id), packUuid(of));
				if (change.alone) dropOthers(id, of);
				return 'confirmed';
			}),
		rename: async (id, of, name) => file.write('synced', () => rename.run(name, packUuid(id), packUuid(of)) > 0),
		remove: async (id, of, change) =>
			changing(of, () => {
				if (!has(id, of, (one) => change !== undefined || one.confirmedAt === undefined)) return 'absent';
				if (change !== undefined && !takeStamp(of, change)) return 'outdated';
				remove.run(packUuid(id), packUuid(of), change === undefined ? 0 : 1);
				return 'removed';
			}),
		clear: async (of, change) =>
			changing(of, () => {
				if (!takeStamp(of, change)) return 'outdated';
				dropCodes.run(packUuid(of));
				return removeAll.run(packUuid(of));
			}),

		beginAttempt: async (of, kind, at, limit) =>
			file.write('written', () => {
				return countFailure.all(packUuid(of), kind, limit, at).map(toAuthenticator);
			}),
		async forgetFailures(of, limit) {
			file.write('written', () => forgetFailures.run(packUuid(of), limit));
		},
		takeStep: async (id, step, at) => file.write('synced', () => takeStep.run(packUuid(id), step, at) > 0),
		recordUse: async (id, { signCount, backedUp, at }) =>
			file.write('synced', () => recordUse.run(packUuid(id), signCount, backedUp ? 1 : 0, at) > 0),
		disable: async (id, at) => file.write('synced', () => disable.run(at, packUuid(id)) > 0),

		putRecoveryCodes: async (of, batch, verifiers, stamp) =>
			file.write('synced', () => {
				if (hasStamp.get(packUuid(of), packStamp(stamp)) === undefined) return 'outdated';
				if (!list(of).some(({ confirmedAt }) => confirmedAt !== undefined)) return 'no-factor';
				dropCodes.run(packUuid(of));
				for (const verifier of verifiers) putCode.run(packUuid(of), batch, verifier, null);
				return 'kept';
			}),
		async recoveryCodes(of) {
			const row = file.read(() => batchOf.get(packUuid(of)));
			return row && { batch: row[0], left: row[1] };
		},
		takeRecoveryCode: async (of, verifier, at) =>
			file.write('synced', () => {
				if (takeCode.run(at, packUuid(of), verifier) === 0) return undefined;
				return batchOf.get(packUuid(of))?.[1] ?? 0;
			}),

		holders: async () => file.read(() => holders.all()).map(([id]) => unpackUuid(id) as IdentityId),
		read: async (of) =>
			file.read(
				(): KeptFactors => ({
					authenticators: list(of),
					recoveryCodes: codes.all(packUuid(of)).map(([batch, verifier, usedAt]) => ({
						batch,
						verifier,
						...(usedAt !== null && { usedAt: usedAt as never }),
					})),
				}),
			),
		write: async (of, { authenticators, recoveryCodes }) =>
			file.write('synced', () => {
				if (!hasIdentity(of)) return false;
				removeAll.run(packUuid(of));
				dropCodes.run(packUuid(of));
				for (const each of authenticators) put.run(...toRow({ ...each, identityId: of }));
				for (const { batch, verifier, usedAt } of recoveryCodes)
					putCode.run(packUuid(of), batch, verifier, usedAt ?? null);
				return true;
			}),
		reseal: async (id, from, to) => file.write('synced', () => reseal.run(to, packUuid(id), from) > 0),
	};
}
