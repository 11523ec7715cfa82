import type { Context } from 'koa';
import type { Handover } from '../core/handover.ts';
import type { Outcome } from '../core/refusal.ts';
import { ok } from '../core/refusal.ts';
import type { RequestContext } from '../core/request.ts';
import type { Session } from '../core/session.ts';
import type { NonceDigest } from '../core/ticket.ts';
import { noncesOf } from '../http/enter-cookie.ts';
import { originOf } from '../http/request/context.ts';
import { hostNameOf } from '../http/request/host.ts';
import { answerRefusals, HttpRefused, unwrap } from '../http/response/refusals.ts';
import { reply } from '../http/response/reply.ts';
import type { SessionCookie } from '../http/session-cookie.ts';
import type { People } from './people.ts';

/** Ours on every host that is protected: proxies in front lead it to us. */
export const enterPath = '/services/auth/v1/enter';

export interface EnterParts {
	readonly handover: Handover;
	readonly cookie: SessionCookie;
	readonly people: People;
	requestContextOf(ctx: Context): RequestContext;
}

/**
 * Answers a browser that comes with a ticket: its host's own session cookie, and on to where the person wanted to go, by the
 * ticket's own record. Whatever is wrong with a ticket, the answer is the same. HEAD would use it up, and is refused.
 */
export function createEnter({ handover, cookie, people, requestContextOf }: EnterParts) {
	return async (ctx: Context): Promise<void> => {
		const asked = { method: ctx.method, origin: originOf(ctx), target: undefined };
		await answerRefusals(ctx, people.answers(ctx, { asked }), async () => {
			if (ctx.method === 'HEAD') {
				ctx.set('Allow', 'GET');
				throw new HttpRefused('method-not-allowed');
			}
			const { ticket } = ctx.query;
			const text = typeof ticket === 'string' ? ticket : '';
			const entered = unwrap(await handover.enter(text, noncesOf(ctx), requestContextOf(ctx)));
			await cookie.give(ctx, entered.token);
			reply(ctx, {}, 303, { Location: entered.url });
		});
	};
}

/** The way to an address of ours for somebody who is signed in here: through a ticket where the session's cookie does not reach. */
export type HandOver = (
	here: RequestContext,
	session: Session,
	url: URL,
	browser: NonceDigest,
) => Promise<Outcome<string>>;

export function createHandOver({ issue }: Handover): HandOver {
	return async (here, session, url, browser) => {
		const host = hostNameOf(url.host);
		if (host === undefined || here.host === undefined || host === here.host) return ok(url.href);
		const ticket = await issue(session, { host, browser, url: url.href });
		return ticket.ok ? ok(`${url.origin}${enterPath}?ticket=${ticket.value}`) : ticket;
	};
}
