import type { Context } from 'koa';
import type { ApiTokens } from '../../core/api-tokens.ts';
import { parseDialectKey } from '../../core/dialect-key.ts';
import type { Outcome } from '../../core/refusal.ts';
import { refuse } from '../../core/refusal.ts';
import type { RequestContext } from '../../core/request.ts';
import { type Access, accepts, type Requirements } from '../../core/requirements.ts';
import type { DialectName } from '../../core/session.ts';
import type { Sessions } from '../../core/sessions.ts';
import { senderOf } from '../../http/request/context.ts';
import { cookiesOf } from '../../http/request/cookies.ts';

export interface KeyParts {
	readonly apiTokens: Pick<ApiTokens, 'checkKey'>;
	readonly sessions: Pick<Sessions, 'judge'>;
	readonly dialect: DialectName;
	readonly cookieName: string;
	/** In the query, where that is on. */
	keyInQuery(ctx: Context): string | undefined;
}

/**
 * By the API key of a request: Kismet's clients send it in the cookie of the session. `undefined`: there is none, or more than
 * one. A key opens no session and comes back in no cookie.
 */
export type ByKey = (
	ctx: Context,
	here: RequestContext,
	requirements: Requirements,
) => Promise<Outcome<Access> | undefined>;

export function createByKey({ apiTokens, sessions, dialect, cookieName, keyInQuery }: KeyParts): ByKey {
	return async (ctx, here, requirements) => {
		if (!accepts(requirements, 'token')) return undefined;
		const shown = [...cookiesOf(ctx.req.headers.cookie, cookieName), keyInQuery(ctx) ?? ''];
		const [key, ...others] = shown.flatMap((value) => parseDialectKey(dialect, value) ?? []);
		if (key === undefined || others.length > 0 || isSentByOtherSite(ctx)) return undefined;
		if (requirements.xsrf === 'failed' && isFromBrowser(ctx)) return refuse({ kind: 'cross-site' });
		const checked = await apiTokens.checkKey(key, senderOf(ctx));
		if (!checked.ok) return checked;
		const { identity, token } = checked.value;
		const apiToken = { token, address: here.address };
		return sessions.judge({ identity, credential: 'token', apiToken }, requirements, here);
	};
}

/** A browser that holds the key as a cookie adds it by itself: it is taken as a `SameSite=Strict` cookie would be. */
function isSentByOtherSite({ req: { headers } }: Context): boolean {
	const site = headers['sec-fetch-site'];
	return site !== undefined && site !== 'same-origin' && site !== 'none';
}

/** Older browsers, and those that speak plain http, say nothing of who sends a request. Programs send none of these. */
export function isFromBrowser({ req: { headers } }: Context): boolean {
	return ['origin', 'referer', 'accept-language', 'sec-fetch-site', 'sec-fetch-mode'].some(
		(name) => headers[name] !== undefined,
	);
}
