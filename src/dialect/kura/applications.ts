import type { Context } from 'koa';
import type { AuthenticatedSession } from '../../core/sessions.ts';
import { reply } from '../../http/response/reply.ts';
import type { Route } from '../../http/route.ts';
import { sessionRoute } from '../../http/route.ts';
import { ownSession } from './administration.ts';
import { base } from './paths.ts';

/** Ours: what somebody may open. `list`: by the rules of the gateway. */
export function applicationsRoute(list: (ctx: Context, checked: AuthenticatedSession) => readonly object[]): Route {
	return sessionRoute({
		method: 'GET',
		path: `${base}/applications`,
		requires: ownSession,
		handle(ctx, checked) {
			reply(ctx, { applications: list(ctx, checked) });
		},
	});
}
