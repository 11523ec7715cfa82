import type { Instant } from '../../core/clock.ts';
import type { CredentialStamp, IdentityId } from '../../core/identity.ts';
import type { Invitation, InvitationKey, InvitationPurpose, InvitationStore } from '../../core/invitation.ts';
import type { PostgresConnection } from './connection.ts';

const columns = 'identity_id, key, purpose, credential_stamp, made_at, expires_at, made_by';

/** Bigints, which pg hands over as text. */
interface Row {
	readonly identity_id: IdentityId;
	readonly key: InvitationKey;
	readonly purpose: InvitationPurpose;
	readonly credential_stamp: CredentialStamp;
	readonly made_at: string;
	readonly expires_at: string;
	readonly made_by: IdentityId | null;
}

function toInvitation(row: Row): Invitation {
	return {
		key: row.key,
		identityId: row.identity_id,
		purpose: row.purpose,
		credentialStamp: row.credential_stamp,
		madeAt: Number(row.made_at) as Instant,
		expiresAt: Number(row.expires_at) as Instant,
		...(row.made_by !== null && { madeBy: row.made_by }),
	};
}

/** Nothing of it is kept in memory: each question reads, and the answer is the present one on every node. */
export function createPostgresInvitations(postgres: PostgresConnection): InvitationStore {
	const put = postgres.prepare(
		'put invitation',
		`INSERT INTO latchkey.invitation (${columns}) VALUES ($1, $2, $3, $4, $5, $6, $7)
			ON CONFLICT (identity_id) DO UPDATE SET key = excluded.key, purpose = excluded.purpose,
				credential_stamp = excluded.credential_stamp, made_at = excluded.made_at,
				expires_at = excluded.expires_at, made_by = excluded.made_by`,
	);
	const ask = (name: string, text: string) => postgres.prepare<Row>(name, text);
	const find = ask('find invitation', `SELECT ${columns} FROM latchkey.invitation WHERE key = $1`);
	const all = ask('invitations', `SELECT ${columns} FROM latchkey.invitation`);
	const take = ask('take invitation', `DELETE FROM latchkey.invitation WHERE key = $1 RETURNING ${columns}`);
	const endOf = ask('end invitation', `DELETE FROM latchkey.invitation WHERE identity_id = $1 RETURNING ${columns}`);
	const sweep = postgres.prepare('sweep invitations', 'DELETE FROM latchkey.invitation WHERE expires_at <= $1::bigint');

	return {
		async put({ identityId, key, purpose, credentialStamp, madeAt, expiresAt, madeBy }) {
			await put(identityId, key, purpose, credentialStamp, madeAt, expiresAt, madeBy ?? null);
		},
		async find(key) {
			const [row] = await find(key);
			return row && toInvitation(row);
		},
		async take(key) {
			const [row] = await take(key);
			return row && toInvitation(row);
		},
		endOf: async (id) => (await endOf(id)).length > 0,
		list: async () => (await all()).map(toInvitation),
		async sweep(now) {
			await sweep(now);
		},
	};
}
