import { hash, randomBytes } from 'node:crypto';
import type { Brand } from './brand.ts';
import type { Instant } from './clock.ts';
import type { CredentialStamp, IdentityId } from './identity.ts';
import type { SessionKey } from './session.ts';

/**
 * `lkr_<family>.<secret>`, 256 random bits each: good for one pair of tokens. The first part stays the same in all refresh
 * tokens that came of one issue; by the second, one that was used is told from the one that is good. Never logged; never
 * stored as it is.
 */
export type RefreshTokenText = Brand<string, 'RefreshTokenText'>;

/** SHA-256 of the family's part, hex. */
export type FamilyKey = Brand<string, 'FamilyKey'>;

/** SHA-256 of the secret, hex. */
export type RefreshKey = Brand<string, 'RefreshKey'>;

/** All refresh tokens that came of one issue: what is kept of them is the one that is good. */
export interface TokenFamily {
	readonly key: FamilyKey;
	/** Of the refresh token that is good. Another one of this family was used before. */
	readonly current: RefreshKey;
	readonly identityId: IdentityId;
	/** `Identity.credentialStamp` at the issue. */
	readonly credentialStamp: CredentialStamp;
	/** The session that the issue was asked with: the family ends with it. Absent: a credential came along. */
	readonly session?: SessionKey;
	readonly startedAt: Instant;
	/** When the good one was issued. */
	readonly issuedAt: Instant;
	/** From this moment on the good one is not taken any more. */
	readonly expiresAt: Instant;
}

/**
 * Where families are kept, beside sessions. What resolves is kept, as with sessions. Promises:
 * `spec/store/refresh-token-store.contract.ts`.
 */
export interface RefreshTokenStore {
	/**
	 * Adds a family, and keeps of its identity's no more than `limit`: first go those that are over when this one is issued, then the
	 * oldest. Rejects if the key exists.
	 */
	insert(family: TokenFamily, limit: number): Promise<void>;
	find(key: FamilyKey): Promise<TokenFamily | undefined>;
	/**
	 * Puts `next` in the family's place where `used` is still the good one; on the disk before it resolves. Of many calls at
	 * once, in many processes, one gets `true`.
	 */
	replace(next: TokenFamily, used: RefreshKey): Promise<boolean>;
	/** Returns whether it was there. */
	delete(key: FamilyKey): Promise<boolean>;
	/** Of one identity. Returns how many there were. */
	deleteOf(id: IdentityId): Promise<number>;
	/** Forgets those whose refresh token is not taken any more. Housekeeping: no judgement waits for it. */
	sweep(now: Instant): Promise<number>;
}

const prefix = 'lkr_';
const shape = /^lkr_([A-Za-z0-9_-]{43})\.([A-Za-z0-9_-]{43})$/;

/** What shows a refresh token, whatever it is worth. */
export function looksLikeRefreshToken(text: string): boolean {
	return text.startsWith(prefix);
}

const draw = () => randomBytes(32).toString('base64url');
const familyKeyOf = (family: string) => hash('sha256', `family:${family}`) as FamilyKey;
const refreshKeyOf = (secret: string) => hash('sha256', `refresh:${secret}`) as RefreshKey;

/** A refresh token, and what is kept of it. */
export interface NewRefreshToken {
	readonly text: RefreshTokenText;
	readonly key: FamilyKey;
	readonly current: RefreshKey;
}

/** The first of a new family, or the next one of `family`, the part of the text that stays. */
export function newRefreshToken(family: string = draw()): NewRefreshToken {
	const secret = draw();
	return {
		text: `${prefix}${family}.${secret}` as RefreshTokenText,
		key: familyKeyOf(family),
		current: refreshKeyOf(secret),
	};
}

/** What a text names, or `undefined` where nobody can have been given it. No store is asked. */
export function parseRefreshToken(
	text: string,
): { readonly family: string; readonly key: FamilyKey; readonly current: RefreshKey } | undefined {
	const [, family, secret] = shape.exec(text) ?? [];
	if (family === undefined || secret === undefined) return undefined;
	return { family, key: familyKeyOf(family), current: refreshKeyOf(secret) };
}
