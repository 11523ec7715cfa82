import type {
	AuthenticatorId,
	RecoveryBatch,
	RecoveryCodeVerifier,
	WebAuthnAuthenticator,
} from '../../core/authenticator.ts';
import type { AuthenticatorStore, StampChange } from '../../core/authenticator-store.ts';
import type { Instant } from '../../core/clock.ts';
import type { CredentialStamp, IdentityId } from '../../core/identity.ts';
import { columns, type Row, toAuthenticator, toValues } from './authenticator-row.ts';
import type { PostgresConnection } from './connection.ts';
import type { Run } from './pool.ts';

/** What the store of identities lends. */
export interface Identities {
	/** Each node hears of it when it is committed. */
	tell(run: Run, id: IdentityId): Promise<unknown>;
	/** What was kept in memory of it is outdated. */
	forget(id: IdentityId): void;
}

interface CodeRow {
	readonly batch: RecoveryBatch;
	readonly verifier: RecoveryCodeVerifier;
	readonly used_at: string | null;
}

const insert = `INSERT INTO latchkey.authenticator (${columns})
	VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20)`;
const insertCode = 'INSERT INTO latchkey.recovery_code (identity_id, batch, verifier, used_at) VALUES ($1, $2, $3, $4)';
/** UUIDs of version 7 of one process grow with time. */
const oldestFirst = 'ORDER BY created_at, id';

