import type { Context } from 'koa';
import type { ApiTokens } from '../../core/api-tokens.ts';
import type { Credentials } from '../../core/authentication.ts';
import type { Identities } from '../../core/identities.ts';
import { type Identity, type IdentityName, parseIdentityName } from '../../core/identity.ts';
import { parsePassword } from '../../core/password.ts';
import type { Outcome } from '../../core/refusal.ts';
import { ok, refuse } from '../../core/refusal.ts';
import type { RequestContext } from '../../core/request.ts';
import { type Access, accepts, isConclusive, type Requirements, withoutXsrfToken } from '../../core/requirements.ts';
import type { DialectName, SessionToken } from '../../core/session.ts';
import { proofMs } from '../../core/session-proof.ts';
import type { AuthenticatedSession, Sessions } from '../../core/sessions.ts';
import type { Authenticator } from '../../http/authenticator.ts';
import { basicCredentialsOf } from '../../http/request/basic.ts';
import { requestContextOf } from '../../http/request/context.ts';
import { onlyGranted } from '../../http/request/presented.ts';
import { resourceAnswers } from './answers.ts';
import { createByKey } from './keys.ts';
import type { QueryLogin } from './query-login.ts';

export const kismet = 'kismet' as DialectName;

const kismetCookie = 'KISMET';

// Kismet's clients know no XSRF tokens. What changes something and comes from another site was refused before.
const anyOpenSession: Requirements = { session: 'open', xsrf: 'exempt', countsAsActivity: true };

export interface KismetAuthenticatorParts {
	readonly sessions: Sessions;
	readonly identities: Pick<Identities, 'setupToken'>;
	readonly credentials: Credentials;
	/** The login that stands in the configuration: then no other one is taken. */
	readonly configured: IdentityName | undefined;
	/** Absent: keys are not taken. */
	readonly apiTokens?: Pick<ApiTokens, 'checkKey'> | undefined;
	/** Absent: nothing is taken from a query. */
	readonly queryLogin?: QueryLogin | undefined;
}

export interface KismetAuthenticator extends Authenticator {
	requestContextOf(ctx: Context): RequestContext;
	/** Once it is, it stays so. */
	isSetUp(): Promise<boolean>;
	/** The session of the cookie; without a valid one, a right login opens one. */
	check(ctx: Context, requirements: Requirements): Promise<Outcome<AuthenticatedSession>>;
	/**
	 * The same, by a session of the present password only, which was proved not long ago (`proofMs`); where it is neither, a login that
	 * comes along is taken. Absent: an open session is enough.
	 */
	checkProved(ctx: Context, requirements?: Requirements): Promise<Outcome<AuthenticatedSession>>;
	/** By session, key or login. */
	checkAccess(ctx: Context): Promise<Outcome<Access>>;
	/** The login alone, whatever the cookie is worth. */
	checkLogin(ctx: Context): Promise<Outcome<Identity>>;
}

/**
 * Kismet's way to say who a request comes from: HTTP Basic is the login, wherever one is needed, and the session that
 * it opens travels in a cookie. While that session lives, passwords that come along are not looked at.
 */
