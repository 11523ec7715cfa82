import type { IncomingMessage, ServerResponse } from 'node:http';
import Koa, { type Context, type Middleware } from 'koa';
import compose from 'koa-compose';
import type { Log } from '../observability/log.ts';
import { commonMethods, neverTaken } from './methods.ts';
import type { ClientOf } from './request/client.ts';
import type { RequestState } from './request/context.ts';
import type { Origins } from './request/origins.ts';
import { newRequestId, requestIdOfProxy } from './request/request-id.ts';
import { plainAnswers } from './response/default-answers.ts';
import { answerFault } from './response/faults.ts';
import { answerRefusals, HttpRefused } from './response/refusals.ts';
import { addHeader, createSender, reply, replyOf } from './response/reply.ts';
import { isPlain } from './server/framing.ts';

export interface AppParts {
	readonly log: Log;
	readonly clientOf: ClientOf;
	readonly origins: Origins;
	/** Told the status of every answer, also of those that came from behind us. */
	readonly answered?: ((status: number) => void) | undefined;
	/** `Strict-Transport-Security` of answers over TLS. Absent: none. */
	readonly hsts?: string | undefined;
	/** What may be asked of the path, where it is one of ours. None, or absent: it is not. */
	readonly methodsOf?: (ctx: Context) => readonly string[];
}

/** Lines. Source: Node, `server.maxHeadersCount`. */
const mostHeaders = 1000;

/** A Koa app that believes what we know of the client. What it does with a request, and in which order: `order.ts`. */
export function createApp(): Koa {
	const app = new Koa();

	// Koa asks the request; the request asks us. Only so do cookies get `Secure` behind a trusted proxy, and never else.
	Object.defineProperty(app.request, 'protocol', {
		get(this: { ctx: Context }) {
			return (this.ctx.state as RequestState).client.secure ? 'https' : 'http';
		},
	});
	return app;
}

/** Finds out who the client is; whatever comes of the request has an id, headers and a status that is counted. */
export function openRequest({ log, clientOf, origins, answered, hsts }: AppParts): Middleware {
	return async (ctx, next) => {
		const client = clientOf(ctx.req);
		const requestId = requestIdOfProxy(ctx.req, client) ?? newRequestId();
		const state = ctx.state as RequestState;
		state.client = client;
		state.requestId = requestId;
		state.hsts = client.secure ? hsts : undefined;
		try {
			await answerRefusals(ctx, plainAnswers, next);
		} catch (fault) {
			answerFault(ctx, fault, log);
		}
		answered?.(ctx.res.statusCode);
		if (ctx.respond !== false) finish(ctx, origins, requestId);
	};
}

/**
 * Refuses unplain framing (`server/framing.ts`), methods that nobody takes, too many headers, and expectations, in this order.
 * `judgesMethods`: whether what stands behind us judges the others, too.
 */
export function refuseUnservable(methodsOf: AppParts['methodsOf'], judgesMethods: boolean): Middleware {
	function isTaken(ctx: Context, method: string): boolean {
		if (commonMethods.has(method)) return true;
		const own = methodsOf?.(ctx) ?? [];
		return !neverTaken.has(method) && (own.length > 0 ? own.includes(method) : judgesMethods);
	}

	return (ctx, next) => {
		const { method = '', headers, rawHeaders } = ctx.req;
		const isKnown = isTaken(ctx, method);
		if (!isPlain(ctx.req)) {
			ctx.res.shouldKeepAlive = false;
			// The target of CONNECT is never plain, and that method is refused as such.
			if (isKnown) throw new HttpRefused('malformed');
		}
		if (!isKnown) refuseMethod(ctx, methodsOf?.(ctx));
		// Node before 24.20 leaves out what comes behind so many, without a word: it may be what a proxy says of the client.
		if (rawHeaders.length >= 2 * mostHeaders) throw new HttpRefused('headers-too-large');
		// Rule: RFC 9110, 10.1.1. Node has answered `100 Continue` already.
		if (headers.expect !== undefined && headers.expect.toLowerCase() !== '100-continue')
			throw new HttpRefused('expectation-failed');
		return next();
	};
}

