import type { ApiToken, ApiTokenId, ApiTokenKey } from '../../core/api-token.ts';
import type { Instant } from '../../core/clock.ts';
import type { CredentialStamp, IdentityId } from '../../core/identity.ts';
import type { DialectName, SessionKey } from '../../core/session.ts';
import type { ApiTokenStore } from '../../core/stores.ts';
import type { SqliteFile } from './connection.ts';
import { createRecent } from './recent.ts';
import type { Packed } from './row-codec.ts';
import { packKey, packStamp, packUuid, unpackKey, unpackStamp, unpackUuid } from './row-codec.ts';

/** Kept in memory besides: about 1 KB each. */
const mostRecent = 20_000;

const columns = `id, key, identity, name, permissions, networks, paths, created_at, created_by_session, expires_at,
	credential_stamp, last_used_at, last_address, ended_at, dialect`;

type Row = [
	id: ApiTokenId,
	key: Packed,
	identity: Packed,
	name: string,
	permissions: string,
	networks: string | null,
	paths: string | null,
	createdAt: Instant,
	createdBySession: Packed | null,
	expiresAt: Instant,
	credentialStamp: Packed | null,
	lastUsedAt: Instant | null,
	lastAddress: string | null,
	endedAt: Instant | null,
	dialect: DialectName | null,
];

function toToken(row: Row): ApiToken {
	const [id, key, identity, name, permissions, networks, paths, createdAt, session, expiresAt, ...others] = row;
	const [stamp, lastUsedAt, lastAddress, endedAt, dialect] = others;
	return {
		id,
		key: unpackKey(key) as ApiTokenKey,
		identityId: unpackUuid(identity) as IdentityId,
		name,
		permissions: JSON.parse(permissions),
		...(networks !== null && { networks: JSON.parse(networks) }),
		...(paths !== null && { paths: JSON.parse(paths) }),
		createdAt,
		...(session !== null && { createdBySession: unpackKey(session) as SessionKey }),
		expiresAt,
		...(stamp !== null && { credentialStamp: unpackStamp(stamp) as CredentialStamp }),
		...(lastUsedAt !== null && { lastUsedAt }),
		...(lastAddress !== null && { lastAddress }),
		...(endedAt !== null && { endedAt }),
		...(dialect !== null && { dialect }),
	};
}

const toJson = (texts: readonly string[] | undefined) => (texts === undefined ? null : JSON.stringify(texts));

export function createSqliteApiTokens(file: SqliteFile): ApiTokenStore {
	const recent = createRecent<ApiTokenKey, ApiToken>(mostRecent, () => file.version());

	const byKey = file.prepare<Row>(`SELECT ${columns} FROM api_token WHERE key = ?`);
	const living = file.prepare<[number]>(
		'SELECT count(*) FROM api_token WHERE identity = ? AND ended_at IS NULL AND expires_at > ?',
	);
	const put = file.prepare(`INSERT INTO api_token (${columns}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`);
	const newestFirst = 'ORDER BY created_at DESC, rowid DESC';
	const all = file.prepare<Row>(`SELECT ${columns} FROM api_token WHERE ended_at IS NULL ${newestFirst}`);
	const ofIdentity = file.prepare<Row>(
		`SELECT ${columns} FROM api_token WHERE identity = ? AND ended_at IS NULL ${newestFirst}`,
	);
	const end = (where: string) =>
		file.prepare<Row>(`UPDATE api_token SET ended_at = ? WHERE ended_at IS NULL ${where} RETURNING ${columns}`);
	const endOne = end('AND id = ?');
	const endAll = end('');
	const endOfIdentity = end('AND identity = ?');
	const endExpired = end('AND coalesce(ended_at, expires_at) <= ?');
	const touch = file.prepare(
		'UPDATE api_token SET last_used_at = ?1, last_address = ?2 WHERE id = ?3 AND (last_used_at IS NULL OR last_used_at < ?1)',
	);
	const forget = file.prepare(
		'DELETE FROM api_token WHERE coalesce(ended_at, expires_at) < ? AND ended_at IS NOT NULL',
	);

	/** On the disk before it is told, and read anew afterwards. */
	function ending(work: () => Row[]): readonly ApiToken[] {
		const ended = file.write('synced', work).map(toToken);
		for (const { key } of ended) recent.delete(key);
		return ended;
	}

	return {
		insert: async (token, most) =>
			file.write('synced', () => {
				const identity = packUuid(token.identityId);
				if ((living.get(identity, token.createdAt)?.[0] ?? 0) >= most) return 'full';
				put.run(
					token.id,
					packKey(token.key),
					identity,
					token.name,
					JSON.stringify(token.permissions),
					toJson(token.networks),
					toJson(token.paths),
					token.createdAt,
					token.createdBySession === undefined ? null : packKey(token.createdBySession),
					token.expiresAt,
					token.credentialStamp === undefined ? null : packStamp(token.credentialStamp),
					token.lastUsedAt ?? null,
					token.lastAddress ?? null,
					token.endedAt ?? null,
					token.dialect ?? null,
				);
				return 'inserted';
			}),
		async find(key) {
			const kept = recent.get(key);
			if (kept !== undefined) return kept;
			const row = file.read(() => byKey.get(packKey(key)));
			const token = row && toToken(row);
			if (token !== undefined) recent.set(key, token);
			return token;
		},
		list: async (of) => file.read(() => (of === undefined ? all.all() : ofIdentity.all(packUuid(of)))).map(toToken),
		end: async (id, at) => ending(() => endOne.all(at, id))[0],
		endOf: async (id, at) => ending(() => (id === undefined ? endAll.all(at) : endOfIdentity.all(at, packUuid(id)))),
		async touch(uses) {
			file.write('written', () => {
				for (const [id, { at, address }] of uses) touch.run(at, address, id);
			});
		},
		async sweep(now, endedBefore) {
			const expired = ending(() => endExpired.all(now, now));
			file.write('written', () => forget.run(endedBefore));
			return expired;
		},
	};
}
