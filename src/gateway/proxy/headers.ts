import type { IncomingMessage } from 'node:http';
import { isEnterCookie } from '../../http/enter-cookie.ts';
import { isPasskeyCookie } from '../../http/passkey-cookie.ts';
import { apiTokenOf } from '../../http/request/bearer.ts';
import { privateCaching } from '../../http/response/private-caching.ts';
import { hasBody } from '../../http/server/upgrade.ts';
import { isSafe } from '../rules.ts';
import { couldCarry, type UpstreamCredentials, type UpstreamTls } from '../upstream-credentials.ts';
import { believedByServers, hopByHop, isKeptBack } from './header-names.ts';

/** Where a request goes, and with what. */
export interface Onward {
	/** Its origin is all that counts: nothing is put before the target. */
	readonly upstream: URL;
	/** The canonical path that was judged, and the query. */
	readonly target: string;
	/** The `Host` it is told. Absent: the client's. Over TLS its own name is asked for in any case. */
	readonly host?: string;
	/** Ours, as `Remote-User` and `X-Forwarded-For`: one character a byte. What came under the same name is dropped. */
	readonly set: Readonly<Record<string, string>>;
	/** Names of headers that end here, in any case. */
	readonly remove: readonly string[];
	/** Whether an `Authorization` header ends here, besides API tokens. */
	readonly isOwnAuthorization?: ((value: string) => boolean) | undefined;
	/** Names of cookies that end here, compared with case. An upstream cannot set them either. */
	readonly secretCookies: readonly string[];
	/** What the upstream gets in place of a client's credentials. Absent: it gets the client's, as far as they are not ours. */
	readonly credentials?: UpstreamCredentials | undefined;
	/** For an https upstream. Absent: the authorities that Node knows, and no certificate. */
	readonly tls?: UpstreamTls | undefined;
	/** Takes secrets out of a query, `?` and all. */
	readonly stripQuery?: ((query: string) => string) | undefined;
	/** `Set-Cookie` lines of ours, for the answer: whoever let the request in has opened a session for it. */
	readonly newCookies?: readonly string[];
	/** Further headers of ours for the answer, names and values in turn: CORS. */
	readonly back?: readonly string[];
	/** Told where the upstream wants to set a cookie of ours. */
	readonly onSecretCookie?: (name: string) => void;
}

/**
 * Names that programs know only one spelling of. In others (`Remote_User`, `Remote.User`) CGI and its children see
 * the same variable as in ours, so they are dropped, as nginx does.
 */
const plainName = /^[a-z0-9-]+$/;

/** Said anew, from what was understood of them: nothing that the client says of its connection takes them away. */
const saidAnew = new Set(['host', 'cookie', 'content-length']);

/** The headers to send to an upstream: what is left of the client's, and ours. They do not frame the body. */
export function headersOnward(req: IncomingMessage, to: Onward): string[] {
	const { upstream, host, set, remove, secretCookies, credentials } = to;
	const { cookie: ownCookie, authorization } = credentials?.shown() ?? {};
	const dropped = named(req.headers.connection);
	for (const name of [...Object.keys(set), ...remove]) dropped.push(name.toLowerCase());
	if (credentials) dropped.push('authorization');
	const onward = ['Host', host ?? req.headers.host ?? upstream.host];
	for (const [name, lower, value] of each(req.rawHeaders)) {
		if (hopByHop.has(lower) || saidAnew.has(lower) || dropped.includes(lower)) continue;
		if (!plainName.test(lower) || believedByServers.test(lower)) continue;
		if (lower === 'authorization' && (apiTokenOf(value) !== undefined || to.isOwnAuthorization?.(value))) continue;
		onward.push(name, lower === 'referer' && to.stripQuery ? withoutSecrets(value, to.stripQuery) : value);
	}
	const theirs = withoutCookies(req.headers.cookie ?? '', secretCookies, credentials?.cookies);
	// Ours first: nothing that stands in front of it can make it part of another cookie.
	const cookies = [ownCookie ?? '', theirs].filter((text) => text !== '');
	if (cookies.length > 0) onward.push('Cookie', cookies.join('; '));
	if (authorization !== undefined) onward.push('Authorization', authorization);
	for (const [name, value] of Object.entries(set)) onward.push(name, value);
	return onward;
}

