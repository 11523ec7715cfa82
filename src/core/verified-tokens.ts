import { type AccessClaims, type SigningKey, verifyAccessToken } from './access-token.ts';

/** About 1 KB each. */
const limit = 10_000;

export interface VerifiedTokens {
	/** The claims; `undefined`: it counts for nothing, at no time. */
	verify(text: string, key: SigningKey): AccessClaims | undefined;
	/** Whether it was verified before. */
	has(text: string): boolean;
}

/**
 * Verifies access tokens, and each of them once: a signature costs more than all else of a check, and does not change. Times are
 * the caller's to judge.
 */
export function createVerifiedTokens(issuer: string): VerifiedTokens {
	/** In the order they came: the oldest has expired first, or soon. */
	const verified = new Map<string, AccessClaims>();

	return {
		has: (text) => verified.has(text),
		verify(text, key) {
			const known = verified.get(text);
			if (known !== undefined) return known;
			const claims = verifyAccessToken(text, issuer, key);
			if (claims === undefined) return undefined;
			verified.set(text, claims);
			const [oldest] = verified.size > limit ? verified.keys() : [];
			if (oldest !== undefined) verified.delete(oldest);
			return claims;
		},
	};
}
