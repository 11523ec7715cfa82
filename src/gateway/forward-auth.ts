import type { Context } from 'koa';
import { parsePermission } from '../core/identity.ts';
import { plainAnswers } from '../http/answers.ts';
import { answerRefusals, granted, HttpRefused, refuse } from '../http/refused.ts';
import { clientOf } from '../http/visit.ts';
import type { Decide, Wanted } from './decide.ts';
import { identityHeaders } from './decide.ts';
import type { CanonicalPath } from './path.ts';
import { splitTarget } from './path.ts';
import type { Rule } from './rules.ts';

export const forwardAuthPath = '/services/auth/v1/verify';

export interface ForwardAuthParts {
	readonly decide: Decide;
	readonly ruleOf: (path: CanonicalPath) => Rule | undefined;
	/** Config: `session.pollingCounts`. */
	readonly pollingCounts: boolean;
}

/**
 * Answers a proxy's question whether a request may pass: 200 with the identity in headers, 401 or 403; never 2xx where
 * anything is wrong. Asked by nginx `auth_request`, Caddy `forward_auth`, Traefik ForwardAuth.
 */
export function createForwardAuth({ decide, ruleOf, pollingCounts }: ForwardAuthParts) {
	return async (ctx: Context): Promise<void> =>
		answerRefusals(ctx, plainAnswers, async () => {
			const { viaTrustedProxy } = clientOf(ctx);
			// A page that asks by itself, again and again, must not keep a session alive; a proxy asks for a person.
			const counts = viaTrustedProxy || pollingCounts;
			const decision = await decide(ctx, { ...wantedBy(ctx, viaTrustedProxy), counts });
			const access = granted(decision, decision.answers);
			ctx.status = 200;
			ctx.body = {};
			ctx.set(identityHeaders(access));
		});

	function wantedBy(ctx: Context, trusted: boolean): Omit<Wanted, 'counts'> {
		const asked = forwardedOf(ctx);
		if (ctx.query.permission !== undefined) return { ...byPermission(ctx), method: trusted ? asked.method : undefined };
		// Only a proxy that we know may speak of another request than its own; and it must say one thing only.
		const { method, uri } = asked;
		if (!trusted || method === undefined || uri === undefined) refuse({ kind: 'forwarded-request-unclear' });
		const target = splitTarget(uri);
		const rule = target && ruleOf(target.path);
		if (rule === undefined) refuse({ kind: 'forwarded-request-unclear' });
		return { permission: rule.permission, xsrf: rule.xsrf, method };
	}
}

function byPermission({ query }: Context): Pick<Wanted, 'permission' | 'xsrf'> {
	const permission = typeof query.permission === 'string' ? parsePermission(query.permission) : undefined;
	const xsrf = query.xsrf ?? 'always';
	if (permission === undefined) throw new HttpRefused('malformed', 'permission: is not a permission');
	if (xsrf !== 'always' && xsrf !== 'unsafe') throw new HttpRefused('malformed', 'xsrf: must be always or unsafe');
	return { permission, xsrf };
}

/** The request that a proxy asks about, in Traefik's and Caddy's words or in nginx's. `undefined` where they differ. */
function forwardedOf({ req }: Context): { method: string | undefined; uri: string | undefined } {
	const one = (...names: string[]) => {
		const values = names.flatMap((name) => req.headersDistinct[name] ?? []);
		return values.length > 0 && new Set(values).size === 1 ? values[0] : undefined;
	};
	return {
		method: one('x-forwarded-method', 'x-original-method')?.toUpperCase(),
		uri: one('x-forwarded-uri', 'x-original-uri')?.replace(/^https?:\/\/[^/]+/i, ''),
	};
}
