import type { Instant } from '../../core/clock.ts';
import type {
	CredentialStamp,
	Identity,
	IdentityId,
	IdentityName,
	PasswordVerifier,
	Permission,
} from '../../core/identity.ts';
import { foldName } from '../../core/identity.ts';

export const columns = `id, name, password_verifier, password_change_needed, credential_stamp, permissions, disabled, created_at,
	is_service, expires_at, last_sign_in_at`;

export interface Row {
	readonly id: IdentityId;
	readonly name: IdentityName;
	readonly password_verifier: PasswordVerifier | null;
	readonly password_change_needed: boolean;
	readonly credential_stamp: CredentialStamp;
	readonly permissions: Permission[];
	readonly disabled: boolean;
	/** A bigint, which pg hands over as text. */
	readonly created_at: string;
	readonly is_service: boolean;
	readonly expires_at: string | null;
	/** 0: never. */
	readonly last_sign_in_at: string;
}

export function toIdentity(row: Row): Identity {
	return {
		id: row.id,
		name: row.name,
		permissions: new Set(row.permissions),
		...(row.password_verifier !== null && { passwordVerifier: row.password_verifier }),
		passwordChangeNeeded: row.password_change_needed,
		credentialStamp: row.credential_stamp,
		disabled: row.disabled,
		...(row.is_service && { service: true }),
		...(row.expires_at !== null && { expiresAt: Number(row.expires_at) as Instant }),
		createdAt: Number(row.created_at) as Instant,
		...(row.last_sign_in_at !== '0' && { lastSignInAt: Number(row.last_sign_in_at) as Instant }),
	};
}

/** In the order of the columns of an insert. */
export function toValues(identity: Identity): unknown[] {
	return [
		identity.id,
		identity.name,
		foldName(identity.name),
		identity.passwordVerifier ?? null,
		identity.passwordChangeNeeded,
		identity.credentialStamp,
		[...identity.permissions].sort(),
		identity.disabled,
		identity.createdAt,
		identity.service ?? false,
		identity.expiresAt ?? null,
		identity.lastSignInAt ?? 0,
	];
}

const names = ['id', 'name', 'folded_name', 'password_verifier', 'password_change_needed', 'credential_stamp'].concat([
	'permissions',
	'disabled',
	'created_at',
	'is_service',
	'expires_at',
	'last_sign_in_at',
]);

/** By column, for `jsonb_to_recordset`. */
export function toRecord(identity: Identity) {
	return Object.fromEntries(toValues(identity).map((value, at) => [names[at], value]));
}
