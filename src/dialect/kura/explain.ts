import type { Identities } from '../../core/identities.ts';
import type { Identity } from '../../core/identity.ts';
import { HttpRefused } from '../../http/response/refusals.ts';
import { reply } from '../../http/response/reply.ts';
import { type Route, sessionRoute } from '../../http/route.ts';
import { administration } from './administration.ts';
import { explainRequest } from './bodies.ts';

/** A request that nobody has sent, as it is asked about. */
export interface AskedAbout {
	readonly method: string;
	readonly url: string;
	readonly from?: string | undefined;
	readonly websocket?: boolean | undefined;
}

/** `because`: what is wrong with the question. */
export type ExplainTo = (
	asked: AskedAbout,
	who: Identity | undefined,
) => Promise<{ readonly because: string } | { readonly passes: boolean }>;

export const explainPath = '/services/auth/v1/explain';

/** Ours: for administrators, why a request would pass or not. `latchkey rules explain` says the same. */
export function explainRoute(explain: ExplainTo, identities: Pick<Identities, 'findByName'>): Route {
	return sessionRoute({
		requires: administration,
		method: 'POST',
		path: explainPath,
		body: explainRequest,
		async handle(ctx, _, { as: name, ...asked }) {
			const who = name === undefined ? undefined : await identities.findByName(name);
			if (name !== undefined && who === undefined) throw new HttpRefused('malformed', 'as: there is no such identity');
			const explained = await explain(asked, who);
			if ('because' in explained) throw new HttpRefused('malformed', explained.because);
			reply(ctx, explained);
		},
	});
}
