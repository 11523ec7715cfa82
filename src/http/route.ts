import { createRequire } from 'node:module';
import type Router from '@koa/router';
import type { Context } from 'koa';
import type { ZodType } from 'zod';
import type { Outcome } from '../core/refusal.ts';
import type { Requirements } from '../core/requirements.ts';
import type { OpenSession, Session } from '../core/session.ts';
import type { AuthenticatedSession } from '../core/sessions.ts';
import { http } from './node-http.ts';
import { aroundBody } from './request/around-body.ts';
import { parse } from './request/body.ts';
import type { Origins } from './request/origins.ts';
import type { Answers } from './response/refusals.ts';
import { answerRefusals, HttpRefused, unwrap } from './response/refusals.ts';

interface Endpoint<Body> {
	readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
	/** As @koa/router writes paths; compared letter for letter. */
	readonly path: string | RegExp;
	/** What the body must be. Absent: none is read. `openapi.yaml` says the same. */
	readonly body?: ZodType<Body>;
	/**
	 * How it is read, once the request satisfies all requirements. Absent: as JSON. `in-handler`: the handler reads it, where
	 * it needs it.
	 */
	readonly readBody?: ((ctx: Context) => Promise<Body>) | 'in-handler';
}

/** An endpoint and what a request must satisfy there. There is no default: who adds a route must say it. */
export interface Route extends Endpoint<unknown> {
	/** `nothing`: no session is looked at. */
	readonly requires: Requirements | 'nothing';
	handle(ctx: Context, checked: AuthenticatedSession | undefined, body: unknown): Promise<void> | void;
}

interface OpenRoute<Body> extends Endpoint<Body> {
	handle(ctx: Context, body: Body): Promise<void> | void;
}

/** A route that requires nothing. */
export function openRoute<Body>({ handle, ...endpoint }: OpenRoute<Body>): Route {
	return { ...endpoint, requires: 'nothing', handle: (ctx, _, body) => handle(ctx, body as Body) };
}

type SessionFor<Needed extends Requirements['session']> = Needed extends 'open' ? OpenSession : Session;

interface SessionRoute<Needed extends Requirements['session'], Body> extends Endpoint<Body> {
	readonly requires: Requirements & { readonly session: Needed };
	handle(ctx: Context, checked: AuthenticatedSession<SessionFor<Needed>>, body: Body): Promise<void> | void;
}

/** A route whose handler gets exactly the session that it requires. */
export function sessionRoute<const Needed extends Requirements['session'], Body>(
	route: SessionRoute<Needed, Body>,
): Route {
	return route as Route;
}

/** What a dialect brings along to have its routes mounted. */
export interface Mounting {
	readonly answers: Answers;
	readonly origins: Origins;
	/** The session that a request carries in this dialect's way, judged. */
	check(ctx: Context, requirements: Requirements): Promise<Outcome<AuthenticatedSession>>;
	/** Every other method, `HEAD` among them, is answered 405, by the dialect's table. For one route a path. */
	readonly exactMethods?: true;
}

/** By `require`: the router's ES module imports `node:http` (`node-http.ts`). */
const RouterClass: typeof Router = createRequire(import.meta.url)('@koa/router').default;

/** Paths are compared letter for letter, with the `/` at their end. */
export function createRouter(): Router {
	// Of all methods, since it answers others with 501, whatever was answered.
	return new RouterClass({ sensitive: true, strict: true, methods: [...http.METHODS] });
}

/**
 * Puts routes onto the router: cross-site first, then the session, the body (and a session that waited for it once more), the handler;
 * every no by the dialect's table.
 */
export function mount(router: Router, routes: readonly Route[], mounting: Mounting): void {
	const { answers, origins, check, exactMethods } = mounting;
	mounted.set(router, [...routesOn(router), ...routes]);
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
						const { requires } = route;
						const [checked, body] = await aroundBody(
							context,
							async () => (requires === 'nothing' ? undefined : unwrap(await check(context, requires))),
							() => read(context, route),
						);
						await route.handle(context, checked, body);
					}),
			],
			as(route),
		);
	}
}

const mounted = new WeakMap<Router, readonly Route[]>();

/** The table of routes: all that dialects have put onto this router. */
export function routesOn(router: Router): readonly Route[] {
	return mounted.get(router) ?? [];
}

async function read(ctx: Context, { body, readBody }: Route): Promise<unknown> {
	if (body === undefined || readBody === 'in-handler') return undefined;
	return readBody ? readBody(ctx) : parse(ctx, body, 'json');
}

const othersRefused = 'other methods are refused';

function refuseOtherMethods(router: Router, { path, method }: Route, { answers, origins }: Mounting): void {
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

function as({ path }: Pick<Route, 'path'>) {
	return { pathAsRegExp: path instanceof RegExp };
}
