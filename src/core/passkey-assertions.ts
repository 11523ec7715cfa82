import { hash } from 'node:crypto';
import type { Audit } from './audit.ts';
import type { CredentialId, WebAuthnAuthenticator } from './authenticator.ts';
import { isUsable } from './authenticator.ts';
import type { AuthenticatorStore } from './authenticator-store.ts';
import type { Answering, Ceremonies } from './ceremonies.ts';
import type { CeremonyPurpose } from './ceremony.ts';
import type { Clock } from './clock.ts';
import type { Proved } from './factor.ts';
import type { IdentityId, IdentityName } from './identity.ts';
import type { AuthenticatorSays, PasskeyVerifier, RelyingParty, ShownAssertion, Verified } from './passkey.ts';
import type { RequestContext } from './request.ts';
import { auditFieldsOf } from './request.ts';

/** What a person shows of a passkey, and where. */
export interface ShownPasskey {
	readonly credential: ShownAssertion;
	readonly relyingParty: RelyingParty;
}

/** What a passkey is shown for. */
export interface AssertionUse {
	readonly purpose: CeremonyPurpose;
	readonly answering: Answering;
	/** It stands alone: nothing else says who this is. */
	readonly isAlone: boolean;
	readonly request: RequestContext;
}

export interface Assertion {
	readonly authenticator: WebAuthnAuthenticator;
	readonly proved: Proved;
}

/**
 * What an authenticator knows its owner by: 64 bytes, base64url, of which nobody can tell who that is. It is the same for all passkeys
 * of an identity, so that a new one takes the place of an old one in the same authenticator. Source: Web Authentication Level 3, 14.6.1.
 */
export function userHandleOf(id: IdentityId): string {
	return hash('sha512', `latchkey user handle:${id}`, 'base64url');
}

export interface AssertionParts {
	readonly store: Pick<AuthenticatorStore, 'findByCredential' | 'recordUse' | 'disable'>;
	readonly ceremonies: Pick<Ceremonies, 'finish'>;
	readonly verifier: Pick<PasskeyVerifier, 'assertion'>;
	/** For the audit. */
	nameOf(id: IdentityId): Promise<IdentityName | undefined>;
	readonly clock: Clock;
	readonly audit: Audit;
}

/** Judges what a passkey says. The challenge is used up by it. */
export type JudgeAssertion = (shown: ShownPasskey, use: AssertionUse) => Promise<Verified<Assertion>>;

export function createJudgeAssertion(parts: AssertionParts): JudgeAssertion {
	const { store, ceremonies, verifier, nameOf, clock, audit } = parts;

	/** Two have the same key: which of them is the thief's nobody can tell, so neither proves anything from now on. */
	async function switchOff(
		{ id, identityId, signCount }: WebAuthnAuthenticator,
		says: AuthenticatorSays,
		use: AssertionUse,
	) {
		const isCounting = signCount > 0 || says.signCount > 0;
		if (!isCounting || says.signCount > signCount || !(await store.disable(id, clock.now()))) return;
		const identity = await nameOf(identityId);
		audit.write({
			...{ act: 'authenticator-cloned', outcome: 'refused', reason: 'passkey-cloned', authenticator: id },
			...(identity !== undefined && { identity }),
			...auditFieldsOf(use.request),
		});
	}

	return async ({ credential, relyingParty }, use) => {
		const refused = (flaw: Extract<Verified<never>, { ok: false }>['flaw']) => ({ ok: false, flaw }) as const;
		const challenge = await ceremonies.finish(use.purpose, credential, use.answering);
		if (challenge === undefined) return refused('passkey-challenge');
		const authenticator = await store.findByCredential(credential.id as CredentialId);
		if (authenticator === undefined) return refused('passkey-unknown');
		if (!isOwner(authenticator, credential, use)) return refused('passkey-owner');
		if (!isUsable(authenticator)) return refused('passkey-off');
		const { publicKey } = authenticator;
		const verified = await verifier.assertion(credential, { challenge, relyingParty, publicKey });
		if (!verified.ok) return verified;
		const says = verified.value;
		if (!isVerifiedFor(use, authenticator, says)) return refused('passkey-not-verified');
		// Rule: Web Authentication Level 3, 7.2, step 19: it never changes.
		if (says.backupEligible !== authenticator.backupEligible) return refused('passkey-invalid');
		const { signCount, backedUp } = says;
		if (!(await store.recordUse(authenticator.id, { signCount, backedUp, at: clock.now() }))) {
			const present = await store.findByCredential(authenticator.credentialId);
			if (present !== undefined) await switchOff(present, says, use);
			return refused('passkey-cloned');
		}
		return { ok: true, value: { authenticator, proved: provedByPasskey(says) } };
	};
}

/** A key that may be copied to other devices is one in software. Source: RFC 8176. */
export function provedByPasskey({ backupEligible }: Pick<AuthenticatorSays, 'backupEligible'>): Proved {
	return { methods: [backupEligible ? 'swk' : 'hwk', 'user'], level: 2 };
}

/** An authenticator that finds its passkey by itself says whose it is; one that was told its name need not. */
function isOwner(
	{ identityId }: WebAuthnAuthenticator,
	{ response }: ShownAssertion,
	{ answering, isAlone }: AssertionUse,
) {
	if ('session' in answering && answering.identityId !== identityId) return false;
	const userHandle = response.userHandle ?? undefined;
	return userHandle === undefined ? !isAlone : userHandle === userHandleOf(identityId);
}

/**
 * Alone it must have verified the person, now and when it was registered: a finder of a security key without a PIN could set one. To prove
 * once more, a passkey that can verify does so. Source: Web Authentication Level 3, 4, `uvInitialized`.
 */
function isVerifiedFor({ isAlone, purpose }: AssertionUse, { uv }: WebAuthnAuthenticator, says: AuthenticatorSays) {
	if (isAlone) return says.userVerified && uv;
	return says.userVerified || purpose === 'login' || !uv;
}
