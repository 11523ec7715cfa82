import type { Ceremony, CeremonyKey, CeremonyPurpose, CeremonyStore } from '../../core/ceremony.ts';
import type { Instant } from '../../core/clock.ts';
import type { IdentityId } from '../../core/identity.ts';
import type { SessionKey } from '../../core/session.ts';
import type { NonceDigest } from '../../core/ticket.ts';
import type { SqliteFile } from './connection.ts';
import { type Packed, packKey, packUuid, unpackKey, unpackUuid } from './row-codec.ts';

type Row = [
	key: Packed,
	purpose: CeremonyPurpose,
	session: Packed | null,
	browser: NonceDigest | null,
	identity: Packed | null,
	expiresAt: Instant,
];

const columns = 'key, purpose, session, browser, identity, expires_at';

export function createSqliteCeremonies(file: SqliteFile): CeremonyStore {
	const put = file.prepare<[id: number]>(`INSERT INTO ceremony (${columns}) VALUES (?, ?, ?, ?, ?, ?) RETURNING id`);
	const take = file.prepare<Row>(`DELETE FROM ceremony WHERE key = ? RETURNING ${columns}`);
	const dropStale = file.prepare('DELETE FROM ceremony WHERE expires_at < ?');
	// Numbers grow by one with each that comes: so many back, and there are no more than that.
	const dropOldest = file.prepare('DELETE FROM ceremony WHERE id <= ?');

	return {
		async put({ key, purpose, session, browser, identityId, expiresAt }, now, limit) {
			const whose = session === undefined ? null : packKey(session);
			const whom = identityId === undefined ? null : packUuid(identityId);
			file.write('written', () => {
				dropStale.run(now);
				const [id = 0] = put.get(packKey(key), purpose, whose, browser ?? null, whom, expiresAt) ?? [];
				dropOldest.run(id - limit);
			});
		},
		async take(key) {
			const [row] = file.write('written', () => take.all(packKey(key)));
			return row && toCeremony(row);
		},
	};
}

function toCeremony([key, purpose, session, browser, identity, expiresAt]: Row): Ceremony {
	return {
		key: unpackKey(key) as CeremonyKey,
		purpose,
		...(session !== null && { session: unpackKey(session) as SessionKey }),
		...(browser !== null && { browser }),
		...(identity !== null && { identityId: unpackUuid(identity) as IdentityId }),
		expiresAt,
	};
}
