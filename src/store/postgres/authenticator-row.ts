import type {
	Authenticator,
	AuthenticatorId,
	AuthenticatorKind,
	CredentialId,
	SealedSecret,
	TotpStep,
} from '../../core/authenticator.ts';
import type { Instant } from '../../core/clock.ts';
import type { IdentityId } from '../../core/identity.ts';

export const columns = `id, identity_id, kind, name, created_at, confirmed_at, last_used_at, failures, disabled_at,
	sealed_secret, last_step,
	credential_id, public_key, sign_count, transports, aaguid, rp_id, uv, backup_eligible, backed_up`;

/** Bigints, which pg hands over as text. What a kind does not have is null. */
export interface Row {
	readonly id: AuthenticatorId;
	readonly identity_id: IdentityId;
	readonly kind: AuthenticatorKind;
	readonly name: string;
	readonly created_at: string;
	readonly confirmed_at: string | null;
	readonly last_used_at: string | null;
	readonly failures: number;
	readonly disabled_at: string | null;
	readonly sealed_secret: SealedSecret;
	readonly last_step: string;
	readonly credential_id: CredentialId;
	readonly public_key: string;
	readonly sign_count: string;
	readonly transports: string[];
	readonly aaguid: string;
	readonly rp_id: string;
	readonly uv: boolean;
	readonly backup_eligible: boolean;
	readonly backed_up: boolean;
}

const instant = (text: string) => Number(text) as Instant;

export function toAuthenticator(row: Row): Authenticator {
	const facts = {
		id: row.id,
		identityId: row.identity_id,
		name: row.name,
		createdAt: instant(row.created_at),
		...(row.confirmed_at !== null && { confirmedAt: instant(row.confirmed_at) }),
		...(row.last_used_at !== null && { lastUsedAt: instant(row.last_used_at) }),
		failures: row.failures,
		...(row.disabled_at !== null && { disabledAt: instant(row.disabled_at) }),
	};
	if (row.kind === 'totp') {
		return { kind: 'totp', ...facts, sealedSecret: row.sealed_secret, lastStep: Number(row.last_step) as TotpStep };
	}
	return {
		kind: 'webauthn',
		...facts,
		credentialId: row.credential_id,
		publicKey: row.public_key,
		signCount: Number(row.sign_count),
		transports: row.transports,
		aaguid: row.aaguid,
		rpId: row.rp_id,
		uv: row.uv,
		backupEligible: row.backup_eligible,
		backedUp: row.backed_up,
	};
}

export function toValues(authenticator: Authenticator): unknown[] {
	const { id, identityId, kind, name, createdAt, confirmedAt, lastUsedAt, failures, disabledAt } = authenticator;
	const facts = [
		...[id, identityId, kind, name, createdAt],
		...[confirmedAt ?? null, lastUsedAt ?? null, failures, disabledAt ?? null],
	];
	if (authenticator.kind === 'totp') {
		return [...facts, authenticator.sealedSecret, authenticator.lastStep, ...Array<null>(9).fill(null)];
	}
	const { credentialId, publicKey, signCount, transports, aaguid, rpId, uv, backupEligible, backedUp } = authenticator;
	return [
		...facts,
		null,
		null,
		credentialId,
		publicKey,
		signCount,
		transports,
		aaguid,
		rpId,
		uv,
		backupEligible,
		backedUp,
	];
}
