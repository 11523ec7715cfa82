import type { Context, Middleware } from 'koa';
import type { Access } from '../core/requirements.ts';
import { refuseMethod } from '../http/app.ts';
import type { Authenticator } from '../http/authenticator.ts';
import { commonMethods } from '../http/methods.ts';
import { shownCertificate } from '../http/request/certificate.ts';
import { clientOf, hostOf, hstsFor, originOf, requestIdOf, requestIdsOf } from '../http/request/context.ts';
import type { Origins } from '../http/request/origins.ts';
import type { Answer, Answers } from '../http/response/refusals.ts';
import { answerRefusals, HttpRefused, throwRefusal, unwrap } from '../http/response/refusals.ts';
import { reply, writeReply } from '../http/response/reply.ts';
import { answerOn, isUpgrade, takeUpgrade } from '../http/server/upgrade.ts';
import type { Log } from '../observability/log.ts';
import type { Decide } from './authorize.ts';
import { identityHeaders } from './authorize.ts';
import { type Destination, judgeDestination } from './destination.ts';
import type { Lead } from './lead.ts';
import { splitTarget } from './path.ts';
import type { People } from './people.ts';
import { hasUnexpectedBody } from './proxy/headers.ts';
import type { Onward, Passed, ReverseProxy } from './proxy/reverse-proxy.ts';
import type { Tunnel } from './proxy/tunnel.ts';
import type { Reauthorize } from './reauthorize.ts';
import { judgedMethod, type Rule, type RuledRequest, type RuleOf } from './rules.ts';
import type { IsWideWorker } from './service-worker.ts';

export interface ProtectParts {
	readonly decide: Decide;
	readonly lead: Lead;
	readonly people: People;
	readonly reauthorize: Reauthorize;
	readonly ruleOf: RuleOf;
	readonly isWideWorker: IsWideWorker;
	readonly origins: Origins;
	readonly proxy: ReverseProxy;
	readonly authenticators: readonly Authenticator[];
	readonly log: Log;
	/** Milliseconds between two looks whether what let an open WebSocket in still holds. */
	readonly tunnelCheckMs: number;
	/** An upstream has refused what it is shown. `name`: in the configuration. */
	readonly onCredentialsRefused?: ((name: string) => void) | undefined;
}

/** An open WebSocket: what was asked for, where it leads, and what let it in. */
interface Watched {
	readonly asked: RuledRequest;
	readonly upstream: URL;
	readonly access?: Access;
}

/** Where a request goes. */
interface Way {
	readonly upstream: URL;
	readonly target: string;
	readonly destination: Destination | undefined;
}

/** As it was judged, and of the host that the upstream is told: others refuse it. */
function shownDestination(
	{ path, query, isAbsolute }: Destination,
	ctx: Context,
	{ host }: Rule,
	upstream: URL,
): string {
	const origin = isAbsolute ? `${upstream.protocol}//${host ?? ctx.req.headers.host ?? upstream.host}` : '';
	return origin + path + query;
}

