import type Router from '@koa/router';
import type { Context } from 'koa';
import type { Permission } from '../core/identity.ts';
import type { Outcome } from '../core/refusal.ts';
import type { Demand } from '../core/requirements.ts';
import type { OpenSession, Session } from '../core/session.ts';
import type { Checked } from '../core/sessions.ts';
import type { Origins } from './request/origins.ts';
import type { Answers } from './response/refusals.ts';
import { answerRefusals, HttpRefused, unwrap } from './response/refusals.ts';

interface Endpoint {
	readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
	/** As @koa/router writes paths; compared letter for letter. */
	readonly path: string | RegExp;
}

/** An endpoint that needs no session. */
export interface OpenRoute extends Endpoint {
	readonly lets: 'anyone';
	handle(ctx: Context): Promise<void> | void;
}

/** An endpoint that needs a session; its handler is handed exactly what the route lets in. */
export interface SessionRoute<Lets extends 'open-session' | 'any-session'> extends Endpoint {
	readonly lets: Lets;
	readonly xsrf: 'checked' | 'exempt';
	/** Whether it counts as activity of the session. */
	readonly counts: boolean;
	/** What the identity must hold besides. */
	readonly permission?: Permission;
	/** How long ago the session's credential may have been proved, in milliseconds. */
	readonly provedWithinMs?: number;
	handle(ctx: Context, checked: Checked<Lets extends 'open-session' ? OpenSession : Session>): Promise<void> | void;
}

/** An endpoint and whom it lets in. There is no default: whoever adds a route must say it. */
export type Route = OpenRoute | SessionRoute<'open-session'> | SessionRoute<'any-session'>;

/** What a route asks of its session; where the XSRF token stands is the dialect's to know. */
export interface RouteDemand extends Pick<Demand, 'lets' | 'counts' | 'permission' | 'provedWithinMs'> {
	readonly xsrf: 'checked' | 'exempt';
}

/** What a dialect brings along to have its routes mounted. */
export interface Mounting {
	readonly answers: Answers;
	readonly origins: Origins;
	/** The session that a request carries in this dialect's way, judged. */
	check(ctx: Context, demand: RouteDemand): Promise<Outcome<Checked>>;
	/** Every other method, `HEAD` among them, is answered 405, by the dialect's table. For one route a path. */
	readonly exactMethods?: true;
}

/** Puts routes onto the router: cross-site first, then the session, then the handler; every no by the dialect's table. */
export function mount(router: Router, routes: readonly Route[], mounting: Mounting): void {
	const { answers, origins, check, exactMethods } = mounting;
	for (const route of routes) {
		// First, since the router answers `HEAD` wherever it answers `GET`.
		if (exactMethods) refuseOtherMethods(router, route, mounting);
		router.register(
			route.path,
			[route.method],
			[
				(ctx) =>
					answerRefusals(ctx as unknown as Context, answers, async () => {
						const context = ctx as unknown as Context;
						origins.refuseCrossSite(context);
						if (route.lets === 'anyone') return route.handle(context);
						// The route itself is the demand: a copy of some of its parts would forget the permission.
						const checked = unwrap(await check(context, route));
						await route.handle(context, checked as Checked<OpenSession>);
					}),
			],
			as(route),
		);
	}
}

const othersRefused = 'other methods are refused';

function refuseOtherMethods(router: Router, { path, method }: Endpoint, { answers, origins }: Mounting): void {
	router.register(
		path,
		router.methods.filter((other) => other !== method),
		[
			(ctx, next) =>
				answerRefusals(ctx as unknown as Context, answers, async () => {
					// A browser that asks for a page of an allowed origin: answered further on.
					if (ctx.method === 'OPTIONS' && origins.allowed(ctx.req) !== undefined) return next();
					ctx.set('Allow', method);
					throw new HttpRefused('method-not-allowed');
				}),
		],
		{ ...as({ path }), name: othersRefused },
	);
}

/** The methods that routes on this path take, in alphabetical order. Empty: no route is there. */
export function methodsOn(router: Router, path: string): string[] {
	const found = router.match(path, '').path;
	const taken = found.filter(({ name }) => name !== othersRefused).flatMap((layer) => layer.methods);
	const isExact = taken.length < found.flatMap((layer) => layer.methods).length;
	return [...new Set(taken)].filter((method) => !(isExact && method === 'HEAD')).sort();
}

function as({ path }: Pick<Endpoint, 'path'>) {
	return { pathAsRegExp: path instanceof RegExp };
}
