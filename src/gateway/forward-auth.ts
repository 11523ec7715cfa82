import type { IncomingHttpHeaders } from 'node:http';
import type { Context } from 'koa';
import { parsePermission } from '../core/identity.ts';
import type { Access } from '../core/requirements.ts';
import type { Authenticator } from '../http/authenticator.ts';
import { clientOf } from '../http/request/context.ts';
import { codeOf, plainAnswers } from '../http/response/default-answers.ts';
import { answerRefusals, HttpRefused, throwRefusal, unwrap } from '../http/response/refusals.ts';
import { addHeader, reply } from '../http/response/reply.ts';
import type { Decide, JudgedRequest } from './authorize.ts';
import { identityHeaders } from './authorize.ts';
import { couldHaveDestination, judgeDestination } from './destination.ts';
import { extAuthzHeaders } from './ext-authz-headers.ts';
import { extAuthzRequest, type Forwarded, forwardedBy } from './forwarded.ts';
import type { Asked, Lead } from './lead.ts';
import { couldBeAnother, readOverrides } from './overrides.ts';
import type { People } from './people.ts';
import { isSafe, judgedMethod, type Protection, type Rule, type RuleOf } from './rules.ts';
import type { IsWideWorker } from './service-worker.ts';

export const forwardAuthPath = '/services/auth/v1/verify';
/** For Envoy, which puts the path of the request behind it. */
export const extAuthzPath = '/services/auth/v1/ext-authz';

export interface ForwardAuthParts {
	readonly decide: Decide;
	readonly authenticators: readonly Authenticator[];
	readonly lead: Lead;
	readonly people: People;
	readonly ruleOf: RuleOf;
	readonly isWideWorker: IsWideWorker;
	/** Config: `session.pollingCounts`. */
	readonly pollingCounts: boolean;
}

/** A question as it came in. */
interface Asking {
	/** `302`: the proxy passes every answer on, pages and redirects too. */
	readonly answer: '302' | undefined;
	/** Absent: no proxy that we know asks. */
	readonly forwarded: Forwarded | 'unclear' | undefined;
	/** What the proxy itself asks for, whatever the rules say. */
	readonly protection?: Protection | undefined;
}

interface Question {
	readonly protection: Protection;
	readonly judged: Omit<JudgedRequest, 'countsAsActivity'>;
	/** Absent: the proxy itself says what it takes. */
	readonly rule?: Rule;
	readonly isPublic?: boolean;
}

/**
 * Answers a proxy's question whether a request may pass: 200 with the identity in headers, 401 or 403; never 2xx where
 * anything is wrong. With any method: some proxies ask with that of the request. `verify`: asked by nginx `auth_request`,
 * Caddy `forward_auth`, Traefik ForwardAuth. `extAuthz`: by Envoy's `ext_authz` over HTTP.
 */
