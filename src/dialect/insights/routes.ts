import type Router from '@koa/router';
import type { Context } from 'koa';
import type { Credentials } from '../../core/authentication.ts';
import { isSameStamp } from '../../core/credential-stamp.ts';
import type { Identity, IdentityId } from '../../core/identity.ts';
import type { SessionNumber } from '../../core/session.ts';
import type { NewSession, Sessions } from '../../core/sessions.ts';
import { newSessionNumber } from '../../core/token.ts';
import type { Origins } from '../../http/request/origins.ts';
import { emptyBrowserCache } from '../../http/response/private-caching.ts';
import { unwrap } from '../../http/response/refusals.ts';
import { reply } from '../../http/response/reply.ts';
import { mount, openRoute, type Route, sessionRoute } from '../../http/route.ts';
import { insightsAnswers } from './answers.ts';
import { createInsightsAuthenticator, type InsightsAuthenticator, insights } from './authenticator.ts';
import { type Login, loginRequest, readLogin } from './bodies.ts';
import { epwOf, giveCookie, takeCookie } from './cookie.ts';

export interface InsightsParts {
	readonly sessions: Sessions;
	readonly credentials: Credentials;
	readonly origins: Origins;
}

/** Any version, or none; `:json` or not. A client that percent-encodes the two signs means the same. */
const pathOf = (name: string) => new RegExp(`^(?:/[^/]+)?/api/(?:!|%21)${name}(?:(?::|%3[aA])json)?$`);

/** 1010data's logins. Source: its Dynamic API, "Logging In" and "Logging Out". Returns the authenticator for resources. */
export function openInsights(router: Router, { origins, ...parts }: InsightsParts): InsightsAuthenticator {
	const authenticator = createInsightsAuthenticator(parts.sessions);
	const mounting = { origins, check: authenticator.check, exactMethods: true, answers: insightsAnswers } as const;
	mount(router, [login(authenticator, parts), logout(authenticator, parts)], mounting);
	return authenticator;
}

/** More sessions than one identity can have. */
const most = 100_000;

function login(authenticator: InsightsAuthenticator, { sessions, credentials }: Omit<InsightsParts, 'origins'>): Route {
	const inTurn = createTurns<IdentityId>();

	/** An identity has one session of this dialect at most: this is the number that a new one takes over. */
	async function numberOf({ id, credentialStamp }: Identity): Promise<SessionNumber | undefined> {
		const present = (await sessions.list(id, most)).find(({ dialect }) => dialect === insights);
		return present && isSameStamp(present.credentialStamp, credentialStamp) ? present.number : undefined;
	}

	async function open(ctx: Context, identity: Identity, kill: Login['kill']): Promise<NewSession> {
		const number = (kill === 'possess' ? await numberOf(identity) : undefined) ?? newSessionNumber();
		const how = { by: 'password', alone: true, neverLocked: true, number } as const;
		return unwrap(await sessions.open(identity, authenticator.requestContextOf(ctx), how));
	}

	return openRoute({
		method: 'POST',
		path: pathOf('login'),
		body: loginRequest,
		readBody: readLogin,
		async handle(ctx, { uid: typed, pw, kill }) {
			const act = { act: 'login', method: 'password' } as const;
			const identity = unwrap(await credentials.byPassword(typed.name, pw, authenticator.requestContextOf(ctx), act));
			const { session, token } = await inTurn(identity.id, () => open(ctx, identity, kill));
			const answer = { uid: typed.uid, sid: String(session.number), epw: epwOf(token) };
			giveCookie(ctx, answer.uid, answer.sid, answer.epw);
			reply(ctx, answer);
		},
	});
}

/** Looks at no body: the documentation's example sends its whole cookie jar. */
function logout(authenticator: InsightsAuthenticator, { sessions }: Pick<InsightsParts, 'sessions'>): Route {
	return sessionRoute({
		method: 'POST',
		path: pathOf('logout'),
		requires: { session: 'open', xsrf: 'exempt', countsAsActivity: false },
		async handle(ctx, { session, identity }) {
			await sessions.logout(session, identity, authenticator.requestContextOf(ctx));
			takeCookie(ctx);
			emptyBrowserCache(ctx);
			reply(ctx, { rc: '0', msg: 'Logged out' });
		},
	});
}

/**
 * One after the other for each key: a login that takes a session over must find the one that another login at the same
 * moment has just made. Across processes the store still leaves one session only, though maybe under another number.
 */
function createTurns<Key>() {
	const last = new Map<Key, Promise<unknown>>();
	return async <T>(key: Key, act: () => Promise<T>): Promise<T> => {
		const turn = (last.get(key) ?? Promise.resolve()).then(act);
		const settled = turn.catch(() => undefined);
		last.set(key, settled);
		try {
			return await turn;
		} finally {
			if (last.get(key) === settled) last.delete(key);
		}
	};
}
