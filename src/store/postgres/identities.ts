import type { Identity, IdentityId } from '../../core/identity.ts';
import { foldName } from '../../core/identity.ts';
import { type IdentityStore, StoreUnavailable, type Taken } from '../../core/stores.ts';
import { newCredentialStamp, type SetupToken } from '../../core/token.ts';
import { type CopyCounts, createCopies } from '../remote/cache.ts';
import { createPostgresAuthenticators } from './authenticators.ts';
import { type PostgresConnection, sqlState } from './connection.ts';
import { channel } from './follower.ts';
import { readPage } from './identity-page.ts';
import { columns, type Row, toIdentity, toRecord, toValues } from './identity-row.ts';
import { createPostgresPermissions, type Rows as PermissionRows } from './permissions.ts';

/** About 1 KB each. */
const mostCopies = 20_000;
/** A message about an identity that changed: this letter and its id. */
const letter = 'i';
const uniqueViolation = '23505';

const inserted = `INSERT INTO latchkey.identity (id, name, folded_name, password_verifier, password_change_needed,
	credential_stamp, permissions, disabled, created_at, is_service, expires_at, last_sign_in_at)`;
const values = `$1::text, $2::text, $3::text, $4::text, $5::boolean, $6::text, $7::text[], $8::boolean, $9::bigint,
	$10::boolean, $11::bigint, $12::bigint`;
/** What every change ends with: each node hears of it when it is committed. */
const told = `SELECT pg_notify('${channel}', '${letter}' || id) FROM done`;

/**
 * Whether another enabled identity holds the permission of that parameter, or this one need not. Rows are locked in the
 * order of their ids: of two that would take each other's away at once, one waits, and then sees what is left.
 */
const mayBeTaken = (keep: string) => `(${keep}::text IS NULL OR NOT ${keep}::text = ANY (permissions)
	OR disabled OR is_service OR expires_at IS NOT NULL
	OR EXISTS (
		WITH locked AS MATERIALIZED (
			SELECT id FROM latchkey.identity AS holder
				WHERE holder.id = $1 OR NOT (holder.disabled OR holder.is_service) AND holder.expires_at IS NULL
					AND ${keep}::text = ANY (holder.permissions)
				ORDER BY holder.id FOR UPDATE
		)
		SELECT FROM locked WHERE id <> $1))`;

export interface PostgresIdentities extends IdentityStore {
	readonly copies: Readonly<CopyCounts>;
}

