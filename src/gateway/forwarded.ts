import type { IncomingHttpHeaders } from 'node:http';
import type { Context } from 'koa';
import { clientOf, hostOf, judgeAsAskedAt, originOf } from '../http/request/context.ts';
import { canonicalHost } from './host.ts';
import { type CanonicalPath, splitTarget } from './path.ts';

/** The request that a proxy asks about. */
export interface Forwarded {
	readonly method: string | undefined;
	readonly path: CanonicalPath | undefined;
	readonly origin: string;
	readonly target: string | undefined;
	readonly host: string | undefined;
	readonly websocket: boolean | 'unclear';
}

/**
 * The request that a proxy asks about: in Traefik's and Caddy's words, in nginx's, or in those of nginx's Ingress
 * controller, which names the whole URL. What a proxy says twice, Node joins to `a, b`, which is no method and no path.
 */
export function forwardedBy(ctx: Context): Forwarded | 'unclear' {
	const { headers } = ctx.req;
	const url = headers['x-original-url'];
	const [, originOfUrl, hostOfUrl, pathOfUrl = ''] =
		(typeof url === 'string' && /^(https?:\/\/([^/?#, ]+))(\/.*)$/i.exec(url)) || [];
	const method = agreed(headers['x-forwarded-method'], headers['x-original-method']);
	const uri = agreed(headers['x-forwarded-uri'], headers['x-original-uri'], url === undefined ? undefined : pathOfUrl);
	if (method === false || uri === false || isTwice(method) || isTwice(headers['x-forwarded-host'])) return 'unclear';
	// Beside another word for the path it may be the client's own, passed on: then it names no other host than the question does.
	const isAlone = headers['x-forwarded-uri'] === undefined && headers['x-original-uri'] === undefined;
	const isNamedByUrl = headers['x-forwarded-host'] === undefined && originOfUrl !== undefined && isAlone;
	if (isNamedByUrl) judgeAsAskedAt(ctx, originOfUrl);
	const origin = isNamedByUrl ? originOfUrl.toLowerCase() : originOf(ctx);
	const host = isNamedByUrl ? hostOfUrl : hostOf(ctx);
	if (hostOfUrl !== undefined && canonicalHost(hostOfUrl) !== canonicalHost(host ?? '')) return 'unclear';
	const websocket = isForWebSocket(method, headers);
	if (uri === undefined) return { method, path: undefined, origin, target: undefined, host, websocket };
	const target = splitTarget(uri);
	if (target === undefined) return 'unclear';
	return { method, path: target.path, origin, target: target.path + target.query, host, websocket };
}

/**
 * The request that Envoy asks about: its method and its Host are those of the question, and its path follows the prefix.
 * `x-forwarded-host` of a client may come along, and must not say anything else.
 */
export function extAuthzRequest(ctx: Context, prefix: string): Forwarded | 'unclear' {
	const { method, url = '', headers } = ctx.req;
	const { 'x-forwarded-host': said } = headers;
	if (!clientOf(ctx).viaTrustedProxy || !url.startsWith(`${prefix}/`)) return 'unclear';
	if (said !== undefined && canonicalHost(String(said)) !== canonicalHost(headers.host ?? '')) return 'unclear';
	const target = splitTarget(url.slice(prefix.length));
	if (target === undefined) return 'unclear';
	const { path, query } = target;
	const websocket = isForWebSocket(method, headers);
	return { method, path, origin: originOf(ctx), target: path + query, host: hostOf(ctx), websocket };
}

/**
 * Most proxies leave `Upgrade` out where they ask, and a plain request can bear the other headers of a handshake. Traefik
 * names the scheme. By another method than GET nothing should become a WebSocket; what is behind the proxy may not mind.
 */
function isForWebSocket(method: string | undefined, headers: IncomingHttpHeaders): boolean | 'unclear' {
	if (headers.upgrade?.toLowerCase() === 'websocket' || /^wss?$/.test(String(headers['x-forwarded-proto'])))
		return method === 'GET' || 'unclear';
	return headers['sec-websocket-version'] === undefined && headers['sec-websocket-key'] === undefined
		? false
		: 'unclear';
}

type Said = string | string[] | undefined;

/** What all say who say something; `false` where they contradict each other. */
function agreed(...said: readonly Said[]): string | undefined | false {
	let one: string | undefined;
	for (const text of said) {
		if (typeof text !== 'string' || text === one) continue;
		if (one !== undefined) return false;
		one = text;
	}
	return one;
}

function isTwice(said: Said): boolean {
	return typeof said === 'string' && said.includes(',');
}