/** `taken`: by the path. None: the common ones. */
export function refuseMethod(ctx: Context, taken: readonly string[] = []): never {
	const allowed = taken.filter((method) => !neverTaken.has(method));
	ctx.set('Allow', (allowed.length > 0 ? allowed : [...commonMethods]).join(', '));
	throw new HttpRefused('method-not-allowed');
}

/** Runs an app that is complete on a request, in a context of its own, and writes nothing. */
export function runnerOf(app: Koa): (req: IncomingMessage, res: ServerResponse) => Promise<Context> {
	const run = compose(app.middleware);
	return async (req, res) => {
		res.statusCode = 404;
		const ctx = app.createContext(req, res) as Context;
		await run(ctx);
		return ctx;
	};
}

/** What a server does with each request. */
export function handlerOf(app: Koa, log: Log): (req: IncomingMessage, res: ServerResponse) => Promise<void> {
	const run = runnerOf(app);
	const unwritten = (req: IncomingMessage, cause: unknown) => {
		log.error({ cause }, 'an answer could not be written');
		req.socket.destroy();
	};
	const send = createSender(({ req }, fault) => unwritten(req, fault));
	return async (req, res) => {
		try {
			send(await run(req, res));
		} catch (fault) {
			unwritten(req, fault);
		}
	};
}

/** The last word on an answer. */
function finish(ctx: Context, origins: Origins, requestId: string) {
	const { res } = ctx;
	const status = res.statusCode;
	if (status >= 400) {
		if (replyOf(ctx) === undefined) {
			reply(ctx, plainAnswers({ kind: status === 405 ? 'method-not-allowed' : 'not-found' }).body, status);
		}
		addHeader(ctx, 'X-Request-Id', requestId);
		// A no never takes a session away, and never leaves one behind.
		if (status === 429 || status >= 500) res.removeHeader('Set-Cookie');
	}
	// What of the request was not read is not worth reading.
	if (!ctx.req.complete && ctx.req.httpVersionMajor < 2) res.setHeader('Connection', 'close');
	setCorsHeaders(ctx, origins);
}

/** Nothing, for pages of any other origin. */
export function setCorsHeaders(ctx: Context, origins: Origins): void {
	const headers = origins.corsHeaders(ctx.req);
	for (let at = 0; at < headers.length; at += 2) {
		const [name = '', value = ''] = headers.slice(at, at + 2);
		if (name === 'Vary') ctx.vary(value);
		else ctx.res.setHeader(name, value);
	}
}

/** A path of ours that knows another method ends here, with 405: what stands behind us is not asked about it. */
export const keepOwnPaths: Middleware = async ({ matched }: Context & { matched?: readonly unknown[] }, next) => {
	if (matched === undefined || matched.length === 0) await next();
};

/** A list of them, as browsers write it. */
const headerNames = /^[\w!#$%&'*+.^`|~-]+(, ?[\w!#$%&'*+.^`|~-]+)*$/;

/** Answers what a browser asks before it lets a page of an allowed origin call us. */
export function answerPreflight(origins: Origins): Middleware {
	return async (ctx, next) => {
		const wanted = ctx.get('Access-Control-Request-Method');
		if (ctx.method !== 'OPTIONS' || wanted === '' || origins.allowed(ctx.req) === undefined) return next();
		ctx.set('Access-Control-Allow-Methods', [...commonMethods].join(', '));
		const headers = ctx.get('Access-Control-Request-Headers');
		ctx.set('Access-Control-Allow-Headers', headerNames.test(headers) ? headers : 'Content-Type, X-XSRF-Token');
		ctx.set('Access-Control-Max-Age', '600');
		ctx.status = 204;
	};
}
