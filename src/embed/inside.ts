import type Koa from 'koa';
import type { Context, Middleware } from 'koa';
import type { Composed } from '../app/service.ts';
import { runnerOf } from '../http/app.ts';
import { hstsFor } from '../http/request/context.ts';
import { Page } from '../http/response/page.ts';
import { addedHeaders, replyOf } from '../http/response/reply.ts';
import { setSecurityHeaders } from '../http/response/security-headers.ts';

/*
 * An app of ours inside somebody else's. It runs on a context of its own, so that whom it believes (proxies), how its
 * cookies are made and what its words are is the same as in the service, whatever the app around it has set. Its answer
 * is then given to the host's context, so that the host's log, compression and sessions see it as any other.
 */

/** Runs an app of ours on a request of the host's. */
export function inside(app: Koa): (host: Context) => Promise<Context> {
	const run = runnerOf(app);
	return ({ req, res }) => run(req, res);
}

/** What was set as header stands on the response already: both contexts share it. */
export function answerWith(own: Context, host: Context): void {
	const { body = own.body, headers: { Vary, ...headers } = {} } = replyOf(own) ?? {};
	if (body instanceof Page) own.set('Content-Security-Policy', body.policy);
	setSecurityHeaders(own.res, hstsFor(own));
	host.status = own.res.statusCode;
	if (body instanceof Page) {
		host.type = 'html';
		host.body = body.html;
	} else if (body !== undefined && body !== null) host.body = body;
	host.set({ ...addedHeaders(own), ...headers });
	// The host may have said before what its answers depend on.
	if (Vary !== undefined) host.vary(Vary);
}

/** Takes our paths, whatever the method, and leaves all others to the host. */
export function routesInside(app: Koa, { router }: Pick<Composed, 'router'>): Middleware {
	const run = inside(app);
	return async (host, next) => {
		if (router.match(host.path, host.method).path.length === 0) return next();
		if (host.req.readableDidRead) {
			throw new Error('latchkey.routes() must stand before whatever reads request bodies');
		}
		answerWith(await run(host), host);
	};
}
