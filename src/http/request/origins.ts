import type { IncomingMessage } from 'node:http';
import type { Context } from 'koa';
import type { Audit } from '../../core/audit.ts';
import { throwRefusal } from '../response/refusals.ts';
import type { Client } from './client.ts';
import { clientOf, senderOf } from './context.ts';

/*
 * Requests that a page of another site makes a browser send. The browser says so, in Origin and in Sec-Fetch-Site, and
 * no page can make it lie. Programs send neither. Source: OWASP Cross-Site Request Forgery Prevention Cheat Sheet.
 */

export interface Origins {
	/** What changes something and comes from another site. To be refused before anything else is looked at. `method`: of the request that is judged, where a proxy asks on its behalf. */
	isCrossSite(req: IncomingMessage, client: Client, method?: string): boolean;
	/**
	 * The same for a protected resource, where what only reads is refused as well: a script or a picture in a page of a
	 * sibling domain or of another port, which a `SameSite` cookie does not hold back. Following a link is let through.
	 */
	isCrossSiteAccess(req: IncomingMessage, client: Client, method?: string): boolean;
	/** Whether a browser says that a page of the host that is asked sent it, or the person itself. Programs say nothing. */
	isOwnPage(req: IncomingMessage, client: Client): boolean;
	/** Leaves the handler where the request is such a one, and tells the audit. */
	refuseCrossSite(ctx: Context): void;
	/** The origin, where it is another one whose pages may call us. */
	allowed(req: IncomingMessage): string | undefined;
	/** What lets those pages read an answer: names and values in turn, none for any other page. */
	corsHeaders(req: IncomingMessage): string[];
}

const changesNothing = new Set(['GET', 'HEAD', 'OPTIONS']);

/** `allowedOrigins`: as browsers write them, `https://app.example.org`. */
export function createOrigins(allowedOrigins: readonly string[], audit: Audit): Origins {
	const friends = new Set(allowedOrigins);

	function isFromElsewhere({ headers }: IncomingMessage, client: Client): boolean {
		const { origin, 'sec-fetch-site': site } = headers;
		// No page can set it. Where a page hides its origin (`null`) or a proxy changed the Host, it alone knows.
		if (site === 'same-origin') return false;
		if (origin !== undefined) return !friends.has(origin) && !isOwn(origin, client);
		return site === 'cross-site' || site === 'same-site';
	}

	const origins: Origins = {
		isCrossSite(req, client, method = req.method ?? '') {
			// A WebSocket opens with GET, and yet everything may follow: a page of another site must not open it.
			return (!changesNothing.has(method) || opensWebSocket(req)) && isFromElsewhere(req, client);
		},
		isCrossSiteAccess(req, client, method = req.method ?? '') {
			if (changesNothing.has(method) && !opensWebSocket(req) && isNavigation(req)) return false;
			return isFromElsewhere(req, client);
		},
		isOwnPage({ headers }, client) {
			const { origin, 'sec-fetch-site': site } = headers;
			if (site !== undefined) return site === 'same-origin' || site === 'none';
			return origin !== undefined && isOwn(origin, client);
		},
		refuseCrossSite(ctx) {
			if (!origins.isCrossSite(ctx.req, clientOf(ctx))) return;
			audit.write({ act: 'access', outcome: 'refused', reason: 'cross-site', ...senderOf(ctx) });
			throwRefusal({ kind: 'cross-site' });
		},
		allowed(req) {
			const { origin } = req.headers;
			return origin !== undefined && friends.has(origin) ? origin : undefined;
		},
		corsHeaders(req) {
			const origin = origins.allowed(req);
			if (origin === undefined) return friends.size === 0 ? [] : ['Vary', 'Origin'];
			return [
				...['Access-Control-Allow-Origin', origin, 'Access-Control-Allow-Credentials', 'true'],
				...['Access-Control-Expose-Headers', 'Retry-After, X-Request-Id, Latchkey-Login', 'Vary', 'Origin'],
			];
		},
	};
	return origins;
}

/** Proxies that ask on behalf of a request leave its `Upgrade` out, and the rest of the handshake in. */
export function opensWebSocket({ headers }: IncomingMessage): boolean {
	return headers.upgrade !== undefined || headers['sec-websocket-version'] !== undefined;
}

/** A page or a frame is to be shown; what `object` and `embed` load is part of the page around it. Source: web.dev, Fetch Metadata. */
function isNavigation({ headers }: IncomingMessage): boolean {
	const { 'sec-fetch-mode': mode, 'sec-fetch-dest': destination } = headers;
	return mode === 'navigate' && destination !== 'object' && destination !== 'embed';
}

function isOwn(origin: string, { host, secure }: Client): boolean {
	const [, scheme, authority] = /^(https?):\/\/([^/]+)$/.exec(origin.toLowerCase()) ?? [];
	if (scheme === undefined || authority === undefined) return false;
	// Where we see plain http, TLS may still end at a proxy before us; where we see TLS, the page must have it, too.
	if (secure && scheme !== 'https') return false;
	const bare = (text: string) => text.replace(scheme === 'https' ? /:443$/ : /:80$/, '');
	return bare(authority) === bare(host);
}
