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
import type { Packed } from './row-codec.ts';
import { packStamp, packUuid, unpackStamp, unpackUuid } from './row-codec.ts';

export const columns = `id, name, password_verifier, password_change_needed, credential_stamp, permissions, disabled,
	created_at, is_service, expires_at, last_sign_in_at`;

export type Row = [
	id: Packed,
	name: IdentityName,
	passwordVerifier: PasswordVerifier | null,
	passwordChangeNeeded: number,
	credentialStamp: Packed,
	permissions: string,
	disabled: number,
	createdAt: Instant,
	isService: number,
	expiresAt: Instant | null,
	/** 0: never. */
	lastSignInAt: Instant,
];

export function toIdentity(row: Row): Identity {
	const [id, name, passwordVerifier, passwordChangeNeeded, credentialStamp, permissions, ...others] = row;
	const [disabled, createdAt, isService, expiresAt, lastSignInAt] = others;
	return {
		id: unpackUuid(id) as IdentityId,
		name,
		permissions: new Set<Permission>(JSON.parse(permissions)),
		...(passwordVerifier !== null && { passwordVerifier }),
		passwordChangeNeeded: passwordChangeNeeded === 1,
		credentialStamp: unpackStamp(credentialStamp) as CredentialStamp,
		disabled: disabled === 1,
		...(isService === 1 && { service: true }),
		...(expiresAt !== null && { expiresAt }),
		createdAt,
		...(lastSignInAt > 0 && { lastSignInAt }),
	};
}

/** In the order of `columns`, and the folded name behind. */
export function toValues(identity: Identity) {
	return [
		packUuid(identity.id),
		identity.name,
		identity.passwordVerifier ?? null,
		identity.passwordChangeNeeded ? 1 : 0,
		packStamp(identity.credentialStamp),
		toJson(identity.permissions),
		identity.disabled ? 1 : 0,
		identity.createdAt,
		identity.service ? 1 : 0,
		identity.expiresAt ?? null,
		identity.lastSignInAt ?? 0,
		foldName(identity.name),
	];
}

export function toJson(permissions: Iterable<Permission>): string {
	return JSON.stringify([...new Set(permissions)].sort());
}
