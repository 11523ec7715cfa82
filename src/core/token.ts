import { hash, randomBytes, randomInt, timingSafeEqual } from 'node:crypto';
import { v4, v7 } from 'uuid';
import type { Brand } from './brand.ts';
import type { CredentialStamp, IdentityId } from './identity.ts';
import type { Channel, SessionKey, SessionNumber, SessionToken, XsrfToken } from './session.ts';
import type { BrowserNonce, NonceDigest, TicketKey, TicketToken } from './ticket.ts';

/** The secret that lets someone who is not on the machine do the first setup. Printed at start; useless afterwards. */
export type SetupToken = Brand<string, 'SetupToken'>;

const tokenShape = /^(?:h\.)?[A-Za-z0-9_-]{43}$/;
const ticketShape = /^[A-Za-z0-9_-]{43}$/;
const nonceShape = /^[A-Za-z0-9_-]{22}$/;
/** By it a check knows which of two stores to ask; to a Latchkey that knows no child sessions it is no token at all. */
const childPrefix = 'h.';

/** 256 random bits, base64url: 43 characters. */
export function newSessionToken(): SessionToken {
	return randomBytes(32).toString('base64url') as SessionToken;
}

/** `h.` and 256 random bits, base64url. */
export function newChildToken(): SessionToken {
	return (childPrefix + newSessionToken()) as SessionToken;
}

export function isChildToken(token: SessionToken): boolean {
	return token.startsWith(childPrefix);
}

/** A text that can be a session token, or `undefined`: nothing else is ever hashed or looked up. */
export function parseSessionToken(text: string): SessionToken | undefined {
	return tokenShape.test(text) ? (text as SessionToken) : undefined;
}

/**
 * The name a token's session is kept under: SHA-256, hex, of the channel and the token. A token shown on another
 * channel (another dialect's cookie, or plain http where it was issued on https; a child session's on another host) names no
 * session at all.
 */
export function keyOf(token: SessionToken, channel: Channel): SessionKey {
	const host = isChildToken(token) ? `@${channel.host ?? ''}` : '';
	return hash('sha256', `${channel.dialect}${channel.secure ? '+tls' : ''}${host}:${token}`) as SessionKey;
}

/** 256 random bits, base64url. */
export function newTicketToken(): TicketToken {
	return randomBytes(32).toString('base64url') as TicketToken;
}

export function parseTicketToken(text: string): TicketToken | undefined {
	return ticketShape.test(text) ? (text as TicketToken) : undefined;
}

export function ticketKeyOf(token: TicketToken): TicketKey {
	return hash('sha256', `ticket:${token}`) as TicketKey;
}

/** 128 random bits, base64url. */
export function newBrowserNonce(): BrowserNonce {
	return randomBytes(16).toString('base64url') as BrowserNonce;
}

export function parseBrowserNonce(text: string): BrowserNonce | undefined {
	return nonceShape.test(text) ? (text as BrowserNonce) : undefined;
}

export function nonceDigestOf(nonce: BrowserNonce): NonceDigest {
	return hash('sha256', nonce, 'base64url') as NonceDigest;
}

/** Fifteen digits, drawn and not counted: nobody learns how many there are, and one that has ended does not come back. */
export function newSessionNumber(): SessionNumber {
	return randomInt(100_000_000_000_000, 2 ** 48 - 1) as SessionNumber;
}

export function newXsrfToken(): XsrfToken {
	return v4() as XsrfToken;
}

export function newIdentityId(): IdentityId {
	return v7() as IdentityId;
}

export function newSetupToken(): SetupToken {
	return randomBytes(16).toString('base64url') as SetupToken;
}

/** 192 random bits; the first half is its root (`core/credential-stamp.ts`). */
export function newCredentialStamp(): CredentialStamp {
	return randomBytes(24).toString('base64url') as CredentialStamp;
}

/** As `stamp`, but of other credentials: the root stays, the rest is fresh. */
export function newStampOfSameRoot(stamp: CredentialStamp): CredentialStamp {
	return (stamp.slice(0, 16) + randomBytes(12).toString('base64url')) as CredentialStamp;
}

const base32 = 'abcdefghijklmnopqrstuvwxyz234567';

/** So many letters and digits that people can type, of five random bits each. Source: RFC 4648, 6, in small letters. */
export function newBase32(length: number): string {
	return Array.from(randomBytes(length), (byte) => base32[byte % base32.length]).join('');
}

/** Compares two secrets in a time that depends on neither's content (but on whether their lengths differ). */
export function isSameSecret(given: string, kept: string): boolean {
	const a = Buffer.from(given);
	const b = Buffer.from(kept);
	return a.length === b.length && timingSafeEqual(a, b);
}
