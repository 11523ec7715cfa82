import type { IncomingMessage } from 'node:http';
import { hasBody } from '../http/upgrade.ts';
import { isSafe } from './rules.ts';

/** Where a request goes, and with what. */
export interface Onward {
	/** Its origin is all that counts: nothing is put before the target. */
	readonly upstream: URL;
	/** The canonical path that was judged, and the query. */
	readonly target: string;
	/** Ours, as `Remote-User` and `X-Forwarded-For`: one character a byte. What came under the same name is dropped. */
	readonly set: Readonly<Record<string, string>>;
	/** Names of headers that end here, in any case. */
	readonly remove: readonly string[];
	/** Names of cookies that end here, compared with case. An upstream cannot set them either. */
	readonly secretCookies: readonly string[];
	/** `Set-Cookie` lines of ours, for the answer: whoever let the request in has opened a session for it. */
	readonly newCookies?: readonly string[];
}

/**
 * Headers that upstreams believe to come from the server in front of them: who somebody is, where a request came from
 * and what it asked for. From outside they are never passed on.
 */
const believed =
	/^(forwarded$|x-forwarded(-|$)|x-original-|x-rewrite-|x-real-ip$|x-client-ip$|true-client-ip$|(x-)?remote-|x-identity(-|$)|x-auth-|x-authenticated-|x-webauth-|(x-)?(ssl-)?client-cert|(x-)?ssl-client-)/;

/**
 * Names that programs know only one spelling of. In others (`Remote_User`, `Remote.User`) CGI and its children see
 * the same variable as in ours, so they are dropped, as nginx does.
 */
const plainName = /^[a-z0-9-]+$/;

/** Between two neighbours only. Rule: RFC 9110, 7.6.1. `Expect` we answered ourselves; trailers are dropped. */
const hopByHop = new Set([
	...['connection', 'proxy-connection', 'keep-alive', 'te', 'trailer', 'transfer-encoding', 'upgrade'],
	...['proxy-authenticate', 'proxy-authentication-info', 'proxy-authorization', 'http2-settings', 'expect'],
]);

/** Said anew, from what was understood of them: nothing that the client says of its connection takes them away. */
const saidAnew = new Set(['host', 'cookie', 'content-length']);

/** The headers to send to an upstream: what is left of the client's, and ours. They do not frame the body. */
export function headersOnward(req: IncomingMessage, { upstream, set, remove, secretCookies }: Onward): string[] {
	const dropped = named(req.headers.connection);
	for (const name of [...Object.keys(set), ...remove]) dropped.push(name.toLowerCase());
	const onward = ['Host', req.headers.host ?? upstream.host];
	for (const [name, lower, value] of each(req.rawHeaders)) {
		if (hopByHop.has(lower) || saidAnew.has(lower) || dropped.includes(lower)) continue;
		if (plainName.test(lower) && !believed.test(lower)) onward.push(name, value);
	}
	const cookie = withoutCookies(req.headers.cookie ?? '', secretCookies);
	if (cookie !== '') onward.push('Cookie', cookie);
	for (const [name, value] of Object.entries(set)) onward.push(name, value);
	return onward;
}

/** What lets a cache keep an answer. One that carries a session of ours is for nobody else. */
const caching = new Set(['cache-control', 'expires', 'pragma', 'surrogate-control', 'cdn-cache-control']);

type Back = Pick<Onward, 'secretCookies' | 'newCookies'>;

/** The headers to answer a client with: an upstream's, without what is for us and cookies in our name, and ours. */
export function headersBack(answer: IncomingMessage, { secretCookies, newCookies = [] }: Back): string[] {
	const dropped = named(answer.headers.connection);
	const back: string[] = [];
	for (const [name, lower, value] of each(answer.rawHeaders)) {
		if (hopByHop.has(lower) || dropped.includes(lower) || (newCookies.length > 0 && caching.has(lower))) continue;
		if (lower !== 'set-cookie' || !secretCookies.includes(cookieName(value))) back.push(name, value);
	}
	for (const cookie of newCookies) back.push('Set-Cookie', cookie);
	if (newCookies.length > 0) back.push('Cache-Control', 'no-store');
	return back;
}

/**
 * A body where none is expected. Servers that do not read it (Python's `http.server`, for one) take it for the next
 * request, which nobody has judged. Rule: RFC 9110, 9.3.1; ours: HEAD and OPTIONS, too.
 */
export function hasUnexpectedBody(req: IncomingMessage): boolean {
	return isSafe(req.method ?? '') && hasBody(req);
}

/** The headers that say where the body ends: as the client said it. */
export function framing({ method = '', headers }: IncomingMessage): string[] {
	if (headers['transfer-encoding'] !== undefined) return ['Transfer-Encoding', 'chunked'];
	if (headers['content-length'] !== undefined) return ['Content-Length', headers['content-length']];
	return isSafe(method) ? [] : ['Content-Length', '0'];
}

function* each(rawHeaders: readonly string[]): Generator<[name: string, lower: string, value: string]> {
	for (let at = 0; at < rawHeaders.length; at += 2) {
		const name = rawHeaders[at] ?? '';
		yield [name, name.toLowerCase(), rawHeaders[at + 1] ?? ''];
	}
}

/** What a `Connection` header names beside itself. */
function named(connection = ''): string[] {
	return connection.split(',').map((name) => name.trim().toLowerCase());
}

/** The others stay as they are, byte for byte. */
function withoutCookies(header: string, names: readonly string[]): string {
	const cookies = header.split(';');
	const others = cookies.filter((cookie) => !names.includes(cookieName(cookie)));
	return others.length === cookies.length ? header : others.join(';').trimStart();
}

/** Also of a cookie without a name, `=name=value`: a browser that keeps it sends `name=value`. */
function cookieName(cookie: string): string {
	return (/^[\s=]*([^=;]*)/.exec(cookie)?.[1] ?? '').trim();
}
