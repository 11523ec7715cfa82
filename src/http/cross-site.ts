import type { IncomingMessage } from 'node:http';
import type { Context } from 'koa';
import type { Audit } from '../core/audit.ts';
import type { Client } from './client.ts';
import { refuse } from './refused.ts';
import { clientOf, requestIdOf } from './visit.ts';

/*
 * Requests that a page of another site makes a browser send. The browser says so, in Origin and in Sec-Fetch-Site, and
 * no page can make it lie. Programs send neither. Source: OWASP Cross-Site Request Forgery Prevention Cheat Sheet.
 */

export interface Origins {
	/** What changes something and comes from another site. To be refused before anything else is looked at. `method`: of the request that is judged, where a proxy asks on its behalf. */
	isCrossSite(req: IncomingMessage, client: Client, method?: string): boolean;
	/** Leaves the handler where the request is such a one, and tells the audit. */
	refuseCrossSite(ctx: Context): void;
	/** The origin, where it is another one whose pages may call us: for the CORS headers. */
	allowed(req: IncomingMessage): string | undefined;
}

const changesNothing = new Set(['GET', 'HEAD', 'OPTIONS']);

/** `allowedOrigins`: as browsers write them, `https://app.example.org`. */
export function createOrigins(allowedOrigins: readonly string[], audit: Audit): Origins {
	const friends = new Set(allowedOrigins);

	const origins: Origins = {
		isCrossSite(req, client, method = req.method ?? '') {
			// A WebSocket opens with GET, and yet everything may follow: a page of another site must not open it.
			if (changesNothing.has(method) && !opensWebSocket(req)) return false;
			const { origin } = req.headers;
			if (origin !== undefined) return !friends.has(origin) && !isOwn(origin, client);
			const site = req.headers['sec-fetch-site'];
			return site === 'cross-site' || site === 'same-site';
		},
		refuseCrossSite(ctx) {
			const client = clientOf(ctx);
			if (!origins.isCrossSite(ctx.req, client)) return;
			const where = { address: client.address, requestId: requestIdOf(ctx) };
			audit.write({ act: 'access', outcome: 'refused', reason: 'cross-site', ...where });
			refuse({ kind: 'cross-site' });
		},
		allowed(req) {
			const { origin } = req.headers;
			return origin !== undefined && friends.has(origin) ? origin : undefined;
		},
	};
	return origins;
}

/** Proxies that ask on behalf of a request leave its `Upgrade` out, and the rest of the handshake in. */
function opensWebSocket({ headers }: IncomingMessage): boolean {
	return headers.upgrade !== undefined || headers['sec-websocket-version'] !== undefined;
}

function isOwn(origin: string, { host, secure }: Client): boolean {
	const [, scheme, authority] = /^(https?):\/\/([^/]+)$/.exec(origin.toLowerCase()) ?? [];
	if (scheme === undefined || authority === undefined) return false;
	// Where we see plain http, TLS may still end at a proxy before us; where we see TLS, the page must have it, too.
	if (secure && scheme !== 'https') return false;
	const bare = (text: string) => text.replace(scheme === 'https' ? /:443$/ : /:80$/, '');
	return bare(authority) === bare(host);
}
