import type { Permission } from './identity.ts';
import { parseNetwork } from './networks.ts';
import type { DialectName } from './session.ts';

/** A token to be made. */
export interface NewApiToken {
	readonly name: string;
	readonly permissions: readonly Permission[];
	/** Milliseconds from now; `longestApiTokenMs` at the most. */
	readonly expiresInMs: number;
	/** As `ApiToken` has them. */
	readonly networks?: readonly string[] | undefined;
	readonly paths?: readonly string[] | undefined;
	/** It ends with the next change of its identity's credentials. */
	readonly endsWithPassword: boolean;
	/** Made as a key of that protocol. Absent: an `lk_` token. */
	readonly dialect?: DialectName | undefined;
	/** A key of that protocol that a machine has from elsewhere. Absent: it is drawn. */
	readonly text?: string | undefined;
}

/** Living ones of one identity. */
export const mostApiTokens = 100;

export const dayMs = 86_400_000;
/** Every token has an end. Source: OWASP ASVS 5.0, 13.3.4. */
export const longestApiTokenMs = 366 * dayMs;
export const usualApiTokenMs = 90 * dayMs;

/** 1 to 100 printable characters without a space at either end, or `undefined`. */
export function parseApiTokenName(text: string): string | undefined {
	// To put marks in order takes long where there are many.
	if (text.length > 4 * 100) return undefined;
	const name = text.normalize('NFC');
	return /^(?! )[^\p{C}\p{Zl}\p{Zp}]{1,100}(?<! )$/u.test(name) ? name : undefined;
}

/** An address or a CIDR, or `undefined`. */
export function parseApiTokenNetwork(text: string): string | undefined {
	return parseNetwork(text) === undefined ? undefined : text;
}

/** A path that every system reads in one way: ASCII, without escapes, empty segments and dots; or `undefined`. */
export function parseApiTokenPath(text: string): string | undefined {
	const isPlain = /^(\/[A-Za-z0-9_~!$'()+,=:@-][A-Za-z0-9._~!$'()+,=:@-]*)+$/.test(text) && !/\.(\/|$)/.test(text);
	return isPlain && text.length <= 1024 ? text : undefined;
}
