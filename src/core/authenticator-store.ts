import type {
	Authenticator,
	AuthenticatorId,
	AuthenticatorKind,
	CredentialId,
	KeptFactors,
	RecoveryBatch,
	RecoveryCodeVerifier,
	TotpStep,
	WebAuthnAuthenticator,
} from './authenticator.ts';
import type { Instant } from './clock.ts';
import type { CredentialStamp, IdentityId } from './identity.ts';

/** The identity gets another stamp in the same step, where it still has `from`: then all its sessions are over. */
export interface StampChange {
	readonly from: CredentialStamp;
	readonly to: CredentialStamp;
}

/** `alone`: all other authenticators of the identity and its recovery codes go in the same step. */
export interface AddedFactor extends StampChange {
	readonly alone?: boolean;
}

/** `outdated`: the identity does not have that stamp any more, or is gone. */
export type Outdated = 'outdated';

/**
 * Where second factors are kept: beside identities, and gone with them, whatever removes those. Nothing is kept of an
 * identity that is not there. Promises: `spec/store/authenticator-store.contract.ts`.
 */
export interface AuthenticatorStore {
	/** Oldest first: also those that are not confirmed, or disabled. */
	list(of: IdentityId): Promise<readonly Authenticator[]>;
	findByCredential(id: CredentialId): Promise<WebAuthnAuthenticator | undefined>;
	/**
	 * Adds one. An unconfirmed one of the same kind goes. `full`: the identity has `limit`. `taken`: the credential is
	 * there already, of this identity or another one. Rejects if the id exists.
	 */
	insert(
		authenticator: Authenticator,
		limit: number,
		change?: AddedFactor,
	): Promise<'inserted' | 'full' | 'taken' | 'absent' | Outdated>;
	/** Confirms an unconfirmed TOTP authenticator of that identity with the step of its first code. */
	confirm(
		id: AuthenticatorId,
		of: IdentityId,
		first: { readonly step: TotpStep; readonly at: Instant },
		change: AddedFactor,
	): Promise<'confirmed' | 'absent' | Outdated>;
	/** Returns whether that identity has it. */
	rename(id: AuthenticatorId, of: IdentityId, name: string): Promise<boolean>;
	/** Without `change` an unconfirmed one alone. */
	remove(id: AuthenticatorId, of: IdentityId, change?: StampChange): Promise<'removed' | 'absent' | Outdated>;
	/** Takes all authenticators and recovery codes of an identity away. Returns how many authenticators. */
	clear(of: IdentityId, change: StampChange): Promise<number | Outdated>;

	/**
	 * Counts a failure of each usable authenticator of that kind, before something is tried: of many at once, no more than
	 * `limit` in a row are let through. Disables those that reach it. Returns those that may be tried now, as they are after it.
	 */
	beginAttempt(of: IdentityId, kind: AuthenticatorKind, at: Instant, limit: number): Promise<readonly Authenticator[]>;
	/** Forgets the failures of an identity: those that they have disabled, by `limit`, are usable again, and no others. */
	forgetFailures(of: IdentityId, limit: number): Promise<void>;
	/** Uses a step up, and those before. Of many calls at once, in many processes, one returns true. */
	takeStep(id: AuthenticatorId, step: TotpStep, at: Instant): Promise<boolean>;
	/** Notes a use. `false` where it is disabled or gone, or its counter did not grow, unless both are 0. */
	recordUse(
		id: AuthenticatorId,
		use: { readonly signCount: number; readonly backedUp: boolean; readonly at: Instant },
	): Promise<boolean>;
	/** Returns whether this call was the one that disabled it. */
	disable(id: AuthenticatorId, at: Instant): Promise<boolean>;

	/**
	 * Puts these in place of the codes that are there, where the identity still has that stamp; it keeps it. `no-factor`: it has no
	 * confirmed authenticator that they could stand in for.
	 */
	putRecoveryCodes(
		of: IdentityId,
		batch: RecoveryBatch,
		verifiers: readonly RecoveryCodeVerifier[],
		stamp: CredentialStamp,
	): Promise<'kept' | 'no-factor' | Outdated>;
	/** The codes that are there and how many are not used; `undefined`: there are none. */
	recoveryCodes(of: IdentityId): Promise<{ readonly batch: RecoveryBatch; readonly left: number } | undefined>;
	/** Uses one up. Of many calls at once, one gets how many are left. `undefined`: there is no such one, or it was used. */
	takeRecoveryCode(of: IdentityId, verifier: RecoveryCodeVerifier, at: Instant): Promise<number | undefined>;

	/** Those that have any of this. */
	holders(): Promise<readonly IdentityId[]>;
	/** Everything of an identity, to be carried elsewhere. */
	read(of: IdentityId): Promise<KeptFactors>;
	/** Puts that in place of what is there. Returns whether the identity is there. */
	write(of: IdentityId, factors: KeptFactors): Promise<boolean>;
	/** Replaces a sealed secret by the same one under another key. Returns whether it was still `from`. */
	reseal(id: AuthenticatorId, from: string, to: string): Promise<boolean>;
}
