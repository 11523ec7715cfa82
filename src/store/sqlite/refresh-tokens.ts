import type { Instant } from '../../core/clock.ts';
import type { CredentialStamp, IdentityId } from '../../core/identity.ts';
import type { FamilyKey, RefreshKey, RefreshTokenStore, TokenFamily } from '../../core/refresh-token.ts';
import type { SessionKey } from '../../core/session.ts';
import type { SqliteFile } from './connection.ts';
import type { Packed } from './row-codec.ts';
import { packKey, packStamp, packUuid, unpackKey, unpackStamp, unpackUuid } from './row-codec.ts';

const columns = 'key, current, identity, credential_stamp, session, started_at, issued_at, expires_at';

type Row = [
	key: Packed,
	current: Packed,
	identity: Packed,
	credentialStamp: Packed,
	session: Packed | null,
	startedAt: Instant,
	issuedAt: Instant,
	expiresAt: Instant,
];

export function createSqliteRefreshTokens(file: SqliteFile): RefreshTokenStore {
	const put = file.prepare(`INSERT INTO token_family (${columns}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`);
	const dropSurplus = file.prepare(
		`DELETE FROM token_family WHERE id IN
			(SELECT id FROM token_family WHERE identity = ? ORDER BY expires_at > ? DESC, id DESC LIMIT -1 OFFSET ?)`,
	);
	const byKey = file.prepare<Row>(`SELECT ${columns} FROM token_family WHERE key = ?`);
	const replace = file.prepare(
		'UPDATE token_family SET current = ?, issued_at = ?, expires_at = ? WHERE key = ? AND current = ?',
	);
	const remove = file.prepare('DELETE FROM token_family WHERE key = ?');
	const removeOf = file.prepare('DELETE FROM token_family WHERE identity = ?');
	const removeExpired = file.prepare('DELETE FROM token_family WHERE expires_at <= ?');

	return {
		async insert(family, limit) {
			file.write('written', () => {
				put.run(...toRow(family));
				dropSurplus.run(packUuid(family.identityId), family.issuedAt, limit);
			});
		},
		async find(key) {
			const row = file.read(() => byKey.get(packKey(key)));
			return row && toFamily(row);
		},
		async replace({ key, current, issuedAt, expiresAt }, used) {
			const values = [packKey(current), issuedAt, expiresAt, packKey(key), packKey(used)];
			return file.write('synced', () => replace.run(...values)) > 0;
		},
		delete: async (key) => file.write('synced', () => remove.run(packKey(key))) > 0,
		deleteOf: async (id) => file.write('synced', () => removeOf.run(packUuid(id))),
		sweep: async (now) => file.write('written', () => removeExpired.run(now)),
	};
}

function toRow(family: TokenFamily): Row {
	const { key, current, identityId, credentialStamp, session, startedAt, issuedAt, expiresAt } = family;
	const of = [packUuid(identityId), packStamp(credentialStamp), session ? packKey(session) : null] as const;
	return [packKey(key), packKey(current), ...of, startedAt, issuedAt, expiresAt];
}

function toFamily([key, current, identity, stamp, session, startedAt, issuedAt, expiresAt]: Row): TokenFamily {
	return {
		key: unpackKey(key) as FamilyKey,
		current: unpackKey(current) as RefreshKey,
		identityId: unpackUuid(identity) as IdentityId,
		credentialStamp: unpackStamp(stamp) as CredentialStamp,
		...(session !== null && { session: unpackKey(session) as SessionKey }),
		...{ startedAt, issuedAt, expiresAt },
	};
}
