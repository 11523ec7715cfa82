import { hash, randomBytes } from 'node:crypto';
import type { ApiTokenId, ApiTokenKey, ApiTokenText } from './api-token.ts';
import { newApiTokenId } from './api-token.ts';
import type { DialectName } from './session.ts';

/*
 * API tokens in the form that the clients of a protocol know. Kept and judged as every other, and bound to that protocol: shown
 * in another way they open nothing. Rule: Kismet, `kis_net_beast_auth`: 128 random bits, 32 upper-case hexadecimal digits.
 */

const shape = /^[0-9A-F]{32}$/;

/** A fresh key. */
export function newDialectKey(dialect: DialectName): {
	readonly text: ApiTokenText;
	readonly id: ApiTokenId;
	readonly key: ApiTokenKey;
} {
	const text = randomBytes(16).toString('hex').toUpperCase();
	return { text: text as ApiTokenText, id: newApiTokenId(), key: keyOf(dialect, text) };
}

/** A key that was made elsewhere, as it is; or `undefined` where it is none. */
export function keptDialectKey(dialect: DialectName, text: string): ReturnType<typeof newDialectKey> | undefined {
	const key = parseDialectKey(dialect, text);
	return key && { text: text as ApiTokenText, id: newApiTokenId(), key };
}

/** What a text opens, or `undefined` where it is no key. No store is asked. */
export function parseDialectKey(dialect: DialectName, text: string): ApiTokenKey | undefined {
	return shape.test(text) ? keyOf(dialect, text) : undefined;
}

/** 128 random bits need no slow hash. Source: OWASP ASVS 5.0, 11.4.2, 11.5.1. */
function keyOf(dialect: DialectName, text: string): ApiTokenKey {
	return hash('sha256', `key:${dialect}:${text}`) as ApiTokenKey;
}
