import type { Context } from 'koa';
import { parsePermission } from '../core/identity.ts';
import { clientOf } from '../http/request/context.ts';
import { plainAnswers } from '../http/response/default-answers.ts';
import { answerRefusals, granted, HttpRefused, refuse } from '../http/response/refusals.ts';
import { reply } from '../http/response/reply.ts';
import type { Decide, Wanted } from './authorize.ts';
import { identityHeaders } from './authorize.ts';
import type { CanonicalPath } from './path.ts';
import { splitTarget } from './path.ts';
import type { RuleOf } from './rules.ts';
import type { IsWideWorker } from './service-worker.ts';

export const forwardAuthPath = '/services/auth/v1/verify';

export interface ForwardAuthParts {
	readonly decide: Decide;
	readonly ruleOf: RuleOf;
	readonly isWideWorker: IsWideWorker;
	/** Config: `session.pollingCounts`. */
	readonly pollingCounts: boolean;
}

/**
 * Answers a proxy's question whether a request may pass: 200 with the identity in headers, 401 or 403; never 2xx where
 * anything is wrong. Asked by nginx `auth_request`, Caddy `forward_auth`, Traefik ForwardAuth, with any method: some
 * proxies ask with that of the request.
 */
export function createForwardAuth({ decide, ruleOf, isWideWorker, pollingCounts }: ForwardAuthParts) {
	return async (ctx: Context): Promise<void> => {
		await answerRefusals(ctx, plainAnswers, async () => {
			const { viaTrustedProxy } = clientOf(ctx);
			// A page that asks by itself, again and again, must not keep a session alive; a proxy asks for a person.
			const counts = viaTrustedProxy || pollingCounts;
			const decision = await decide(ctx, { ...wantedBy(ctx, viaTrustedProxy), counts });
			const access = granted(decision, decision.answers);
			reply(ctx, {}, 200, identityHeaders(access));
		});
		ctx.res.statusCode = asProxiesKnow(ctx.res.statusCode);
	};

	function wantedBy(ctx: Context, trusted: boolean): Omit<Wanted, 'counts'> {
		// Only a proxy that we know may speak of another request than its own; and it must say one thing only.
		const asked = trusted ? forwardedBy(ctx) : undefined;
		if (asked === 'unclear') refuse({ kind: 'forwarded-request-unclear' });
		if (ctx.querystring !== '' && ctx.query.permission !== undefined) {
			if (isCarriedOver(ctx)) refuse({ kind: 'forwarded-request-unclear' });
			const isWide = isWideWorker(ctx.req, asked?.path, undefined);
			return { ...byPermission(ctx), method: asked?.method, isWideWorker: isWide };
		}
		if (asked?.method === undefined || asked.path === undefined) refuse({ kind: 'forwarded-request-unclear' });
		const rule = ruleOf(asked.path);
		if (rule === undefined || rule === 'ambiguous') refuse({ kind: 'forwarded-request-unclear' });
		const isWide = isWideWorker(ctx.req, asked.path, rule);
		return { permission: rule.permission, xsrf: rule.xsrf, method: asked.method, isWideWorker: isWide };
	}
}

/**
 * Proxies know three answers, whatever a protocol says: nginx takes any other for a fault. Being too busy is one: 503,
 * as when a store is away.
 */
function asProxiesKnow(status: number): number {
	if ([200, 401, 403, 503].includes(status)) return status;
	return status === 400 ? 403 : 401;
}

function byPermission({ query }: Context): Pick<Wanted, 'permission' | 'xsrf'> {
	const permission = typeof query.permission === 'string' ? parsePermission(query.permission) : undefined;
	const xsrf = query.xsrf ?? 'always';
	if (permission === undefined) throw new HttpRefused('malformed', 'permission: is not a permission');
	if (xsrf !== 'always' && xsrf !== 'unsafe') throw new HttpRefused('malformed', 'xsrf: must be always or unsafe');
	return { permission, xsrf };
}

/**
 * Caddy asks with the query of the request that it asks about, unless its `uri` has one, too: then a client would choose
 * the permission itself, in whatever way it writes it. Nobody's word is too little to see that, so every proxy's is taken.
 */
function isCarriedOver({ querystring, req: { headers } }: Context): boolean {
	const asked = new URLSearchParams(querystring);
	const uris = [headers['x-forwarded-uri'], headers['x-original-uri'], headers['x-original-url']];
	return uris.some((uri) => {
		if (typeof uri !== 'string' || !uri.includes('?')) return false;
		const carried = [...new URLSearchParams(uri.slice(uri.indexOf('?') + 1))];
		return carried.length > 0 && carried.every(([name, value]) => asked.has(name, value));
	});
}

interface Forwarded {
	readonly method: string | undefined;
	readonly path: CanonicalPath | undefined;
}

/**
 * The request that a proxy asks about: in Traefik's and Caddy's words, in nginx's, or in those of nginx's Ingress
 * controller, which names the whole URL. What a proxy says twice, Node joins to `a, b`, which is no method and no path.
 */
function forwardedBy({ req: { headers } }: Context): Forwarded | 'unclear' {
	const url = headers['x-original-url'];
	const pathOfUrl = typeof url === 'string' ? (/^https?:\/\/[^/?#, ]+(\/.*)$/i.exec(url)?.[1] ?? '') : undefined;
	const method = agreed(headers['x-forwarded-method'], headers['x-original-method']);
	const uri = agreed(headers['x-forwarded-uri'], headers['x-original-uri'], pathOfUrl);
	if (method === false || uri === false || isTwice(method) || isTwice(headers['x-forwarded-host'])) return 'unclear';
	if (uri === undefined) return { method, path: undefined };
	const target = splitTarget(uri);
	return target === undefined ? 'unclear' : { method, path: target.path };
}

type Said = string | string[] | undefined;

/** What all say who say something; `false` where they contradict each other. */
function agreed(...said: readonly Said[]): string | undefined | false {
	let one: string | undefined;
	for (const text of said) {
		if (typeof text !== 'string' || text === one) continue;
		if (one !== undefined) return false;
		one = text;
	}
	return one;
}

function isTwice(said: Said): boolean {
	return typeof said === 'string' && said.includes(',');
}
