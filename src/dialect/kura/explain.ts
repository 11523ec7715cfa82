import type { ApiToken, ApiTokenId } from '../../core/api-token.ts';
import type { ApiTokens } from '../../core/api-tokens.ts';
import type { Identities } from '../../core/identities.ts';
import type { Identity, IdentityName } from '../../core/identity.ts';
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
	who: { readonly identity: Identity; readonly token?: ApiToken } | undefined,
) => Promise<{ readonly because: string } | { readonly passes: boolean }>;

export const explainPath = '/services/auth/v1/explain';

export interface ExplainRouteParts {
	readonly identities: Pick<Identities, 'find' | 'findByName'>;
	readonly apiTokens: Pick<ApiTokens, 'list'>;
}

/** Ours: for administrators, why a request would pass or not. `latchkey rules explain` says the same. */
export function explainRoute(explain: ExplainTo, { identities, apiTokens }: ExplainRouteParts): Route {
	/** A session of an identity, or a token, which is somebody's. */
	async function findAsker(name: IdentityName | undefined, id: ApiTokenId | undefined) {
		const named = name && (await identities.findByName(name));
		if (name !== undefined && named === undefined) throw new HttpRefused('malformed', 'as: there is no such identity');
		if (id === undefined) return named && { identity: named };
		const token = (await apiTokens.list(named?.id)).find((each) => each.id === id);
		const identity = named ?? (token && (await identities.find(token.identityId)));
		if (token === undefined || identity === undefined)
			throw new HttpRefused('malformed', 'token: there is none, or it has ended');
		return { identity, token };
	}

	return sessionRoute({
		requires: administration,
		method: 'POST',
		path: explainPath,
		body: explainRequest,
		async handle(ctx, _, { as, token, ...asked }) {
			const explained = await explain(asked, await findAsker(as, token));
			if ('because' in explained) throw new HttpRefused('malformed', explained.because);
			reply(ctx, explained);
		},
	});
}
