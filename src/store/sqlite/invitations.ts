import type { Instant } from '../../core/clock.ts';
import type { CredentialStamp, IdentityId } from '../../core/identity.ts';
import type { Invitation, InvitationKey, InvitationPurpose, InvitationStore } from '../../core/invitation.ts';
import type { SqliteFile } from './connection.ts';
import type { Packed } from './row-codec.ts';
import { packKey, packStamp, packUuid, unpackKey, unpackStamp, unpackUuid } from './row-codec.ts';

const columns = 'identity, key, purpose, credential_stamp, made_at, expires_at, made_by';

type Row = [
	identity: Packed,
	key: Packed,
	purpose: InvitationPurpose,
	credentialStamp: Packed,
	madeAt: Instant,
	expiresAt: Instant,
	madeBy: Packed | null,
];

function toInvitation([identity, key, purpose, stamp, madeAt, expiresAt, madeBy]: Row): Invitation {
	return {
		key: unpackKey(key) as InvitationKey,
		identityId: unpackUuid(identity) as IdentityId,
		purpose,
		credentialStamp: unpackStamp(stamp) as CredentialStamp,
		madeAt,
		expiresAt,
		...(madeBy !== null && { madeBy: unpackUuid(madeBy) as IdentityId }),
	};
}

export function createSqliteInvitations(file: SqliteFile): InvitationStore {
	const put = file.prepare(
		`INSERT INTO invitation (${columns}) VALUES (?, ?, ?, ?, ?, ?, ?)
			ON CONFLICT (identity) DO UPDATE SET key = excluded.key, purpose = excluded.purpose,
				credential_stamp = excluded.credential_stamp, made_at = excluded.made_at,
				expires_at = excluded.expires_at, made_by = excluded.made_by`,
	);
	const byKey = file.prepare<Row>(`SELECT ${columns} FROM invitation WHERE key = ?`);
	const all = file.prepare<Row>(`SELECT ${columns} FROM invitation`);
	const take = file.prepare<Row>(`DELETE FROM invitation WHERE key = ? RETURNING ${columns}`);
	const endOf = file.prepare<Row>(`DELETE FROM invitation WHERE identity = ? RETURNING ${columns}`);
	const sweep = file.prepare('DELETE FROM invitation WHERE expires_at <= ?');

	return {
		async put({ identityId, key, purpose, credentialStamp, madeAt, expiresAt, madeBy }) {
			const by = madeBy === undefined ? null : packUuid(madeBy);
			const stamp = packStamp(credentialStamp);
			file.write('synced', () => put.run(packUuid(identityId), packKey(key), purpose, stamp, madeAt, expiresAt, by));
		},
		async find(key) {
			const row = file.read(() => byKey.get(packKey(key)));
			return row && toInvitation(row);
		},
		async take(key) {
			const [row] = file.write('synced', () => take.all(packKey(key)));
			return row && toInvitation(row);
		},
		endOf: async (id) => file.write('synced', () => endOf.all(packUuid(id))).length > 0,
		list: async () => file.read(() => all.all()).map(toInvitation),
		async sweep(now) {
			file.write('written', () => sweep.run(now));
		},
	};
}
