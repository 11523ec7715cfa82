import type { Context } from 'koa';
import type { Outcome } from '../../core/refusal.ts';
import { refuse } from '../../core/refusal.ts';
import type { RequestContext } from '../../core/request.ts';
import { type Requirements, withoutXsrfToken } from '../../core/requirements.ts';
import type { DialectName } from '../../core/session.ts';
import type { AuthenticatedSession, Sessions } from '../../core/sessions.ts';
import type { Authenticator } from '../../http/authenticator.ts';
import { requestContextOf } from '../../http/request/context.ts';
import { onlyGranted } from '../../http/request/presented.ts';
import { resourceAnswers } from './answers.ts';
import { insightsCookie, type SessionCookie, sessionCookiesOf } from './cookie.ts';

export const insights = 'insights' as DialectName;

export interface InsightsAuthenticator extends Authenticator {
	requestContextOf(ctx: Context): RequestContext;
	/** The session of the cookie, all three parts of it judged together. */
	check(ctx: Context, requirements: Requirements): Promise<Outcome<AuthenticatedSession>>;
}

/** 1010data's way to say who a request comes from: the cookie of the login, and nothing besides. */
export function createInsightsAuthenticator(sessions: Sessions): InsightsAuthenticator {
	const requestOf = (ctx: Context) => requestContextOf(ctx, insights, insightsCookie);

	async function check(ctx: Context, requirements: Requirements): Promise<Outcome<AuthenticatedSession> | undefined> {
		const cookies = sessionCookiesOf(ctx);
		if (cookies === undefined) return undefined;
		const here = requestOf(ctx);
		const judge = ({ token, ...claimed }: SessionCookie) =>
			sessions.check(token, here, { ...withoutXsrfToken(requirements), claimed });
		return onlyGranted(await Promise.all(cookies.map(judge)));
	}

	return {
		requestContextOf: requestOf,
		check: async (ctx, requirements) => (await check(ctx, requirements)) ?? refuse({ kind: 'no-session' }),
		bySession: check,
		answers: resourceAnswers,
		secrets: { cookies: [insightsCookie], headers: [] },
	};
}
