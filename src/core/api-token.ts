import { hash, randomBytes } from 'node:crypto';
import { crc32 } from 'node:zlib';
import type { Brand } from './brand.ts';
import type { Instant } from './clock.ts';
import { isSameStamp } from './credential-stamp.ts';
import type { CredentialStamp, Identity, IdentityId, Permission } from './identity.ts';
import { isActive, mayUse } from './identity.ts';
import { holdsForAddress, type Network, numberOf, parseNetwork } from './networks.ts';
import type { DialectName, SessionKey } from './session.ts';

/** `lk_<id>_<secret><checksum>`, or a protocol's key (`dialect-key.ts`): what a machine shows. Never logged; never stored as it is. */
export type ApiTokenText = Brand<string, 'ApiTokenText'>;

/** Twelve characters of base32, drawn. Names a token in lists, logs and on the command line; opens nothing. */
export type ApiTokenId = Brand<string, 'ApiTokenId'>;

/** SHA-256 of the secret, hex. What stores keep. 256 random bits need no slow hash. Source: OWASP ASVS 5.0, 11.4.2. */
export type ApiTokenKey = Brand<string, 'ApiTokenKey'>;

/** A token as it is kept. Always bound to an identity; what it opens is judged at each use, by `judgeApiToken`. */
export interface ApiToken {
	readonly id: ApiTokenId;
	readonly key: ApiTokenKey;
	readonly identityId: IdentityId;
	/** For people who read the list of their tokens. */
	readonly name: string;
	/** Of these the token opens those that its identity holds at the moment of use. In alphabetical order. */
	readonly permissions: readonly Permission[];
	/** CIDRs and addresses that it is taken from. Absent: from everywhere. */
	readonly networks?: readonly string[];
	/** Canonical paths of resources that it opens, with all below them. Absent: all. */
	readonly paths?: readonly string[];
	readonly createdAt: Instant;
	/** Absent: an operator made it. */
	readonly createdBySession?: SessionKey;
	/** From this moment on it opens nothing. */
	readonly expiresAt: Instant;
	/** Of its identity when the token was made: another one ends the token. Absent: a change of credentials does not. */
	readonly credentialStamp?: CredentialStamp;
	/** To the minute. */
	readonly lastUsedAt?: Instant;
	readonly lastAddress?: string;
	readonly endedAt?: Instant;
	/** The protocol whose key it is: shown in its way, and in no other. Absent: an `lk_` token. */
	readonly dialect?: DialectName;
}

const shape = /^lk_([a-z2-7]{12})_([A-Za-z0-9_-]{43})([0-9A-Za-z]{6})$/;
const base32 = 'abcdefghijklmnopqrstuvwxyz234567';
const base62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const checksumLength = 6;

/** What a credential of ours begins with: other programs' bearer tokens are none of our business. */
export const apiTokenPrefix = 'lk_';

export function newApiTokenId(): ApiTokenId {
	return Array.from(randomBytes(12), (byte) => base32[byte % base32.length]).join('') as ApiTokenId;
}

/** A fresh token: 60 random bits name it, 256 open it. */
export function newApiToken(): { readonly text: ApiTokenText; readonly id: ApiTokenId; readonly key: ApiTokenKey } {
	const id = newApiTokenId();
	const secret = randomBytes(32).toString('base64url');
	const checked = `${apiTokenPrefix}${id}_${secret}`;
	return { text: (checked + checksumOf(checked)) as ApiTokenText, id, key: keyOfSecret(secret) };
}

/** What a text names and opens, or `undefined` where it is no token: mistyped, cut off, or somebody else's. No store is asked. */
export function parseApiToken(text: string): { readonly id: ApiTokenId; readonly key: ApiTokenKey } | undefined {
	const [, id, secret, checksum] = shape.exec(text) ?? [];
	if (id === undefined || secret === undefined) return undefined;
	if (checksum !== checksumOf(text.slice(0, -checksumLength))) return undefined;
	return { id: id as ApiTokenId, key: keyOfSecret(secret) };
}

export function parseApiTokenId(text: string): ApiTokenId | undefined {
	return /^[a-z2-7]{12}$/.test(text) ? (text as ApiTokenId) : undefined;
}

function keyOfSecret(secret: string): ApiTokenKey {
	return hash('sha256', `token:${secret}`) as ApiTokenKey;
}

/** CRC-32 in base62, as secret scanners look for it. It protects from typing errors, and from nothing else. */
function checksumOf(text: string): string {
	let rest = crc32(text);
	let digits = '';
	for (let at = 0; at < checksumLength; at += 1) {
		digits = base62[rest % 62] + digits;
		rest = Math.floor(rest / 62);
	}
	return digits;
}

/**
 * Why a token opens nothing now, for its identity as it is now. Expiry is judged here and by no cleaner. The latest
 * moment that is known of the token counts where the clock was set back.
 */
export function judgeApiToken(
	token: ApiToken,
	identity: Identity | undefined,
	at: { readonly now: Instant; readonly address: string },
): 'token-invalid' | 'token-expired' | undefined {
	const { createdAt, lastUsedAt = createdAt, expiresAt, endedAt, credentialStamp, networks } = token;
	if (Math.max(at.now, createdAt, lastUsedAt) >= expiresAt) return 'token-expired';
	if (endedAt !== undefined || identity === undefined || !isActive(identity, at.now)) return 'token-invalid';
	if (credentialStamp !== undefined && !isSameStamp(credentialStamp, identity.credentialStamp)) return 'token-invalid';
	return networks === undefined || isWithin(at.address, networks) ? undefined : 'token-invalid';
}

const networksOf = new WeakMap<readonly string[], readonly Network[]>();

function isWithin(address: string, texts: readonly string[]): boolean {
	const networks = networksOf.get(texts) ?? texts.flatMap((text) => parseNetwork(text) ?? []);
	networksOf.set(texts, networks);
	const at = numberOf(address);
	return at !== undefined && holdsForAddress(networks, at);
}

/** An identity as a token shows it: with those of the token's permissions that it holds now, and with no other. */
export function narrowedBy(token: ApiToken, identity: Identity): Identity {
	return { ...identity, permissions: new Set(token.permissions.filter((each) => mayUse(identity, each))) };
}