export function createPostgresIdentities(postgres: PostgresConnection): PostgresIdentities {
	const copies = createCopies<IdentityId, Identity>(mostCopies, () => postgres.changes.isFollowed());
	const release = postgres.hold();
	postgres.changes.follow((message) => {
		if (message === undefined) copies.outdateAll();
		else if (message.startsWith(letter)) copies.outdate(message.slice(letter.length) as IdentityId);
	});

	const select = (name: string, rest: string) =>
		postgres.prepare<Row>(name, `SELECT ${columns} FROM latchkey.identity ${rest}`);
	const byId = select('identity by id', 'WHERE id = $1');
	const byName = select('identity by name', 'WHERE name = $1');
	const all = select('identities', 'ORDER BY name');
	const expired = postgres.prepare<{ id: IdentityId }>(
		'expired identities',
		'SELECT id FROM latchkey.identity WHERE expires_at > $1 AND expires_at <= $2',
	);
	/** One statement is all or nothing; a row that somebody else changes meanwhile is judged as they leave it. */
	const alter = (name: string, statement: string) =>
		postgres.prepare(name, `WITH done AS (${statement} RETURNING id) ${told}`);
	const put = postgres.prepare(
		'insert identity',
		`WITH done AS (${inserted} VALUES (${values}) ON CONFLICT DO NOTHING RETURNING id),
		past AS (UPDATE latchkey.setup SET token = NULL, is_over = true WHERE NOT is_over AND EXISTS (SELECT FROM done))
		${told}`,
	);
	const putAll = postgres.prepare<{ id: IdentityId }>(
		'insert identities',
		`WITH given AS (SELECT * FROM jsonb_to_recordset($1::jsonb) AS each (id text, name text, folded_name text,
			password_verifier text, password_change_needed boolean, credential_stamp text, permissions jsonb,
			disabled boolean, created_at bigint, is_service boolean, expires_at bigint, last_sign_in_at bigint)),
		done AS (${inserted} SELECT id, name, folded_name, password_verifier, password_change_needed, credential_stamp,
			ARRAY(SELECT jsonb_array_elements_text(permissions)), disabled, created_at, is_service, expires_at,
			last_sign_in_at FROM given ON CONFLICT DO NOTHING RETURNING id),
		past AS (UPDATE latchkey.setup SET token = NULL, is_over = true WHERE NOT is_over AND EXISTS (SELECT FROM done))
		SELECT id, pg_notify('${channel}', '${letter}' || id) FROM done`,
	);
	const putFirst = postgres.prepare(
		'insert first identity',
		`WITH past AS (UPDATE latchkey.setup SET token = NULL, is_over = true WHERE NOT is_over RETURNING id),
		done AS (${inserted} SELECT ${values} FROM past RETURNING id) ${told}`,
	);
	const setup = postgres.prepare<{ is_over: boolean; token: SetupToken | null }>(
		'setup',
		'SELECT is_over, token FROM latchkey.setup',
	);
	/** Once it is, it stays so. */
	let isSetUp = false;
	const keepToken = postgres.prepare<{ token: SetupToken }>(
		'offer setup',
		'UPDATE latchkey.setup SET token = coalesce(token, $1) WHERE NOT is_over RETURNING token',
	);
	const putCredentials = alter(
		'change credentials',
		`UPDATE latchkey.identity SET
			name = coalesce($3, name), folded_name = coalesce($4, folded_name),
			password_verifier = coalesce($5, password_verifier), password_change_needed = $6, credential_stamp = $7
			WHERE id = $1 AND credential_stamp = $2`,
	);
	const putVerifier = alter(
		'replace verifier',
		'UPDATE latchkey.identity SET password_verifier = $3 WHERE id = $1 AND credential_stamp = $2',
	);
	const addPermissions = alter(
		'grant',
		`UPDATE latchkey.identity SET permissions = ARRAY(SELECT DISTINCT unnest(permissions || $2::text[]) ORDER BY 1)
			WHERE id = $1`,
	);
	const takePermissions = alter(
		'revoke',
		`UPDATE latchkey.identity SET permissions = ARRAY(SELECT unnest(permissions) EXCEPT SELECT unnest($2::text[]) ORDER BY 1)
			WHERE id = $1 AND ${mayBeTaken('$3')}`,
	);
	const putDisabled = alter(
		'disable',
		`UPDATE latchkey.identity SET disabled = $2,
			credential_stamp = CASE WHEN disabled = $2 THEN credential_stamp ELSE $4 END
			WHERE id = $1 AND ${mayBeTaken('$3')}`,
	);
	/** No node hears of it: what is kept in memory may be older. */
	const putSignIns = postgres.prepare(
		'touch identities',
		`UPDATE latchkey.identity AS identity SET last_sign_in_at = seen.at
			FROM unnest($1::text[], $2::bigint[]) AS seen (id, at)
			WHERE identity.id = seen.id AND identity.last_sign_in_at < seen.at`,
	);
	const remove = alter('remove identity', `DELETE FROM latchkey.identity WHERE id = $1 AND ${mayBeTaken('$2')}`);

	/** Read anew afterwards, also where the answer was lost and nobody knows whether it happened. */
	async function change(id: IdentityId, statement: Promise<unknown[]>): Promise<boolean> {
		try {
			return (await statement).length > 0;
		} finally {
			copies.outdate(id);
		}
	}

	/** Why nothing was done, where nothing was: it is asked afterwards. */
	async function take(id: IdentityId, statement: Promise<unknown[]>): Promise<Taken> {
		if (await change(id, statement)) return 'done';
		return (await byId(id)).length === 0 ? 'absent' : 'last';
	}

	const one = ([row]: readonly Row[]) => row && toIdentity(row);
	const isTaken = (fault: unknown) => !(fault instanceof StoreUnavailable) && sqlState(fault) === uniqueViolation;

	const tell: PermissionRows['tell'] = (run, id) => run('SELECT pg_notify($1, $2)', [channel, letter + id]);
	const permissions = createPostgresPermissions(postgres, {
		lock: async (run, condition, values) =>
			(
				await run<Row>(`SELECT ${columns} FROM latchkey.identity WHERE ${condition} ORDER BY id FOR UPDATE`, values)
			).map(toIdentity),
		tell,
		forget: copies.outdate,
	});

	return {
		copies: copies.counts,
		permissions,
		authenticators: createPostgresAuthenticators(postgres, { tell, forget: copies.outdate }),
		async find(id) {
			return copies.get(id) ?? copies.read(id, async () => one(await byId(id)));
		},
		findByName: async (name) => one(await byName(name)),
		expired: async (after, until) => (await expired(after, until)).map(({ id }) => id),
		list: async () => (await all()).map(toIdentity),
		page: (query) => readPage(postgres, query),
		async touch(signIns) {
			// In one order: of two nodes that write the same rows, one waits.
			const seen = [...signIns].sort(([a], [b]) => (a < b ? -1 : 1));
			await putSignIns(
				seen.map(([id]) => id),
				seen.map(([, at]) => at),
			);
		},
		insert: async (identity) => ((await put(...toValues(identity))).length > 0 ? 'inserted' : 'name-taken'),
		insertAll: async (identities) =>
			new Set((await putAll(JSON.stringify(identities.map(toRecord)))).map(({ id }) => id)),
		insertFirst: async (identity) =>
			(await putFirst(...toValues(identity))).length > 0 ? 'inserted' : 'already-set-up',
		async offerSetup(token) {
			if (isSetUp) return undefined;
			// Asked by everybody who opens the console: it writes once in the life of a database, and waits for no lock.
			const [state] = await setup();
			isSetUp = state?.is_over !== false;
			if (isSetUp || state?.token) return state?.token ?? undefined;
			return (await keepToken(token))[0]?.token;
		},
		async changeCredentials(id, from, { name, passwordVerifier, passwordChangeNeeded, credentialStamp }) {
			const folded = name === undefined ? null : foldName(name);
			const changes = [name ?? null, folded, passwordVerifier ?? null, passwordChangeNeeded, credentialStamp];
			try {
				return (await change(id, putCredentials(id, from, ...changes))) ? 'changed' : 'outdated';
			} catch (fault) {
				if (isTaken(fault)) return 'name-taken';
				throw fault;
			}
		},
		async replaceVerifier(id, from, verifier) {
			await change(id, putVerifier(id, from, verifier));
		},
		grant: (id, permissions) => change(id, addPermissions(id, permissions)),
		revoke: (id, permissions, keep) =>
			take(id, takePermissions(id, permissions, permissions.find((each) => each === keep) ?? null)),
		setDisabled: (id, disabled, keep) =>
			take(id, putDisabled(id, disabled, (disabled && keep) || null, newCredentialStamp())),
		remove: (id, keep) => take(id, remove(id, keep ?? null)),
		close: () => release(),
	};
}