/** Rows go with their identity, by the schema. */
export function createPostgresAuthenticators(postgres: PostgresConnection, identities: Identities): AuthenticatorStore {
	const ofIdentity = postgres.prepare<Row>(
		'authenticators',
		`SELECT ${columns} FROM latchkey.authenticator WHERE identity_id = $1 ${oldestFirst}`,
	);
	const byCredential = postgres.prepare<Row>(
		'authenticator by credential',
		`SELECT ${columns} FROM latchkey.authenticator WHERE credential_id = $1`,
	);
	const rename = postgres.prepare(
		'rename authenticator',
		'UPDATE latchkey.authenticator SET name = $3 WHERE id = $1 AND identity_id = $2 RETURNING id',
	);
	const removePending = postgres.prepare(
		'remove pending authenticator',
		'DELETE FROM latchkey.authenticator WHERE id = $1 AND identity_id = $2 AND confirmed_at IS NULL RETURNING id',
	);
	/** Of several at once each waits for the one before, and sees what it left. */
	const countFailure = postgres.prepare<Row>(
		'count failure',
		`UPDATE latchkey.authenticator SET failures = failures + 1,
			disabled_at = CASE WHEN failures + 1 >= $3::integer THEN $4::bigint END
			WHERE identity_id = $1 AND kind = $2 AND confirmed_at IS NOT NULL AND disabled_at IS NULL RETURNING ${columns}`,
	);
	const forgetFailures = postgres.prepare(
		'forget failures',
		`UPDATE latchkey.authenticator SET failures = 0, disabled_at = CASE WHEN failures < $2::integer THEN disabled_at END
			WHERE identity_id = $1 AND failures > 0`,
	);
	const takeStep = postgres.prepare(
		'take step',
		`UPDATE latchkey.authenticator SET last_step = $2::bigint, last_used_at = $3
			WHERE id = $1 AND confirmed_at IS NOT NULL AND last_step < $2::bigint RETURNING id`,
	);
	const recordUse = postgres.prepare(
		'record use',
		`UPDATE latchkey.authenticator SET sign_count = $2::bigint, backed_up = $3, last_used_at = $4
			WHERE id = $1 AND disabled_at IS NULL AND (sign_count < $2::bigint OR sign_count = 0 AND $2::bigint = 0)
			RETURNING id`,
	);
	const disable = postgres.prepare(
		'disable authenticator',
		'UPDATE latchkey.authenticator SET disabled_at = $2 WHERE id = $1 AND disabled_at IS NULL RETURNING id',
	);
	const reseal = postgres.prepare(
		'reseal',
		'UPDATE latchkey.authenticator SET sealed_secret = $3 WHERE id = $1 AND sealed_secret = $2 RETURNING id',
	);
	const codesOf = postgres.prepare<CodeRow>(
		'recovery codes',
		'SELECT batch, verifier, used_at FROM latchkey.recovery_code WHERE identity_id = $1',
	);
	const takeCode = postgres.prepare(
		'take recovery code',
		`UPDATE latchkey.recovery_code SET used_at = $3 WHERE identity_id = $1 AND verifier = $2 AND used_at IS NULL
			RETURNING verifier`,
	);
	const holders = postgres.prepare<{ identity_id: IdentityId }>(
		'holders',
		'SELECT identity_id FROM latchkey.authenticator UNION SELECT identity_id FROM latchkey.recovery_code',
	);

	/** The row of the identity is the lock: who changes its authenticators waits here for those before. */
	async function lock(run: Run, of: IdentityId): Promise<CredentialStamp | undefined> {
		const [row] = await run<{ credential_stamp: CredentialStamp }>(
			'SELECT credential_stamp FROM latchkey.identity WHERE id = $1 FOR UPDATE',
			[of],
		);
		return row?.credential_stamp;
	}

	/** What is there, while nobody else changes it. */
	async function locked(run: Run, of: IdentityId) {
		const stamp = await lock(run, of);
		const present = await run<Row>(`SELECT ${columns} FROM latchkey.authenticator WHERE identity_id = $1`, [of]);
		return { stamp, present: present.map(toAuthenticator) };
	}

	async function putStamp(run: Run, of: IdentityId, { to }: StampChange): Promise<void> {
		await run('UPDATE latchkey.identity SET credential_stamp = $2 WHERE id = $1', [of, to]);
		await identities.tell(run, of);
	}

	async function dropOthers(run: Run, id: AuthenticatorId, of: IdentityId): Promise<void> {
		await run('DELETE FROM latchkey.authenticator WHERE identity_id = $1 AND id <> $2', [of, id]);
		await run('DELETE FROM latchkey.recovery_code WHERE identity_id = $1', [of]);
	}

	/** What was changed is read anew, also where the answer was lost and nobody knows whether it happened. */
	async function changing<T>(of: IdentityId, work: (run: Run) => Promise<T>): Promise<T> {
		try {
			return await postgres.transaction(work);
		} finally {
			identities.forget(of);
		}
	}

	return {
		list: async (of) => (await ofIdentity(of)).map(toAuthenticator),
		async findByCredential(id) {
			const [row] = await byCredential(id);
			return row && (toAuthenticator(row) as WebAuthnAuthenticator);
		},
		insert: (authenticator, limit, change) =>
			changing(authenticator.identityId, async (run) => {
				const { identityId: of, kind } = authenticator;
				const { stamp, present } = await locked(run, of);
				if (stamp === undefined) return 'absent';
				const staying = present.filter((each) => each.kind !== kind || each.confirmedAt !== undefined);
				if (!change?.alone && staying.length >= limit) return 'full';
				if (change !== undefined && stamp !== change.from) return 'outdated';
				// Where another identity gets it at once, one waits here for the other.
				const put = await run(`${insert} ON CONFLICT (credential_id) DO NOTHING RETURNING id`, toValues(authenticator));
				if (put.length === 0) return 'taken';
				await run(
					`DELETE FROM latchkey.authenticator
						WHERE identity_id = $1 AND kind = $2 AND confirmed_at IS NULL AND id <> $3`,
					[of, kind, authenticator.id],
				);
				if (change?.alone) await dropOthers(run, authenticator.id, of);
				if (change !== undefined) await putStamp(run, of, change);
				return 'inserted';
			}),
		confirm: (id, of, { step, at }, change) =>
			changing(of, async (run) => {
				const { stamp, present } = await locked(run, of);
				const isPending = present.some((each) => each.id === id && each.kind === 'totp' && !each.confirmedAt);
				if (!isPending) return 'absent';
				if (stamp !== change.from) return 'outdated';
				await run(
					`UPDATE latchkey.authenticator SET confirmed_at = $2, last_used_at = $2, last_step = $3 WHERE id = $1`,
					[id, at, step],
				);
				if (change.alone) await dropOthers(run, id, of);
				await putStamp(run, of, change);
				return 'confirmed';
			}),
		rename: async (id, of, name) => (await rename(id, of, name)).length > 0,
		async remove(id, of, change) {
			if (change === undefined) return (await removePending(id, of)).length > 0 ? 'removed' : 'absent';
			return changing(of, async (run) => {
				const { stamp, present } = await locked(run, of);
				if (!present.some((each) => each.id === id)) return 'absent';
				if (stamp !== change.from) return 'outdated';
				await run('DELETE FROM latchkey.authenticator WHERE id = $1', [id]);
				await putStamp(run, of, change);
				return 'removed';
			});
		},
		clear: (of, change) =>
			changing(of, async (run) => {
				const { stamp, present } = await locked(run, of);
				if (stamp !== change.from) return 'outdated';
				await run('DELETE FROM latchkey.recovery_code WHERE identity_id = $1', [of]);
				await run('DELETE FROM latchkey.authenticator WHERE identity_id = $1', [of]);
				await putStamp(run, of, change);
				return present.length;
			}),

		beginAttempt: async (of, kind, at, limit) => (await countFailure(of, kind, limit, at)).map(toAuthenticator),
		async forgetFailures(of, limit) {
			await forgetFailures(of, limit);
		},
		takeStep: async (id, step, at) => (await takeStep(id, step, at)).length > 0,
		recordUse: async (id, { signCount, backedUp, at }) => (await recordUse(id, signCount, backedUp, at)).length > 0,
		disable: async (id, at) => (await disable(id, at)).length > 0,

		putRecoveryCodes: (of, batch, verifiers, seen) =>
			postgres.transaction(async (run) => {
				const { stamp, present } = await locked(run, of);
				if (stamp !== seen) return 'outdated';
				if (!present.some(({ confirmedAt }) => confirmedAt !== undefined)) return 'no-factor';
				await run('DELETE FROM latchkey.recovery_code WHERE identity_id = $1', [of]);
				for (const verifier of verifiers) await run(insertCode, [of, batch, verifier, null]);
				return 'kept';
			}),
		async recoveryCodes(of) {
			const codes = await codesOf(of);
			const [first] = codes;
			return first && { batch: first.batch, left: codes.filter(({ used_at }) => used_at === null).length };
		},
		async takeRecoveryCode(of, verifier, at) {
			if ((await takeCode(of, verifier, at)).length === 0) return undefined;
			return (await codesOf(of)).filter(({ used_at }) => used_at === null).length;
		},

		holders: async () => (await holders()).map(({ identity_id }) => identity_id),
		async read(of) {
			const [authenticators, codes] = [await ofIdentity(of), await codesOf(of)];
			return {
				authenticators: authenticators.map(toAuthenticator),
				recoveryCodes: codes.map(({ batch, verifier, used_at }) => ({
					...{ batch, verifier },
					...(used_at !== null && { usedAt: Number(used_at) as Instant }),
				})),
			};
		},
		write: (of, { authenticators, recoveryCodes }) =>
			postgres.transaction(async (run) => {
				if ((await lock(run, of)) === undefined) return false;
				await run('DELETE FROM latchkey.authenticator WHERE identity_id = $1', [of]);
				await run('DELETE FROM latchkey.recovery_code WHERE identity_id = $1', [of]);
				for (const each of authenticators) await run(insert, toValues({ ...each, identityId: of }));
				for (const { batch, verifier, usedAt } of recoveryCodes) {
					await run(insertCode, [of, batch, verifier, usedAt ?? null]);
				}
				return true;
			}),
		reseal: async (id, from, to) => (await reseal(id, from, to)).length > 0,
	};
}
