import type { Brand } from '../core/brand.ts';
import { isLoopbackHost } from '../http/request/address.ts';

/*
 * Addresses that a person is led back to after signing in. They come out of a query that anybody can write, so nothing but
 * an address of ours gets through, and what is answered is what we have read, never what was written.
 */

export interface ReturnAddresses {
	/** The address, as its parser reads it. `undefined`: nobody is to be led there, whatever its host. */
	parse(text: string): URL | undefined;
	/** The same of an address that is read already, whatever its length. */
	admits(url: URL): boolean;
	/** Whether it stands on a host of ours. `askedOrigin`: where the question was asked. */
	isOurs(url: URL, askedOrigin: string): boolean;
}

export interface ReturnAddressParts {
	/** Config: `http.insecure`. */
	readonly insecure: boolean;
	/** Those that rules name, and the portal's: `app.example.org`, `app.example.org:8443`, `*.example.org`. */
	readonly hosts: readonly string[];
}

/** `https://app.example.org:8443`, in whatever case, and nothing behind it. */
export type WebOrigin = Brand<string, 'WebOrigin'>;

const maxBytes = 2048;
/** What parsers take for something else, or do not see at all: backslashes, white space, controls. */
const misread = /[\\\s\p{Cc}\p{Zs}\p{Zl}\p{Zp}]/u;
/** Scheme and host are there, and no user info before it. */
const absolute = /^https?:\/\/[^/?#@]+(?:[/?#]|$)/i;

/** The same with nothing behind it, not even what a parser would take away again. */
const bare = /^https?:\/\/[^/?#@\\\s\p{Cc}]+$/iu;

export function createReturnAddresses({ insecure, hosts }: ReturnAddressParts): ReturnAddresses {
	/** The text of a URL holds nothing that is misread, but for a backslash in its query or fragment. */
	function admits(url: URL): boolean {
		if (url.href.includes('\\')) return false;
		if (url.username !== '' || url.password !== '' || url.hostname.endsWith('.')) return false;
		return url.protocol === 'https:' || (url.protocol === 'http:' && (insecure || isLoopbackHost(url.host)));
	}

	return {
		admits,
		parse(text) {
			if (Buffer.byteLength(text) > maxBytes || !text.isWellFormed() || misread.test(text)) return undefined;
			const url = absolute.test(text) ? URL.parse(text) : null;
			return url !== null && admits(url) ? url : undefined;
		},
		isOurs(url, askedOrigin) {
			// The port of the other scheme is not what a host without a port is named for.
			if (url.port === '80' || url.port === '443') return false;
			return url.host === URL.parse(askedOrigin)?.host || hosts.some((pattern) => isNamedBy(pattern, url.host));
		},
	};
}

/** A suffix begins with a dot: it ends no other name by chance. */
function isNamedBy(pattern: string, host: string): boolean {
	return pattern.startsWith('*.') ? host.endsWith(pattern.slice(1)) && host !== pattern.slice(1) : host === pattern;
}

/** The address of what was asked for. `undefined`: nobody is led there (`admits`), or it is longer than what is read again. */
export function returnAddressOf(origin: WebOrigin, target: string, { admits }: ReturnAddresses): URL | undefined {
	// A query holds what a URL would not: bytes beyond ASCII, one character each, and backslashes.
	const encoded = target.replace(/[\\\x80-\xff]/g, (byte) => encodeByte(byte));
	const url = URL.parse(encoded, origin);
	return url !== null && url.href.length <= maxBytes && admits(url) ? url : undefined;
}

/** `undefined`: not an origin and nothing else. */
export function parseWebOrigin(text: string): WebOrigin | undefined {
	return originUrl(text) && (text as WebOrigin);
}

/** The same as a URL. */
export function originUrl(origin: string): URL | undefined {
	const url = URL.parse(origin);
	return url !== null && url.href === `${url.origin}/` && bare.test(origin) ? url : undefined;
}

function encodeByte(byte: string): string {
	return `%${byte.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`;
}