export function createForwardAuth(parts: ForwardAuthParts) {
	const { decide, authenticators, lead, people, ruleOf, isWideWorker, pollingCounts } = parts;
	const secrets = authenticators.flatMap((authenticator) => authenticator.secrets.headers);
	const named = (_: Context, access?: Access) =>
		access?.session ? identityHeaders(access) : { ...unnamed, ...(access && identityHeaders(access)) };
	const isOwn = (value: string) => authenticators.some((each) => each.secrets.isOwnAuthorization?.(value));
	const forEnvoy = (ctx: Context, access?: Access) => extAuthzHeaders(ctx, access, secrets, isOwn);

	return {
		verify: (ctx: Context) =>
			answer(ctx, named, () => ({
				...wantedBy(ctx),
				// Only a proxy that we know may speak of another request than its own; and it must say one thing only.
				forwarded: clientOf(ctx).viaTrustedProxy ? forwardedBy(ctx) : undefined,
			})),
		// Its query is the client's, and says nothing to us.
		extAuthz: (ctx: Context) =>
			answer(ctx, forEnvoy, () => ({ answer: '302', forwarded: extAuthzRequest(ctx, extAuthzPath) })),
	};

	/** `passing`: the headers of an answer that lets the request pass. */
	async function answer(
		ctx: Context,
		passing: (ctx: Context, access?: Access) => Readonly<Record<string, string>>,
		read: () => Asking,
	): Promise<void> {
		let isLed = false;
		let words = plainAnswers;
		await answerRefusals(
			ctx,
			(no) => words(no),
			async () => {
				const { answer, forwarded, protection: asksFor } = read();
				// A page that asks by itself, again and again, must not keep a session alive; a proxy asks for a person.
				const countsAsActivity = clientOf(ctx).viaTrustedProxy || pollingCounts;
				if (forwarded === 'unclear') throwRefusal({ kind: 'forwarded-request-unclear' });
				const showsPages = answer === '302' && forwarded !== undefined;
				if (showsPages) words = people.answers(ctx, { asked: forwarded });
				const { protection, judged, rule, isPublic } = questionOf(ctx, forwarded, asksFor);
				if (isPublic) return reply(ctx, {}, 200, passing(ctx));
				const decision = await decide(ctx, protection, { ...judged, countsAsActivity });
				if (!decision.ok) addHeader(ctx, 'Latchkey-Code', codeOf(decision.refusal.kind));
				if (!decision.ok && forwarded !== undefined) {
					const asked = askedBy(forwarded, rule);
					isLed = answer === '302' && lead.redirect(ctx, decision.refusal, asked);
					if (isLed) return;
					lead.tell(ctx, decision.refusal, asked);
					if (showsPages) unwrap(decision, people.answers(ctx, { asked }, decision.answers));
				}
				const access = unwrap(decision, decision.answers);
				reply(ctx, {}, 200, passing(ctx, access));
			},
		);
		if (!isLed) ctx.res.statusCode = asProxiesKnow(ctx.res.statusCode);
	}

	function questionOf(ctx: Context, forwarded: Forwarded | undefined, asksFor: Protection | undefined): Question {
		const { method, path, host } = forwarded ?? {};
		const { rawHeaders } = ctx.req;
		const overrides = readOverrides(rawHeaders, method);
		if (overrides === undefined) throwRefusal({ kind: 'forwarded-request-unclear' });
		const methods = [method, ...overrides.methods];
		if (asksFor !== undefined) {
			if (methods.some((each) => couldHaveDestination(rawHeaders, each)))
				throwRefusal({ kind: 'forwarded-request-unclear' });
			const isWide = isWideWorker(ctx.req, { host, path }, undefined);
			return {
				protection: asksFor,
				judged: {
					method: method && changingOf(method, overrides.methods),
					path,
					isWideWorker: isWide,
					otherPaths: overrides.paths,
				},
			};
		}
		if (method === undefined || path === undefined) throwRefusal({ kind: 'forwarded-request-unclear' });
		const websocket = forwarded?.websocket ?? 'unclear';
		const ruled = { host, path, method, websocket, address: clientOf(ctx).address };
		const rule = ruleOf(ruled);
		if (typeof rule !== 'object' || rule.access === 'denied') throwRefusal({ kind: 'forwarded-request-unclear' });
		const written = methods.map((each = method) =>
			judgeDestination(rawHeaders, { ...ruled, method: each }, rule, ruleOf),
		);
		if (couldBeAnother(overrides, ruled, rule, ruleOf)) throwRefusal({ kind: 'forwarded-request-unclear' });
		const isWide = isWideWorker(ctx.req, { host, path }, rule);
		const judged = (each: string) => judgedMethod(rule, each);
		const others = [...written.flatMap((each) => each?.path ?? []), ...overrides.paths];
		return {
			protection: rule,
			judged: {
				method: changingOf(judged(method), overrides.methods.map(judged)),
				path,
				isWideWorker: isWide,
				otherPaths: others,
			},
			rule,
			isPublic: rule.access === 'public' && !isWide,
		};
	}
}

