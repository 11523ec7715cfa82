import type { Context, Middleware } from 'koa';
import type { Composed } from '../app/service.ts';
import { createSignInLead, type Lead } from '../app/sign-in-lead.ts';
import type { Permission } from '../core/identity.ts';
import { parsePermission } from '../core/identity.ts';
import type { Refusal } from '../core/refusal.ts';
import type { Access } from '../core/requirements.ts';
import { createApp, setCorsHeaders } from '../http/app.ts';
import { putInOrder } from '../http/order.ts';
import { originOf } from '../http/request/context.ts';
import { privateCaching } from '../http/response/private-caching.ts';
import { unwrap } from '../http/response/refusals.ts';
import { answerWith, inside } from './inside.ts';
import type { GuardOptions, LatchkeyState } from './latchkey.ts';
import { toPerson } from './person.ts';

/** The gateway's decision as a middleware; the host goes on where it would pass a request on. */
export function createGuard(
	{ appParts, decide }: Composed,
	given: string | undefined,
	{ xsrf = 'always', counts = true, signIn, assuranceLevel, maxAge }: GuardOptions = {},
): Middleware<LatchkeyState> {
	const protection: Parameters<Composed['decide']>[1] = {
		access: given === undefined ? {} : { all: [permissionOf(given)] },
		...(assuranceLevel && { assuranceLevel }),
		...(maxAge !== undefined && { provedWithinMs: maxAge * 1000 }),
		xsrf,
	};
	const lead = signIn === undefined ? undefined : createSignInLead(signIn);
	/** As they were asked for. */
	const targets = new WeakMap<Context['req'], string>();
	const guarded: Middleware = async (ctx) => {
		const path = { ofTarget: targets.get(ctx.req) ?? '' };
		const judged = { method: ctx.method, path, countsAsActivity: counts };
		const decision = await decide(ctx, protection, judged);
		if (!decision.ok) ctx.state.refusal = decision.refusal;
		ctx.state.access = unwrap(decision, decision.answers);
		// The host's answer is not ours to finish.
		ctx.respond = false;
	};
	const judge = inside(putInOrder(createApp(), appParts, { behind: guarded }));
	return async (host, next) => {
		const { statusCode, statusMessage } = host.res;
		targets.set(host.req, targetOf(host));
		const own = await judge(host);
		const { access, refusal } = own.state as { access?: Access; refusal?: Refusal };
		if (access === undefined) {
			if (lead !== undefined && refusal !== undefined) leadToSignIn(lead, own, refusal, host);
			return answerWith(own, host);
		}
		// What it lets through is the host's: both contexts share the response.
		Object.assign(host.res, { statusCode, statusMessage });
		host.state.identity = toPerson(access.identity);
		setCorsHeaders(host, appParts.origins);
		keepPrivate(host);
		await next();
		if (!host.headerSent) keepPrivate(host);
	};
}

/** What the client asked for: an app that is mounted below a path has taken that off, Koa's in one way and Express's in another. */
function targetOf({ req, originalUrl }: Context): string {
	return (req as Context['req'] & { originalUrl?: string }).originalUrl ?? originalUrl;
}

function leadToSignIn(lead: Lead, own: Context, refusal: Refusal, host: Context): void {
	const asked = { method: host.method, origin: originOf(own), target: targetOf(host) };
	if (!lead.redirect(own, refusal, asked)) lead.tell(own, refusal, asked);
}

/** As the gateway does with the answers of upstreams. Before the host's answer, too: it may write that one by itself. */
function keepPrivate(host: Context) {
	host.set(
		'Cache-Control',
		privateCaching(String(host.res.getHeader('Cache-Control') ?? ''), host.res.hasHeader('Expires')),
	);
	for (const name of ['Surrogate-Control', 'CDN-Cache-Control']) host.remove(name);
	host.vary(['Cookie', 'Authorization']);
	if (!host.res.hasHeader('Cross-Origin-Resource-Policy')) host.set('Cross-Origin-Resource-Policy', 'same-origin');
}

function permissionOf(text: string): Permission {
	const permission = parsePermission(text);
	if (permission === undefined) throw new TypeError(`${text}: is not a permission`);
	return permission;
}
