import type { ApiToken, ApiTokenId, ApiTokenKey } from '../../core/api-token.ts';
import type { Instant } from '../../core/clock.ts';
import type { CredentialStamp, IdentityId, Permission } from '../../core/identity.ts';
import type { DialectName, SessionKey } from '../../core/session.ts';
import type { ApiTokenStore } from '../../core/stores.ts';
import { type CopyCounts, createCopies } from '../remote/cache.ts';
import type { PostgresConnection } from './connection.ts';
import { channel } from './follower.ts';

/** About 1 KB each. */
const mostCopies = 20_000;
/** A message about a token that has ended: this letter and its key. */
const letter = 't';

/** Bigints, which pg hands over as text. */
interface Row {
	readonly id: ApiTokenId;
	readonly key: ApiTokenKey;
	readonly identity_id: IdentityId;
	readonly name: string;
	readonly permissions: Permission[];
	readonly networks: string[] | null;
	readonly paths: string[] | null;
	readonly created_at: string;
	readonly created_by_session: SessionKey | null;
	readonly expires_at: string;
	readonly credential_stamp: CredentialStamp | null;
	readonly last_used_at: string | null;
	readonly last_address: string | null;
	readonly ended_at: string | null;
	readonly dialect: DialectName | null;
}

const instant = (text: string) => Number(text) as Instant;

function toToken(row: Row): ApiToken {
	return {
		id: row.id,
		key: row.key,
		identityId: row.identity_id,
		name: row.name,
		permissions: row.permissions,
		...(row.networks !== null && { networks: row.networks }),
		...(row.paths !== null && { paths: row.paths }),
		createdAt: instant(row.created_at),
		...(row.created_by_session !== null && { createdBySession: row.created_by_session }),
		expiresAt: instant(row.expires_at),
		...(row.credential_stamp !== null && { credentialStamp: row.credential_stamp }),
		...(row.last_used_at !== null && { lastUsedAt: instant(row.last_used_at) }),
		...(row.last_address !== null && { lastAddress: row.last_address }),
		...(row.ended_at !== null && { endedAt: instant(row.ended_at) }),
		...(row.dialect !== null && { dialect: row.dialect }),
	};
}

const columns = `id, key, identity_id, name, permissions, networks, paths, created_at, created_by_session, expires_at,
	credential_stamp, last_used_at, last_address, ended_at, dialect`;
const values = `$1::text, $2::text, $3::text, $4::text, $5::text[], $6::text[], $7::text[], $8::bigint, $9::text,
	$10::bigint, $11::text, $12::bigint, $13::text, $14::bigint, $15::text`;

export interface PostgresApiTokens extends ApiTokenStore {
	readonly copies: Readonly<CopyCounts>;
}

export function createPostgresApiTokens(postgres: PostgresConnection): PostgresApiTokens {
	const copies = createCopies<ApiTokenKey, ApiToken>(mostCopies, () => postgres.changes.isFollowed());
	postgres.changes.follow((message) => {
		if (message === undefined) copies.outdateAll();
		else if (message.startsWith(letter)) copies.outdate(message.slice(letter.length) as ApiTokenKey);
	});

	const select = (name: string, rest: string) =>
		postgres.prepare<Row>(name, `SELECT ${columns} FROM latchkey.api_token ${rest}`);
	const byKey = select('api token by key', 'WHERE key = $1');
	const living = select(
		'api tokens',
		'WHERE ended_at IS NULL AND ($1::text IS NULL OR identity_id = $1) ORDER BY created_at DESC, id',
	);
	// Of several at once, each may see room for the last one.
	const put = postgres.prepare(
		'insert api token',
		`INSERT INTO latchkey.api_token (${columns}) SELECT ${values} WHERE (
			SELECT count(*) FROM latchkey.api_token WHERE identity_id = $3 AND ended_at IS NULL AND expires_at > $8
		) < $16::bigint RETURNING id`,
	);
	/** Each node hears of an end when it is committed. */
	const end = (name: string, where: string) =>
		postgres.prepare<Row>(
			name,
			`WITH done AS (UPDATE latchkey.api_token SET ended_at = $1 WHERE ended_at IS NULL AND ${where} RETURNING ${columns})
			SELECT done.*, pg_notify('${channel}', '${letter}' || key) FROM done`,
		);
	const endOne = end('end api token', 'id = $2');
	const endOfIdentity = end('end api tokens', '($2::text IS NULL OR identity_id = $2)');
	const endExpired = end('end expired api tokens', 'coalesce(ended_at, expires_at) <= $2::bigint');
	const touch = postgres.prepare(
		'touch api tokens',
		`UPDATE latchkey.api_token AS token SET last_used_at = use.at, last_address = use.address
			FROM unnest($1::text[], $2::bigint[], $3::text[]) AS use (id, at, address)
			WHERE token.id = use.id AND (token.last_used_at IS NULL OR token.last_used_at < use.at)`,
	);
	const forget = postgres.prepare(
		'forget api tokens',
		'DELETE FROM latchkey.api_token WHERE coalesce(ended_at, expires_at) < $1::bigint AND ended_at IS NOT NULL',
	);

	/** Read anew afterwards. Where the answer was lost, nobody knows what ended: nothing is relied on any more. */
	async function ending(statement: Promise<Row[]>): Promise<readonly ApiToken[]> {
		try {
			const ended = (await statement).map(toToken);
			for (const { key } of ended) copies.outdate(key);
			return ended;
		} catch (fault) {
			copies.outdateAll();
			throw fault;
		}
	}

	return {
		copies: copies.counts,
		async insert(token, most) {
			const row = [
				token.id,
				token.key,
				token.identityId,
				token.name,
				token.permissions,
				token.networks ?? null,
				token.paths ?? null,
				token.createdAt,
				token.createdBySession ?? null,
				token.expiresAt,
				token.credentialStamp ?? null,
				token.lastUsedAt ?? null,
				token.lastAddress ?? null,
				token.endedAt ?? null,
				token.dialect ?? null,
			];
			return (await put(...row, most)).length > 0 ? 'inserted' : 'full';
		},
		async find(key) {
			const ask = async () => {
				const [row] = await byKey(key);
				return row && toToken(row);
			};
			return copies.get(key) ?? copies.read(key, ask);
		},
		list: async (of) => (await living(of ?? null)).map(toToken),
		end: async (id, at) => (await ending(endOne(at, id)))[0],
		endOf: (id, at) => ending(endOfIdentity(at, id ?? null)),
		async touch(uses) {
			const entries = [...uses].sort(([a], [b]) => (a < b ? -1 : 1));
			await touch(
				entries.map(([id]) => id),
				entries.map(([, { at }]) => at),
				entries.map(([, { address }]) => address),
			);
		},
		async sweep(now, endedBefore) {
			const expired = await ending(endExpired(now, now));
			await forget(endedBefore);
			return expired;
		},
	};
}
