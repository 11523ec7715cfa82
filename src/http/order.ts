import type Router from '@koa/router';
import type Koa from 'koa';
import type { Context, Middleware } from 'koa';
import { type AppParts, answerPreflight, keepOwnPaths, openRequest, refuseUnservable } from './app.ts';
import { createShortWay } from './short-way.ts';

/** What an app does besides what holds for every request. */
export interface Ways {
	/** Our own paths. Absent: none. */
	readonly router?: Router;
	/** Whether one of them is as if it were not there. Absent: none is. */
	readonly isHidden?: (ctx: Context) => boolean;
	/** Before anything else looks at the address. Absent: nothing is taken out of it. */
	readonly first?: Middleware | undefined;
	/** What all other paths belong to, whatever the method. Absent, as `behind`: nothing is there, 404. */
	readonly gateway?: Middleware | undefined;
	/** The same of the app around us, of the common methods. */
	readonly behind?: Middleware | undefined;
}

/** The order of a request: each step answers, refuses, or passes it on to the next. There is no other place where it is said. */
export function putInOrder(app: Koa, parts: AppParts, ways: Ways): Koa {
	const { router, isHidden = () => false, first, gateway, behind } = ways;
	const shown =
		(own: Middleware): Middleware =>
		(ctx, next) =>
			isHidden(ctx) ? next() : own(ctx, next);
	const steps = [
		// 1. A request id, and who the client is. From here on refusals and faults become answers, and are counted.
		openRequest(parts),
		// 2. Framing, methods, the number of headers, `Expect`: what two servers could read differently gets no further.
		refuseUnservable(parts.methodsOf, gateway !== undefined),
		// A login in the query (dialect/kismet/query-login.ts).
		first,
		// 3. Our own paths. Each route judges cross-site requests, then the session, then the body (route.ts).
		router && shown(createShortWay(router)),
		router && shown(router.routes() as unknown as Middleware),
		// 4. What a browser asks before a page of an allowed origin may call.
		answerPreflight(parts.origins),
		// 5. 405 on a path of ours that takes another method: what stands behind us is not asked about it.
		router && (router.allowedMethods() as unknown as Middleware),
		router && keepOwnPaths,
		// 6. The gateway: cross-site, session, credentials, permissions, then the upstream (gateway/protect.ts).
		gateway ?? behind,
	];
	for (const step of steps) if (step) app.use(step);
	return app;
}
