import { validate } from 'uuid';
import type { Brand } from './brand.ts';
import type { Instant } from './clock.ts';
import type { IdentityId } from './identity.ts';

/** A UUID. Names an authenticator in lists, the audit and URLs; opens nothing. */
export type AuthenticatorId = Brand<string, 'AuthenticatorId'>;

/** A UUID, or `undefined`. */
export function parseAuthenticatorId(text: string): AuthenticatorId | undefined {
	return validate(text) ? (text as AuthenticatorId) : undefined;
}

/** The name that an authenticator gave to its credential: base64url. Unique among all. */
export type CredentialId = Brand<string, 'CredentialId'>;

/** A TOTP secret, sealed by `core/sealing.ts`. */
export type SealedSecret = Brand<string, 'SealedSecret'>;

/** The number of a time step: seconds since 1970, divided by 30. Source: RFC 6238, 4.2. */
export type TotpStep = Brand<number, 'TotpStep'>;

export type AuthenticatorKind = 'totp' | 'webauthn';

interface AuthenticatorFacts {
	readonly id: AuthenticatorId;
	readonly identityId: IdentityId;
	/** For people who read the list of their authenticators; 64 characters at the most. */
	readonly name: string;
	readonly createdAt: Instant;
	/** Absent: it was never shown to work, and is asked for nothing. */
	readonly confirmedAt?: Instant;
	readonly lastUsedAt?: Instant;
	/** Attempts that failed in a row. */
	readonly failures: number;
	/** From this moment on it proves nothing. */
	readonly disabledAt?: Instant;
}

/** An app that shows codes of the time. */
export interface TotpAuthenticator extends AuthenticatorFacts {
	readonly kind: 'totp';
	readonly sealedSecret: SealedSecret;
	/** The newest step whose code was taken: this one and those before are used up. */
	readonly lastStep: TotpStep;
}

/** A passkey or a security key. Source: W3C, Web Authentication Level 3. */
export interface WebAuthnAuthenticator extends AuthenticatorFacts {
	readonly kind: 'webauthn';
	readonly credentialId: CredentialId;
	/** COSE, base64url. */
	readonly publicKey: string;
	readonly signCount: number;
	/** As the browser named them. */
	readonly transports: readonly string[];
	/** The model, a UUID; zeros where it was not told. */
	readonly aaguid: string;
	/** The domain that it was registered for. */
	readonly rpId: string;
	/** The person was verified at registration. */
	readonly uv: boolean;
	readonly backupEligible: boolean;
	readonly backedUp: boolean;
}

export type Authenticator = TotpAuthenticator | WebAuthnAuthenticator;

/** A digest of one recovery code (`core/recovery-codes.ts`). */
export type RecoveryCodeVerifier = Brand<string, 'RecoveryCodeVerifier'>;

/** Names the codes that were made together, and salts their verifiers. */
export type RecoveryBatch = Brand<string, 'RecoveryBatch'>;

export interface RecoveryCode {
	readonly batch: RecoveryBatch;
	readonly verifier: RecoveryCodeVerifier;
	/** Absent: it was not used yet. */
	readonly usedAt?: Instant;
}

/** What an identity has besides its password. */
export interface KeptFactors {
	readonly authenticators: readonly Authenticator[];
	readonly recoveryCodes: readonly RecoveryCode[];
}

/** Attempts in a row that may fail before an authenticator is off. Source: NIST SP 800-63B-4, 3.2.2. */
export const mostFailures = 100;

/** Whether it may prove something. */
export function isUsable({ confirmedAt, disabledAt }: Authenticator): boolean {
	return confirmedAt !== undefined && disabledAt === undefined;
}

/** Of one identity, confirmed or not. */
export const mostAuthenticators = 20;
