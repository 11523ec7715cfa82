import { hash, randomBytes } from 'node:crypto';
import type { Brand } from './brand.ts';
import type { Instant } from './clock.ts';
import type { IdentityId } from './identity.ts';
import type { SessionKey } from './session.ts';
import type { NonceDigest } from './ticket.ts';

/** What an authenticator signs: 256 random bits, base64url. Worth something once, for what it was made for alone. */
export type Challenge = Brand<string, 'Challenge'>;

/** SHA-256 of a Challenge, hex. What stores keep. */
export type CeremonyKey = Brand<string, 'CeremonyKey'>;

/**
 * What a challenge was made for. `register`: a new passkey. `login`: a passkey alone, or as the second factor of a locked session.
 * `proof`: who holds an open session.
 */
export type CeremonyPurpose = 'register' | 'login' | 'proof';

/** A challenge that waits for its answer. Source: W3C Web Authentication Level 3, 7.1 and 7.2. */
export interface Ceremony {
	readonly key: CeremonyKey;
	readonly purpose: CeremonyPurpose;
	/** The session that it was made for. One of `session` and `browser` stands in each. */
	readonly session?: SessionKey;
	/** The browser that it was made for, where that shows no session. */
	readonly browser?: NonceDigest;
	/** Whose session it is. */
	readonly identityId?: IdentityId;
	/** At exactly that moment it is still taken. */
	readonly expiresAt: Instant;
}

const challengeShape = /^[A-Za-z0-9_-]{43}$/;

export function newChallenge(): Challenge {
	return randomBytes(32).toString('base64url') as Challenge;
}

/** A text that can be a challenge of ours, or `undefined`: nothing else is looked up. */
export function parseChallenge(text: unknown): Challenge | undefined {
	return typeof text === 'string' && challengeShape.test(text) ? (text as Challenge) : undefined;
}

export function ceremonyKeyOf(challenge: Challenge): CeremonyKey {
	return hash('sha256', `ceremony:${challenge}`) as CeremonyKey;
}

/**
 * Where ceremonies are kept: with the sessions. Strangers may begin as many as they like, so `limit` bounds them all together.
 * Promises: `spec/store/ceremony-store.contract.ts`.
 */
export interface CeremonyStore {
	/** Keeps a ceremony, and of all no more than `limit`, the newest. Those whose time is over may be forgotten. Rejects if the key exists. */
	put(ceremony: Ceremony, now: Instant, limit: number): Promise<void>;
	/** Takes a ceremony away, expired or not. Of many calls at once, in many processes, one gets it. */
	take(key: CeremonyKey): Promise<Ceremony | undefined>;
}
