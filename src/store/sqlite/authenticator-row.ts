import type { SQLInputValue } from 'node:sqlite';
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
import { type Packed, packUuid, unpackUuid } from './row-codec.ts';

export const columns = `id, identity, kind, name, created_at, confirmed_at, last_used_at, failures, disabled_at,
	sealed_secret, last_step,
	credential_id, public_key, sign_count, transports, aaguid, rp_id, uv, backup_eligible, backed_up`;

/** What a kind does not have is null. */
export type Row = [
	id: Packed,
	identity: Packed,
	kind: AuthenticatorKind,
	name: string,
	createdAt: Instant,
	confirmedAt: Instant | null,
	lastUsedAt: Instant | null,
	failures: number,
	disabledAt: Instant | null,
	sealedSecret: SealedSecret,
	lastStep: TotpStep,
	credentialId: CredentialId,
	publicKey: string,
	signCount: number,
	transports: string,
	aaguid: string,
	rpId: string,
	uv: number,
	backupEligible: number,
	backedUp: number,
];

export function toAuthenticator(row: Row): Authenticator {
	const [id, identity, kind, name, createdAt, confirmedAt, lastUsedAt, failures, disabledAt, ...others] = row;
	const [sealedSecret, lastStep, credentialId, publicKey, signCount, transports, ...rest] = others;
	const [aaguid, rpId, uv, backupEligible, backedUp] = rest;
	const facts = {
		id: unpackUuid(id) as AuthenticatorId,
		identityId: unpackUuid(identity) as IdentityId,
		name,
		createdAt,
		...(confirmedAt !== null && { confirmedAt }),
		...(lastUsedAt !== null && { lastUsedAt }),
		failures,
		...(disabledAt !== null && { disabledAt }),
	};
	if (kind === 'totp') return { kind, ...facts, sealedSecret, lastStep };
	return {
		kind,
		...facts,
		...{ credentialId, publicKey, signCount, aaguid, rpId },
		transports: JSON.parse(transports),
		uv: uv === 1,
		backupEligible: backupEligible === 1,
		backedUp: backedUp === 1,
	};
}

export function toRow(authenticator: Authenticator): SQLInputValue[] {
	const { id, identityId, kind, name, createdAt, confirmedAt, lastUsedAt, failures, disabledAt } = authenticator;
	const facts = [
		...[packUuid(id), packUuid(identityId), kind, name, createdAt],
		...[confirmedAt ?? null, lastUsedAt ?? null, failures, disabledAt ?? null],
	];
	if (authenticator.kind === 'totp') {
		return [...facts, authenticator.sealedSecret, authenticator.lastStep, ...Array<null>(9).fill(null)];
	}
	const { credentialId, publicKey, signCount, transports, aaguid, rpId, uv, backupEligible, backedUp } = authenticator;
	return [
		...facts,
		...[null, null, credentialId, publicKey, signCount, JSON.stringify(transports), aaguid, rpId],
		...[uv, backupEligible, backedUp].map(Number),
	];
}
