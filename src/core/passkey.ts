import type { Challenge } from './ceremony.ts';
import { parseChallenge } from './ceremony.ts';

/*
 * What is said between a browser with an authenticator and us, and what must be checked of it. Source: W3C Web Authentication
 * Level 3, of which the words of this file are.
 */

/** Where passkeys are made for, and used. */
export interface RelyingParty {
	/** A domain: a passkey answers to pages below it. */
	readonly id: string;
	/** The pages that may ask, as browsers write them: compared letter for letter. */
	readonly origins: readonly string[];
	/** What authenticators may call it. Absent: `id`. */
	readonly name?: string | undefined;
}

/** RegistrationResponseJSON, in its form only. All texts are base64url. */
export interface ShownRegistration {
	readonly id: string;
	readonly rawId: string;
	readonly type: 'public-key';
	readonly response: {
		readonly clientDataJSON: string;
		readonly attestationObject: string;
		readonly transports?: readonly string[] | undefined;
	};
}

/** AuthenticationResponseJSON, in its form only. All texts are base64url. */
export interface ShownAssertion {
	readonly id: string;
	readonly rawId: string;
	readonly type: 'public-key';
	readonly response: {
		readonly clientDataJSON: string;
		readonly authenticatorData: string;
		readonly signature: string;
		readonly userHandle?: string | null | undefined;
	};
}

/**
 * What is wrong with what a passkey showed. For the audit: a client learns only that it is refused. `challenge`: unknown, used,
 * expired, or made for another purpose, session or browser. `owner`: of another identity. `not-verified`: the person was not, where
 * the passkey stands alone. `off`: it was switched off. `model`: not one of the allowed. `cloned`: its counter did not grow.
 */
export type PasskeyFlaw = `passkey-${
	| 'challenge'
	| 'origin'
	| 'unknown'
	| 'owner'
	| 'not-verified'
	| 'off'
	| 'model'
	| 'cloned'
	| 'invalid'}`;

export type Verified<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly flaw: PasskeyFlaw };

/** What an authenticator has said and signed, once that was verified. */
export interface AuthenticatorSays {
	/** It has verified the person: a PIN, a finger. */
	readonly userVerified: boolean;
	readonly signCount: number;
	readonly backupEligible: boolean;
	readonly backedUp: boolean;
}

export interface NewPasskey extends AuthenticatorSays {
	/** Base64url. */
	readonly credentialId: string;
	/** COSE, base64url. */
	readonly publicKey: string;
	/** A UUID, as the authenticator has it: nobody vouches for it. */
	readonly aaguid: string;
}

interface Expected {
	readonly challenge: Challenge;
	readonly relyingParty: RelyingParty;
}

/**
 * The steps of verification that need no store: type, challenge, origin, RP ID, presence of the person, signature. What cannot be
 * read is a flaw, too, and never a fault.
 */
export interface PasskeyVerifier {
	registration(shown: ShownRegistration, expected: Expected): Promise<Verified<NewPasskey>>;
	/** `publicKey`: COSE, base64url. */
	assertion(
		shown: ShownAssertion,
		expected: Expected & { readonly publicKey: string },
	): Promise<Verified<AuthenticatorSays>>;
	/** Before somebody waits for the first of them. */
	prepare(): void;
}

/** The challenge that was signed; `undefined` where it can be none of ours. */
export function challengeIn({ response }: ShownRegistration | ShownAssertion): Challenge | undefined {
	try {
		const text = Buffer.from(response.clientDataJSON, 'base64url').toString('utf8');
		return parseChallenge((JSON.parse(text) as { challenge?: unknown } | null)?.challenge);
	} catch {
		return undefined;
	}
}

/** A credential, as options name it. */
export interface CredentialDescriptor {
	readonly type: 'public-key';
	readonly id: string;
	readonly transports?: readonly string[];
}

/** EdDSA, ES256, RS256. Source: IANA, COSE Algorithms. */
export const algorithms = [-8, -7, -257];

/** PublicKeyCredentialCreationOptionsJSON. No attestation is asked for: none would be believed. */
export function creationOptions(
	{ id, name = id }: RelyingParty,
	challenge: Challenge,
	timeout: number,
	user: { readonly id: string; readonly name: string },
	excludeCredentials: readonly CredentialDescriptor[],
) {
	return {
		rp: { id, name },
		user: { ...user, displayName: user.name },
		challenge,
		pubKeyCredParams: algorithms.map((alg) => ({ type: 'public-key', alg })),
		timeout,
		excludeCredentials,
		authenticatorSelection: { residentKey: 'preferred', requireResidentKey: false, userVerification: 'preferred' },
		attestation: 'none',
		extensions: { credProps: true },
	};
}

/** PublicKeyCredentialRequestOptionsJSON. `allowCredentials` absent: whichever the person chooses, which must verify them. */
export function requestOptions(
	{ id: rpId }: RelyingParty,
	challenge: Challenge,
	timeout: number,
	allowCredentials?: readonly CredentialDescriptor[],
) {
	return {
		challenge,
		rpId,
		timeout,
		userVerification: allowCredentials ? 'preferred' : 'required',
		...(allowCredentials && { allowCredentials }),
	};
}
