import type { Context } from 'koa';
import type { Identity, Permission } from '../../core/identity.ts';
import { parse } from '../../http/request/body.ts';
import { HttpRefused, throwRefusal } from '../../http/response/refusals.ts';
import { reply } from '../../http/response/reply.ts';
import type { Route } from '../../http/route.ts';
import { continueRequest } from './bodies.ts';
import { base } from './paths.ts';

/** What is to be done with an address that a person wants to be led back to. */
export type Onward =
	| { readonly kind: 'leads'; readonly url: URL }
	/** Of no host of ours, or written as no address of ours would be. */
	| { readonly kind: 'not-ours' }
	/** It is ours, and what is needed there is not held. */
	| { readonly kind: 'missing'; readonly permission: Permission };

/** Ours: where a sign-in page leads to. It is never to go to an address that it was given without asking here. */
export function continueRoute(judge: (ctx: Context, url: string, identity: Identity) => Onward): Route {
	return {
		method: 'POST',
		path: `${base}/continue`,
		lets: 'open-session',
		xsrf: 'checked',
		counts: true,
		async handle(ctx, { identity }) {
			const { url } = await parse(ctx, continueRequest, 'json');
			const onward = judge(ctx, url, identity);
			if (onward.kind === 'not-ours') throw new HttpRefused('malformed', 'That address is not one of ours');
			if (onward.kind === 'missing') throwRefusal({ kind: 'permission-missing', permission: onward.permission });
			reply(ctx, { url: onward.url.href });
		},
	};
}
