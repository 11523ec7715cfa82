import type { Context, Middleware } from 'koa';
import type { Access, Door } from '../http/door.ts';
import type { Log } from '../http/log.ts';
import { granted, HttpRefused, refuse } from '../http/refused.ts';
import { isUpgrade, takeUpgrade } from '../http/upgrade.ts';
import { clientOf, requestIdOf } from '../http/visit.ts';
import type { Decide, Wanted } from './decide.ts';
import { identityHeaders } from './decide.ts';
import { type CanonicalPath, splitTarget } from './path.ts';
import type { Onward, Passed, ReverseProxy } from './reverse-proxy.ts';
import type { Rule } from './rules.ts';
import type { Tunnel } from './tunnel.ts';

export interface ProtectParts {
	readonly decide: Decide;
	readonly ruleOf: (path: CanonicalPath) => Rule | undefined;
	readonly proxy: ReverseProxy;
	readonly doors: readonly Door[];
	readonly log: Log;
	/** Milliseconds between two looks whether the session of an open WebSocket still lives. */
	readonly tunnelCheckMs: number;
}

/** Protects what stands behind us: whatever no route of ours took comes here, and what no rule names goes nowhere. */
export function createProtect({ decide, ruleOf, proxy, doors, log, tunnelCheckMs }: ProtectParts): Middleware {
	const cookies = doors.flatMap((door) => door.secrets.cookies);
	const removed = doors.flatMap((door) => door.secrets.headers);

	function onwardTo(ctx: Context, upstream: URL, target: string, access: Access): Onward {
		const { address, secure, host } = clientOf(ctx);
		return {
			upstream,
			target,
			set: {
				...identityHeaders(access),
				'X-Forwarded-For': address,
				'X-Forwarded-Proto': secure ? 'https' : 'http',
				'X-Forwarded-Host': host,
			},
			remove: removed,
			secretCookies: cookies,
			newCookies: [ctx.res.getHeader('Set-Cookie') ?? []].flat().map(String),
		};
	}

	/** What was asked for is asked again from time to time; the first no closes the tunnel. Faults do not. */
	function watch(ctx: Context, wanted: Wanted, tunnel: Tunnel) {
		const timer = setInterval(() => {
			decide(ctx, { ...wanted, counts: false }).then(
				(still) => still.ok || tunnel.close(),
				(cause) => log.warn({ cause, requestId: requestIdOf(ctx) }, 'an open WebSocket could not be judged'),
			);
		}, tunnelCheckMs);
		timer.unref();
		void tunnel.closed.then(() => clearInterval(timer));
	}

	async function passOn(ctx: Context, wanted: Wanted, onward: Onward) {
		// From here on the answer is the upstream's.
		ctx.respond = false;
		if (!isUpgrade(ctx.req)) return answer(ctx, await proxy.pass(ctx.req, ctx.res, onward));
		const upgrade = takeUpgrade(ctx.req);
		if (upgrade === undefined) return;
		const passed = await proxy.upgrade(ctx.req, upgrade.socket, upgrade.head, onward);
		if (passed.kind === 'tunnel') watch(ctx, wanted, passed.tunnel);
		else if (passed.kind !== 'answered') {
			log.warn({ kind: passed.kind, cause: passed.cause, requestId: requestIdOf(ctx) }, 'upstream failed');
			upgrade.socket.destroy();
		}
	}

	function answer(ctx: Context, passed: Passed) {
		if (passed.kind === 'answered') return;
		log[passed.kind === 'cut' ? 'debug' : 'warn'](
			{ kind: passed.kind, cause: passed.cause, requestId: requestIdOf(ctx) },
			'upstream failed',
		);
		if (passed.kind === 'cut') return;
		ctx.respond = true;
		ctx.status = passed.kind === 'bad-gateway' ? 502 : 504;
		ctx.body = {
			message: `The upstream ${passed.kind === 'bad-gateway' ? 'cannot be reached' : 'did not answer in time'}`,
		};
	}

	return async (ctx) => {
		const target = splitTarget(ctx.req.url ?? '');
		if (target === undefined) throw new HttpRefused('malformed', 'the path is ambiguous');
		const rule = ruleOf(target.path);
		if (rule?.upstream === undefined) refuse({ kind: 'not-found' });
		const { permission, xsrf } = rule;
		const wanted: Wanted = { permission, xsrf, method: ctx.method, counts: true };
		const decision = await decide(ctx, wanted);
		const access = granted(decision, decision.answers);
		await passOn(ctx, wanted, onwardTo(ctx, rule.upstream, target.path + target.query, access));
	};
}