export function createKismetAuthenticator(parts: KismetAuthenticatorParts): KismetAuthenticator {
	const { sessions, identities, credentials, configured, apiTokens, queryLogin } = parts;
	const keyInQuery = (ctx: Context) => queryLogin?.keyOf(ctx);
	const keyParts = { sessions, dialect: kismet, cookieName: kismetCookie, keyInQuery };
	const byKey = apiTokens && createByKey({ apiTokens, ...keyParts });
	/** What this request itself was given: who judges it again must not log in again. */
	const openedFor = new WeakMap<Context['req'], SessionToken>();
	let setUp = configured !== undefined;

	const requestOf = (ctx: Context) => requestContextOf(ctx, kismet, kismetCookie);

	async function isSetUp() {
		setUp ||= (await identities.setupToken()) === undefined;
		return setUp;
	}

	async function bySession(
		ctx: Context,
		requirements: Requirements,
	): Promise<Outcome<AuthenticatedSession> | undefined> {
		const here = requestOf(ctx);
		const given = openedFor.get(ctx.req);
		const tokens = given === undefined ? (here.presented ?? []) : [given];
		if (tokens.length === 0) return undefined;
		const needed = withoutXsrfToken(requirements);
		return onlyGranted(await Promise.all(tokens.map((token) => sessions.check(token, here, needed))));
	}

	async function byBasic(ctx: Context): Promise<Outcome<Identity> | undefined> {
		const given = basicCredentialsOf(ctx);
		if (given === undefined) return undefined;
		if (!(await isSetUp())) return refuse({ kind: 'not-set-up' });
		if (given === 'unusable') return refuse({ kind: 'bad-credentials' });
		const act = { act: 'login', method: 'basic' } as const;
		return credentials.byPassword(given.name, given.password, requestOf(ctx), act, configured);
	}

	async function open(ctx: Context, identity: Identity): Promise<Outcome<AuthenticatedSession>> {
		const opened = await sessions.open(identity, requestOf(ctx), { by: 'password', neverLocked: true });
		if (!opened.ok) return opened;
		const { token, session } = opened.value;
		openedFor.set(ctx.req, token);
		// `Secure` over TLS: see `http/app.ts`.
		ctx.cookies.set(kismetCookie, token, { httpOnly: true, sameSite: 'strict', overwrite: true });
		return ok({ session, identity: opened.value.identity });
	}

	/** The session that it opens is one by password, and there whether or not it is enough. */
	async function login(ctx: Context, requirements: Requirements): Promise<Outcome<AuthenticatedSession> | undefined> {
		// The session that it was given is over, and so is what the request was let in for.
		if (openedFor.has(ctx.req) || !accepts(requirements, 'password')) return undefined;
		const proved = await byBasic(ctx);
		if (!proved?.ok) return proved;
		const opened = await open(ctx, proved.value);
		return opened.ok ? sessions.judge(opened.value, { ...requirements, xsrf: 'exempt' }, requestOf(ctx)) : opened;
	}

	/** Rule: Kismet, the login is looked at where what the cookie shows opens nothing. */
	async function byCredentials(ctx: Context, requirements: Requirements): Promise<Outcome<Access> | undefined> {
		const keyed = await byKey?.(ctx, requestOf(ctx), requirements);
		if (keyed && (keyed.ok || isConclusive(keyed.refusal))) return keyed;
		return (await login(ctx, requirements)) ?? (await byQuery(ctx, requirements)) ?? keyed;
	}

	/** By user and password in the query: for this request alone, without a session. */
	async function byQuery(ctx: Context, requirements: Requirements): Promise<Outcome<Access> | undefined> {
		const given = accepts(requirements, 'basic') ? queryLogin?.loginOf(ctx) : undefined;
		if (given === undefined) return undefined;
		if (given === 'cross-site') return refuse({ kind: 'cross-site' });
		if (!(await isSetUp())) return refuse({ kind: 'not-set-up' });
		const name = parseIdentityName(given.name);
		const password = parsePassword(given.password);
		if (name === undefined || password === undefined) return refuse({ kind: 'bad-credentials' });
		const request = requestOf(ctx);
		const act = { act: 'access', method: 'basic' } as const;
		const proved = await credentials.byPassword(name, password, request, act, configured);
		if (!proved.ok) return proved;
		if (proved.value.passwordChangeNeeded) return refuse({ kind: 'password-change-needed' });
		return sessions.judge({ identity: proved.value, credential: 'basic' }, requirements, request);
	}

	const nothing = refuse({ kind: 'no-session' });

	return {
		requestContextOf: requestOf,
		isSetUp,
		async check(ctx, requirements) {
			const checked = await bySession(ctx, requirements);
			if (checked && (checked.ok || isConclusive(checked.refusal))) return checked;
			return (await login(ctx, requirements)) ?? checked ?? nothing;
		},
		async checkProved(ctx, requirements = anyOpenSession) {
			const proved = { ...requirements, provedWithinMs: proofMs, presentCredentials: true } as const;
			const checked = await bySession(ctx, proved);
			if (checked && (checked.ok || checked.refusal.kind === 'permission-missing')) return checked;
			return (await login(ctx, requirements)) ?? checked ?? nothing;
		},
		async checkAccess(ctx) {
			const checked = await bySession(ctx, anyOpenSession);
			if (checked?.ok) return checked;
			return (await byCredentials(ctx, anyOpenSession)) ?? checked ?? nothing;
		},
		async checkLogin(ctx) {
			const proved = (await byBasic(ctx)) ?? nothing;
			if (!proved.ok) return proved;
			// A program that asks again and again must not gather sessions: with a living one of its own, no other is opened.
			const checked = await bySession(ctx, anyOpenSession);
			if (checked?.ok && checked.value.identity.id === proved.value.id) return proved;
			const opened = await open(ctx, proved.value);
			return opened.ok ? proved : opened;
		},
		bySession,
		byCredentials,
		answers: resourceAnswers,
		secrets: { cookies: [kismetCookie], headers: ['authorization'] },
	};
}
