import type { IncomingMessage } from 'node:http';
import type { Client } from './client.ts';

/*
 * Requests that a page of another site makes a browser send. The browser says so, in Origin and in Sec-Fetch-Site, and
 * no page can make it lie. Programs send neither. Source: OWASP Cross-Site Request Forgery Prevention Cheat Sheet.
 */

export interface Origins {
	/** What changes something and comes from another site. To be refused before anything else is looked at. `method`: of the request that is judged, where a proxy asks on its behalf. */
	isCrossSite(req: IncomingMessage, client: Client, method?: string): boolean;
	/** The origin, where it is another one whose pages may call us: for the CORS headers. */
	allowed(req: IncomingMessage): string | undefined;
}

const changesNothing = new Set(['GET', 'HEAD', 'OPTIONS']);

/** `allowedOrigins`: as browsers write them, `https://app.example.org`. */
export function createOrigins(allowedOrigins: readonly string[]): Origins {
	const friends = new Set(allowedOrigins);

	return {
		isCrossSite(req, client, method = req.method ?? '') {
			// A WebSocket opens with GET, and yet everything may follow: a page of another site must not open it.
			if (changesNothing.has(method) && !opensWebSocket(req)) return false;
			const { origin } = req.headers;
			if (origin !== undefined) return !friends.has(origin) && !isOwn(origin, client);
			const site = req.headers['sec-fetch-site'];
			return site === 'cross-site' || site === 'same-site';
		},
		allowed(req) {
			const { origin } = req.headers;
			return origin !== undefined && friends.has(origin) ? origin : undefined;
		},
	};
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
