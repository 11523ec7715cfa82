import { hash, type KeyObject, randomBytes, sign, verify } from 'node:crypto';
import type { Brand } from './brand.ts';
import type { Instant } from './clock.ts';
import type { CredentialStamp, Identity, IdentityId } from './identity.ts';
import { isSameSecret } from './token.ts';

/** An RS256 JWT in compact form. Rule: Kura's Token JWT V1; RFC 7519, RFC 8725. Never logged. */
export type AccessTokenText = Brand<string, 'AccessTokenText'>;

/** What access tokens are signed with: RSA, 2048 bits or more. */
export interface SigningKey {
	/** Names the key in tokens, in the key set, and in a Kura's trust store. */
	readonly kid: string;
	readonly privateKey: KeyObject;
	readonly publicKey: KeyObject;
}

/** Rule: Kura's Token JWT V1. A gateway of Kura 6 takes this one and no other. */
const accessAudience = '/token/jwt/v1/access';

/** Milliseconds that the clocks of two machines may differ. Rule: Kura's Token JWT V1. */
const clockSkewMs = 30_000;

/** Rule: Kura's Token JWT V1. */
const longestAccessTokenMs = 3_600_000;

/** What an access token of ours says, once its signature is right. */
export interface AccessClaims {
	readonly name: string;
	readonly identityId: IdentityId;
	/** Whether it was issued while these were the identity's credentials. */
	isOf(stamp: CredentialStamp): boolean;
	/** From the first moment on it is taken, and from the second on no more, by whichever clock. */
	readonly notBefore: Instant;
	readonly expiresAt: Instant;
}

export interface NewAccessToken {
	readonly issuer: string;
	readonly issuedAt: Instant;
	readonly lifetimeMs: number;
}

/** In another thread. */
function signatureOf(text: string, { privateKey }: SigningKey): Promise<string> {
	return new Promise((resolve, reject) => {
		sign('sha256', Buffer.from(text), privateKey, (fault, signature) => {
			if (fault) reject(fault);
			else resolve(signature.toString('base64url'));
		});
	});
}

/**
 * `jti` names the identity for good, where `sub` may change hands, and binds the token to the credentials of the moment: a
 * change of the password ends it. To anybody else it is a text without a meaning.
 */
function newJti({ id, credentialStamp }: Identity): string {
	const nonce = randomBytes(16).toString('base64url');
	return `${id}.${nonce}.${boundTo(nonce, credentialStamp)}`;
}

function boundTo(nonce: string, stamp: CredentialStamp): string {
	return hash('sha256', `access:${nonce}:${stamp}`, 'base64url');
}

const encoded = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');

const headerOf = ({ kid }: SigningKey) => encoded({ kid, alg: 'RS256' });

/** Signs an access token, which takes about a millisecond. */
export async function newAccessToken(
	identity: Identity,
	{ issuer, issuedAt, lifetimeMs }: NewAccessToken,
	key: SigningKey,
): Promise<AccessTokenText> {
	const seconds = Math.floor(issuedAt / 1000);
	const claims = {
		iss: issuer,
		sub: identity.name,
		aud: accessAudience,
		iat: seconds,
		nbf: seconds,
		exp: seconds + Math.floor(lifetimeMs / 1000),
		jti: newJti(identity),
	};
	const signed = `${headerOf(key)}.${encoded(claims)}`;
	return `${signed}.${await signatureOf(signed, key)}` as AccessTokenText;
}

const shape = /^(eyJ[A-Za-z0-9_-]{1,2048})\.([A-Za-z0-9_-]{1,4096})\.([A-Za-z0-9_-]{0,2048})$/;
const jtiShape = /^([0-9a-f-]{36})\.([A-Za-z0-9_-]{22})\.([A-Za-z0-9_-]{43})$/;

interface Payload {
	readonly iss?: unknown;
	readonly sub?: unknown;
	readonly aud?: unknown;
	readonly nbf?: unknown;
	readonly exp?: unknown;
	readonly iat?: unknown;
	readonly jti?: unknown;
}

function payloadOf(part: string): Payload | undefined {
	try {
		const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
		return typeof value === 'object' && value !== null ? value : undefined;
	} catch {
		return undefined;
	}
}

/**
 * Whether a text says that it is an access token of `issuer`, right or wrong. Others are of other programs. Nothing in it is
 * believed yet.
 */
export function claimsToBeAccessToken(text: string, issuer: string): boolean {
	const [, , payload] = shape.exec(text) ?? [];
	const { iss, aud } = (payload && payloadOf(payload)) || {};
	return iss === issuer && [aud].flat().includes(accessAudience);
}

/**
 * The claims of an access token; `undefined`: it counts for nothing, at no time. Its header is, letter for letter, the one of our
 * own key: no other algorithm, key or extension is looked at. Source: RFC 8725, 3.1, 3.8 to 3.10.
 */
export function verifyAccessToken(text: string, issuer: string, key: SigningKey): AccessClaims | undefined {
	const [, header, body, signature] = shape.exec(text) ?? [];
	if (header !== headerOf(key) || body === undefined || signature === undefined) return undefined;
	const bytes = Buffer.from(signature, 'base64url');
	if (!verify('sha256', Buffer.from(`${header}.${body}`), key.publicKey, bytes)) return undefined;
	const { iss, sub, aud, iat, nbf, exp, jti } = payloadOf(body) ?? {};
	if (iss !== issuer || aud !== accessAudience || typeof sub !== 'string' || typeof jti !== 'string') return undefined;
	const [, identityId, nonce, bound] = jtiShape.exec(jti) ?? [];
	if (identityId === undefined || nonce === undefined || bound === undefined) return undefined;
	if (!isSeconds(iat) || !isSeconds(nbf) || !isSeconds(exp)) return undefined;
	if ((exp - Math.min(iat, nbf)) * 1000 > longestAccessTokenMs) return undefined;
	return {
		name: sub,
		identityId: identityId as IdentityId,
		isOf: (stamp) => isSameSecret(bound, boundTo(nonce, stamp)),
		notBefore: (Math.max(iat, nbf) * 1000 - clockSkewMs) as Instant,
		expiresAt: (exp * 1000 + clockSkewMs) as Instant,
	};
}

function isSeconds(value: unknown): value is number {
	return Number.isSafeInteger(value);
}

/** The public key, as others verify with it. Rule: RFC 7517. */
export function toJwk({ kid, publicKey }: SigningKey): Readonly<Record<string, string>> {
	const { kty, n, e } = publicKey.export({ format: 'jwk' });
	return { kty: String(kty), use: 'sig', alg: 'RS256', kid, n: String(n), e: String(e) };
}