/** Of the methods that an application could take, one that changes something, if there is one: that needs an XSRF token. */
function changingOf(own: string, others: readonly string[]): string {
	return [own, ...others].find((each) => !isSafe(each)) ?? own;
}

/** What the sign-in page leads back to: without what the rule takes out of a query. */
function askedBy(forwarded: Forwarded, rule: Rule | undefined): Asked {
	const { target, path } = forwarded;
	const query = path === undefined ? undefined : target?.slice(path.length);
	const kept = query === undefined ? undefined : path + (rule?.stripQuery?.(query) ?? query);
	return { ...forwarded, target: kept, unauthenticated: rule?.unauthenticated };
}

/**
 * Proxies know three answers, whatever a protocol says: nginx takes any other for a fault. Being too busy is one: 503,
 * as when a store is away.
 */
function asProxiesKnow(status: number): number {
	if ([200, 401, 403, 503].includes(status)) return status;
	return status === 400 ? 403 : 401;
}

/**
 * Where nobody is named, or no session: empty and not absent. Caddy 2.6 writes the name of its own variable in place of a
 * header that is absent.
 */
const unnamed = {
	'Remote-User': '',
	'Remote-Groups': '',
	'Remote-Level': '',
	'Remote-Methods': '',
	'Remote-Proved-At': '',
};

/** A proxy asks with the same query each time: it is taken apart once. */
let lastQuery = { text: '', query: new URLSearchParams() };

function queryOf(text: string): URLSearchParams {
	if (text !== lastQuery.text) lastQuery = { text, query: new URLSearchParams(text) };
	return lastQuery.query;
}

/**
 * What a proxy says in the query of its own. `answer`: how a person is told to sign in: `302` by those that pass every answer
 * on, as Caddy and Traefik do; absent by nginx, which would take it for a fault.
 */
function wantedBy({ req }: Context): Pick<Asking, 'answer' | 'protection'> {
	const { url = '', headers } = req;
	const start = url.indexOf('?');
	if (start < 0) return { answer: undefined };
	const query = queryOf(url.slice(start + 1));
	const [permission, answer] = [query.getAll('permission'), query.getAll('answer')];
	if (permission.length + answer.length === 0) return { answer: undefined };
	if (isCarriedOver(query, headers)) throwRefusal({ kind: 'forwarded-request-unclear' });
	if (answer.length > 0 && answer.join() !== '302') throw new HttpRefused('malformed', 'answer: must be 302');
	return {
		answer: answer.length > 0 ? '302' : undefined,
		protection: permission.length > 0 ? byPermission(permission, query.getAll('xsrf')) : undefined,
	};
}

function byPermission(
	[name = '', ...others]: readonly string[],
	[xsrf = 'always', ...more]: readonly string[],
): Protection {
	const permission = others.length === 0 ? parsePermission(name) : undefined;
	if (permission === undefined) throw new HttpRefused('malformed', 'permission: is not a permission');
	if (more.length > 0 || (xsrf !== 'always' && xsrf !== 'unsafe' && xsrf !== 'origin'))
		throw new HttpRefused('malformed', 'xsrf: must be always, unsafe or origin');
	return { access: { all: [permission] }, xsrf };
}

/**
 * Caddy asks with the query of the request that it asks about, unless its `uri` has one, too: then a client would choose
 * the permission itself, in whatever way it writes it. Nobody's word is too little to see that, so every proxy's is taken.
 */
function isCarriedOver(asked: URLSearchParams, headers: IncomingHttpHeaders): boolean {
	const uris = [headers['x-forwarded-uri'], headers['x-original-uri'], headers['x-original-url']];
	return uris.some((uri) => {
		if (typeof uri !== 'string' || !uri.includes('?')) return false;
		const carried = new URLSearchParams(uri.slice(uri.indexOf('?') + 1));
		if (carried.size === 0) return false;
		const pairs = new Set([...asked].map((pair) => JSON.stringify(pair)));
		return [...carried].every((pair) => pairs.has(JSON.stringify(pair)));
	});
}