/** The address of the page before has its query, too. */
function withoutSecrets(address: string, stripQuery: (query: string) => string): string {
	const [, path = '', query = '', fragment = ''] = /^([^?#]*)(\?[^#]*)?(#.*)?$/s.exec(address) ?? [];
	return path + stripQuery(query) + fragment;
}

type Back = Pick<Onward, 'remove' | 'secretCookies' | 'credentials' | 'newCookies' | 'back' | 'onSecretCookie'>;

/**
 * The headers to answer a client with: an upstream's, without what is for us, what speaks for the whole origin and
 * cookies in our name, and ours. No cache may give the answer to anybody else.
 */
export function headersBack(answer: IncomingMessage, to: Back): string[] {
	const { newCookies = [], back: ours = [] } = to;
	const dropped = named(answer.headers.connection);
	const back: string[] = [];
	const exposed: string[] = [];
	for (const [name, lower, value] of each(answer.rawHeaders)) {
		if (lower === exposing.toLowerCase()) exposed.push(value);
		if (hopByHop.has(lower) || dropped.includes(lower) || isKeptBack(lower)) continue;
		if (lower === 'cache-control' || (newCookies.length > 0 && (lower === 'expires' || lower === 'pragma'))) continue;
		if (to.credentials && isOfCredentials(to.credentials, lower, value)) continue;
		if (lower !== 'set-cookie') back.push(name, value);
		else if (isSecret(cookieName(value), to.secretCookies)) to.onSecretCookie?.(cookieName(value));
		else back.push(name, hostOnly(value));
	}
	for (const cookie of newCookies) back.push('Set-Cookie', cookie);
	const { 'cache-control': cacheControl, expires } = answer.headers;
	back.push('Cache-Control', newCookies.length > 0 ? 'no-store' : privateCaching(cacheControl, expires !== undefined));
	back.push('Vary', vary);
	if (answer.headers['cross-origin-resource-policy'] === undefined) back.push(...sameOrigin);
	back.push(...ours);
	if (ours.includes(exposing)) for (const names of exposed) back.push(exposing, names);
	return back;
}

/**
 * What was for one session is for no other, not even in the same browser. And the script of a service worker is asked
 * for anew, though the browser has the same file: whether there may be a worker is not what the file's request asked.
 */
const vary = 'Cookie, Service-Worker, Authorization';

/** Of what an upstream says of CORS, what counts where we let a page of another origin read the answer. */
const exposing = 'Access-Control-Expose-Headers';

/** Older browsers say nothing of who loads a script or a picture, but leave it out where they are told to. */
const sameOrigin = ['Cross-Origin-Resource-Policy', 'same-origin'];

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

/** In an answer: what an upstream says of credentials that are not the client's. */
function isOfCredentials({ cookies }: UpstreamCredentials, lower: string, value: string): boolean {
	if (lower === 'www-authenticate' || lower === 'authentication-info') return true;
	const name = lower === 'set-cookie' || lower === 'set-cookie2' ? cookieName(value).toLowerCase() : undefined;
	return name !== undefined && cookies.some((each) => each.toLowerCase() === name);
}

/** What a `Connection` header names beside itself. */
function named(connection = ''): string[] {
	return connection.split(',').map((name) => name.trim().toLowerCase());
}

/** The others stay as they are, byte for byte. `ofUpstream`: names that no piece may carry in any reading. */
function withoutCookies(header: string, names: readonly string[], ofUpstream: readonly string[] = []): string {
	const cookies = header.split(';');
	const others = cookies.filter((cookie) => !isSecret(cookieName(cookie), names) && !couldCarry(cookie, ofUpstream));
	return others.length === cookies.length ? header : others.join(';').trimStart();
}

function isSecret(name: string, names: readonly string[]): boolean {
	return names.includes(name) || isEnterCookie(name) || isPasskeyCookie(name);
}

/** `Domain` would hand a cookie to the other hosts of the operator. */
function hostOnly(cookie: string): string {
	return cookie.replace(/;\s*domain\s*(=[^;]*)?(?=;|$)/gi, '');
}

/** Also of a cookie without a name, `=name=value`: a browser that keeps it sends `name=value`. */
function cookieName(cookie: string): string {
	return (/^[\s=]*([^=;]*)/.exec(cookie)?.[1] ?? '').trim();
}
