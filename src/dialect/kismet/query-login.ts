import type { Context, Middleware } from 'koa';
import { clientOf } from '../../http/request/context.ts';
import type { Origins } from '../../http/request/origins.ts';
import { isFromBrowser } from './keys.ts';

/** What of a query is a login's. */
export const queryNames = ['user', 'password', 'KISMET'];

type Shown =
	| { readonly kind: 'key'; readonly text: string }
	| { readonly kind: 'login'; readonly name: string; readonly password: string };

export interface QueryLogin {
	/** Takes the login out of the address and of `Referer`, before anything else sees them. */
	readonly take: Middleware;
	keyOf(ctx: Context): string | undefined;
	/** `cross-site`: a browser brings it, and no page of the host that is asked, nor the person itself, has sent it. */
	loginOf(ctx: Context): { readonly name: string; readonly password: string } | 'cross-site' | undefined;
}

export interface QueryLoginParts {
	readonly stripQuery: (query: string) => string;
	/** Paths at which proxies ask: their query is no login of theirs. */
	readonly isLeft: (path: string) => boolean;
	readonly origins: Pick<Origins, 'isOwnPage'>;
}

/**
 * Logins in the query, which some of Kismet's clients have no other place for: with GET, WebSockets among them, and without
 * a `Cookie` header. Rule: Kismet, `kis_net_beast_httpd_connection`. Config: `dialects.kismet.queryLogin`.
 */
export function createQueryLogin({ stripQuery, isLeft, origins }: QueryLoginParts): QueryLogin {
	const shownBy = new WeakMap<Context['req'], Shown>();

	return {
		take(ctx, next) {
			const { req } = ctx;
			const { referer } = req.headers;
			if (referer?.includes('?')) replaceReferer(req, stripIn(referer, stripQuery));
			const [path = '', ...behind] = (req.url ?? '').split('?');
			const isLogin = req.method === 'GET' && req.headers.cookie === undefined && behind.length > 0 && !isLeft(path);
			const shown = isLogin ? readLogin(behind.join('?')) : undefined;
			if (shown !== undefined) {
				shownBy.set(req, shown);
				req.url = stripIn(req.url ?? '', stripQuery);
			}
			return next();
		},
		keyOf({ req }) {
			const shown = shownBy.get(req);
			return shown?.kind === 'key' ? shown.text : undefined;
		},
		loginOf(ctx) {
			const shown = shownBy.get(ctx.req);
			if (shown?.kind !== 'login' || ctx.req.headers.authorization !== undefined) return undefined;
			return isFromBrowser(ctx) && !origins.isOwnPage(ctx.req, clientOf(ctx)) ? 'cross-site' : shown;
		},
	};
}

/** What stands there twice is taken out as well, and is no login. */
function readLogin(query: string): Shown | undefined {
	const params = new URLSearchParams(query);
	const one = (name: string) => (params.getAll(name).length === 1 ? (params.get(name) ?? '') : '');
	if (params.has('KISMET')) return { kind: 'key', text: one('KISMET') };
	if (!params.has('user') || !params.has('password')) return undefined;
	return { kind: 'login', name: one('user'), password: one('password') };
}

function stripIn(address: string, stripQuery: (query: string) => string): string {
	const at = address.indexOf('?');
	return at === -1 ? address : address.slice(0, at) + stripQuery(address.slice(at));
}

/** In the form in which a request goes on, too. */
function replaceReferer(req: Context['req'], referer: string): void {
	req.headers.referer = referer;
	for (let at = 0; at < req.rawHeaders.length; at += 2) {
		if (req.rawHeaders[at]?.toLowerCase() === 'referer') req.rawHeaders[at + 1] = referer;
	}
}
