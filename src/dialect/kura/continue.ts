import type { Context } from 'koa';
import type { Outcome, Refusal } from '../../core/refusal.ts';
import type { RequestContext } from '../../core/request.ts';
import type { Session } from '../../core/session.ts';
import type { AuthenticatedSession } from '../../core/sessions.ts';
import type { NonceDigest } from '../../core/ticket.ts';
import { HttpRefused, throwRefusal, unwrap } from '../../http/response/refusals.ts';
import { reply } from '../../http/response/reply.ts';
import { type Route, sessionRoute } from '../../http/route.ts';
import { ownSession } from './administration.ts';
import { continueRequest } from './bodies.ts';
import { base } from './paths.ts';

/** What is to be done with an address that a person wants to be led back to. */
export type Onward =
	| { readonly kind: 'leads'; readonly url: URL }
	/** Of no host of ours, or written as no address of ours would be. */
	| { readonly kind: 'not-ours' }
	/** It is ours, and would refuse. */
	| { readonly kind: 'refused'; readonly refusal: Refusal };

export interface ContinueParts {
	judge(ctx: Context, url: string, checked: AuthenticatedSession): Promise<Onward>;
	/** The way there for a browser that another host has led here. `no-session`: it has ended meanwhile. */
	handOver(here: RequestContext, session: Session, url: URL, browser: NonceDigest): Promise<Outcome<string>>;
	requestContextOf(ctx: Context): RequestContext;
}

/** Ours: where a sign-in page leads to. It is never to go to an address that it was given without asking here. */
export function continueRoute({ judge, handOver, requestContextOf }: ContinueParts): Route {
	return sessionRoute({
		method: 'POST',
		path: `${base}/continue`,
		requires: ownSession,
		body: continueRequest,
		async handle(ctx, checked, { url, enter }) {
			const onward = await judge(ctx, url, checked);
			if (onward.kind === 'not-ours') throw new HttpRefused('malformed', 'That address is not one of ours');
			if (onward.kind === 'refused') throwRefusal(onward.refusal);
			const way = enter && unwrap(await handOver(requestContextOf(ctx), checked.session, onward.url, enter));
			reply(ctx, { url: way ?? onward.url.href });
		},
	});
}