/** Protects what stands behind us: whatever no route of ours took comes here, and what no rule names goes nowhere. */
export function createProtect(parts: ProtectParts): Middleware {
	const {
		decide,
		lead,
		people,
		reauthorize,
		ruleOf,
		isWideWorker,
		origins,
		proxy,
		authenticators,
		log,
		tunnelCheckMs,
	} = parts;
	const cookies = authenticators.flatMap((authenticator) => authenticator.secrets.cookies);
	const removed = authenticators.flatMap((authenticator) => authenticator.secrets.headers);
	const isOwnAuthorization = (value: string) =>
		authenticators.some(({ secrets }) => secrets.isOwnAuthorization?.(value));

	let toldOfCookie = false;

	/** An application that names its session cookie as we do cannot work behind us, and nothing else would show why. */
	function tellOfCookie(cookie: string, upstream: URL) {
		if (toldOfCookie) return;
		toldOfCookie = true;
		log.warn({ cookie, upstream: upstream.host }, 'an upstream sets a cookie of our name, which goes no further');
	}

	function onwardTo(ctx: Context, rule: Rule, { upstream, target, destination }: Way, access?: Access): Onward {
		const { address, secure, host } = clientOf(ctx);
		return {
			upstream,
			...(rule.host !== undefined && { host: rule.host }),
			credentials: rule.credentials,
			tls: rule.tls?.(),
			stripQuery: rule.stripQuery,
			back: origins.corsHeaders(ctx.req),
			onSecretCookie: (cookie) => tellOfCookie(cookie, upstream),
			target,
			set: {
				...(access && identityHeaders(access)),
				'X-Forwarded-For': address,
				'X-Forwarded-Proto': secure ? 'https' : 'http',
				'X-Forwarded-Host': host,
				'X-Request-Id': requestIdOf(ctx),
				...(destination && { Destination: shownDestination(destination, ctx, rule, upstream) }),
			},
			remove: removed,
			isOwnAuthorization,
			secretCookies: cookies,
			newCookies: [ctx.res.getHeader('Set-Cookie') ?? []].flat().map(String),
		};
	}

	/** Judged by the rules of now, and by what let it in; `access`: absent where nobody was asked. */
	async function holds(ctx: Context, { asked, upstream, access }: Watched): Promise<boolean> {
		const rule = ruleOf(asked);
		if (typeof rule !== 'object' || rule.upstream?.href !== upstream.href || rule.access === 'denied') return false;
		const here = {
			get certificate() {
				return shownCertificate(ctx.req, clientOf(ctx));
			},
		};
		return rule.access === 'public' || (access !== undefined && reauthorize(access, rule, here));
	}

	/** Looked at from time to time; the first no closes the tunnel. Faults do not. */
	function watch(ctx: Context, watched: Watched, tunnel: Tunnel) {
		const timer = setInterval(() => {
			holds(ctx, watched).then(
				(isStillLetIn) => isStillLetIn || tunnel.close(),
				(cause) => log.warn({ cause, ...requestIdsOf(ctx) }, 'an open WebSocket could not be judged'),
			);
		}, tunnelCheckMs);
		timer.unref();
		void tunnel.closed.then(() => clearInterval(timer));
	}

	/** `words`: for a broken upstream. */
	async function passOn(ctx: Context, onward: Onward, words: Answers, watched: Watched) {
		// From here on the answer is the upstream's.
		ctx.respond = false;
		const upgrade = takeUpgrade(ctx.req);
		if (upgrade === undefined) {
			const answer = answerTo(ctx, await proxy.pass(ctx.req, ctx.res, onward), onward, words);
			if (answer === undefined) return;
			ctx.respond = true;
			reply(ctx, answer.body, answer.status, answer.headers);
			return;
		}
		const passed = await proxy.upgrade(ctx.req, upgrade.socket, upgrade.head, onward);
		if (passed.kind === 'tunnel') {
			ctx.res.statusCode = 101;
			watch(ctx, watched, passed.tunnel);
			return;
		}
		const answer = answerTo(ctx, passed, onward, words);
		if (answer === undefined) return;
		ctx.res.statusCode = answer.status;
		const res = answerOn(upgrade.socket, ctx.req);
		res.statusCode = answer.status;
		writeReply(res, answer, hstsFor(ctx));
	}

	/** The log learns what became of it; the client only where nothing was written yet. */
	function answerTo(
		ctx: Context,
		passed: Passed,
		{ upstream, credentials }: Onward,
		words: Answers,
	): Answer | undefined {
		if (passed.kind === 'answered') return undefined;
		const { kind, cause } = passed;
		if (kind === 'upstream-credentials-refused') {
			const name = credentials?.name ?? '';
			parts.onCredentialsRefused?.(name);
			const fields = { credentials: name, upstream: upstream.host, ...requestIdsOf(ctx) };
			log.error(fields, 'an upstream refuses the credentials that it is shown');
			return words({ kind });
		}
		log[kind === 'cut' ? 'debug' : 'warn']({ kind, cause, ...requestIdsOf(ctx) }, 'upstream failed');
		return kind === 'cut' ? undefined : words({ kind });
	}

	async function judge(ctx: Context, words: Answers) {
		const target = splitTarget(ctx.req.url ?? '');
		if (target === undefined) throw new HttpRefused('malformed', 'the path is ambiguous');
		const host = hostOf(ctx);
		const { address } = clientOf(ctx);
		const ruled = { host, path: target.path, method: ctx.method, websocket: isUpgrade(ctx.req), address };
		const rule = ruleOf(ruled);
		// One that few know may do anything: it has to be named.
		const isNamed = typeof rule === 'object' && rule.methods !== undefined;
		if (!isNamed && !commonMethods.has(ctx.method)) refuseMethod(ctx);
		if (rule === 'unclear') throw new HttpRefused('malformed', 'the host is ambiguous');
		if (rule === 'ambiguous') throw new HttpRefused('malformed', 'the path is ambiguous');
		if (rule?.upstream === undefined || rule.access === 'denied') throwRefusal({ kind: 'not-found' });
		if (hasUnexpectedBody(ctx.req)) {
			ctx.res.shouldKeepAlive = false;
			throw new HttpRefused('malformed', `${ctx.method} has no body here`);
		}
		const { upstream, unauthenticated } = rule;
		const asked = target.path + (rule.stripQuery?.(target.query) ?? target.query);
		const destination = judgeDestination(ctx.req.rawHeaders, ruled, rule, ruleOf);
		const onward = (access?: Access) => onwardTo(ctx, rule, { upstream, target: asked, destination }, access);
		const isWide = isWideWorker(ctx.req, { host, path: target.path }, rule);
		if (rule.access === 'public' && !isWide) return passOn(ctx, onward(), words, { asked: ruled, upstream });
		const decision = await decide(ctx, rule, {
			...{ method: judgedMethod(rule, ctx.method), countsAsActivity: true, isWideWorker: isWide },
			...{ path: target.path, otherPaths: destination ? [destination.path] : [] },
		});
		if (!decision.ok) {
			const way = { method: ctx.method, origin: originOf(ctx), target: asked, unauthenticated };
			if (lead.redirect(ctx, decision.refusal, way)) return;
			lead.tell(ctx, decision.refusal, way);
			unwrap(decision, people.answers(ctx, { asked: way }, decision.answers));
		}
		const access = unwrap(decision);
		await passOn(ctx, onward(access), words, { asked: ruled, upstream, access });
	}

	return (ctx) => {
		const { method } = ctx;
		const words: Answers = (no) =>
			people.answers(ctx, { asked: { method, origin: originOf(ctx), target: undefined } })(no);
		return answerRefusals(ctx, words, () => judge(ctx, words));
	};
}
