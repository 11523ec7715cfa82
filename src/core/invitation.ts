import { hash } from 'node:crypto';
import type { Brand } from './brand.ts';
import type { Instant } from './clock.ts';
import { isSameStamp } from './credential-stamp.ts';
import type { CredentialStamp, Identity, IdentityId } from './identity.ts';
import { adminPermission, isActive, mayUse } from './identity.ts';
import { newBase32 } from './token.ts';

/** The secret of an invitation: 130 random bits, 26 letters and digits of base32. Never logged; never stored as it is. */
export type InvitationCode = Brand<string, 'InvitationCode'>;

/** SHA-256 of an InvitationCode, hex. */
export type InvitationKey = Brand<string, 'InvitationKey'>;

/**
 * What the person is invited to. `first-sign-in` and `new-password` differ in words alone: both set a password. `new-factor` sets none:
 * with the present password it leads to where another second factor is set up, in place of those that were lost.
 */
export type InvitationPurpose = 'first-sign-in' | 'new-password' | 'new-factor';

/** One code that is good for one identity, once. An identity has one invitation at the most. */
export interface Invitation {
	readonly key: InvitationKey;
	readonly identityId: IdentityId;
	readonly purpose: InvitationPurpose;
	/** `Identity.credentialStamp` when it was made: any change of credentials ends it. */
	readonly credentialStamp: CredentialStamp;
	readonly madeAt: Instant;
	readonly expiresAt: Instant;
	/** The administrator who made it. Absent: an operator did. */
	readonly madeBy?: IdentityId;
}

/** Where invitations are kept, beside identities. Promises: `spec/store/invitation-store.contract.ts`. */
export interface InvitationStore {
	/** Keeps one in place of the one that its identity has. */
	put(invitation: Invitation): Promise<void>;
	find(key: InvitationKey): Promise<Invitation | undefined>;
	/** Takes one away. Of many calls at once, in many processes, one gets it. */
	take(key: InvitationKey): Promise<Invitation | undefined>;
	/** Takes away the one of an identity. Returns whether there was one. */
	endOf(id: IdentityId): Promise<boolean>;
	/** All, in no order. */
	list(): Promise<readonly Invitation[]>;
	/** Forgets those whose time is over by `now`. */
	sweep(now: Instant): Promise<void>;
}

const hourMs = 3_600_000;
export const usualInvitationMs = 24 * hourMs;
/** Ours; source: OWASP ASVS 5.0, 6.4.1: an initial password or code is short-lived. */
export const longestInvitationMs = 7 * 24 * hourMs;

const length = 26;
const shape = /^[a-z2-7]{26}$/;

/** Source: NIST SP 800-63B-4, 4.1.2.1: at least 112 bits. */
export function newInvitationCode(): InvitationCode {
	return newBase32(length) as InvitationCode;
}

/** A text that can be a code, in capitals or not; or `undefined`: nothing else is hashed or looked up. */
export function parseInvitationCode(text: string): InvitationCode | undefined {
	const code = text.toLowerCase();
	return shape.test(code) ? (code as InvitationCode) : undefined;
}

export function invitationKeyOf(code: InvitationCode): InvitationKey {
	return hash('sha256', `invitation:${code}`) as InvitationKey;
}

/**
 * Whether an invitation opens nothing any more: its time is over, its identity is gone, disabled, of a service or has other
 * credentials, or who made it may not make it any more. The moment it was made counts where the clock was set back.
 */
export function isOver(
	{ madeAt, expiresAt, credentialStamp, madeBy }: Invitation,
	identity: Identity,
	maker: Identity | undefined,
	now: Instant,
): boolean {
	const mayInvite =
		madeBy === undefined || (maker !== undefined && isActive(maker, now) && mayUse(maker, adminPermission));
	const isSame = isActive(identity, now) && !identity.service && isSameStamp(credentialStamp, identity.credentialStamp);
	return Math.max(now, madeAt) >= expiresAt || !isSame || !mayInvite;
}
