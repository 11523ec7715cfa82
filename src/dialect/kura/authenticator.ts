import type { Context } from 'koa';
import type { CertificateJudgement } from '../../certificates/verdict.ts';
import type { Credentials } from '../../core/authentication.ts';
import type { Identity } from '../../core/identity.ts';
import type { Outcome } from '../../core/refusal.ts';
import { ok, refuse } from '../../core/refusal.ts';
import type { RequestContext } from '../../core/request.ts';
import type { Access, DirectAccess, Requirements } from '../../core/requirements.ts';
import { accepts, isConclusive } from '../../core/requirements.ts';
import type { DialectName, SessionToken } from '../../core/session.ts';
import type { AuthenticatedSession, Sessions } from '../../core/sessions.ts';
import type { Authenticator } from '../../http/authenticator.ts';
import type { Bearer } from '../../http/bearer.ts';
import { basicChallengeFor, basicCredentialsOf } from '../../http/request/basic.ts';
import { requestContextOf } from '../../http/request/context.ts';
import { onlyGranted } from '../../http/request/presented.ts';
import { plainAnswers } from '../../http/response/default-answers.ts';

const kura = 'kura' as DialectName;

const xsrfHeader = 'x-xsrf-token';

export interface KuraAuthenticatorParts {
	readonly sessions: Sessions;
	readonly credentials: Credentials;
	readonly cookieName: string;
	/** Which ways in are open. Config: `auth`. */
	readonly auth: { readonly sessions: boolean; readonly basic: boolean; readonly statelessCertificate: boolean };
	certificateOf(ctx: Context): CertificateJudgement;
	/** Absent: tokens are not taken. */
	readonly bearer: Bearer | undefined;
}

export interface KuraAuthenticator extends Authenticator {
	requestContextOf(ctx: Context): RequestContext;
	/** Who asks, by an API token, by the session of the cookie or by a credential that comes along; only a session needs an XSRF token. */
	checkAccess(ctx: Context, requirements: Requirements): Promise<Outcome<Access>>;
	/** The session of the cookie, for Kura's own routes. */
	check(ctx: Context, requirements: Requirements): Promise<Outcome<AuthenticatedSession>>;
}

/** Kura's ways to say who a request comes from: the session cookie with its XSRF token, Basic, a certificate. */
export function createKuraAuthenticator(parts: KuraAuthenticatorParts): KuraAuthenticator {
	const { sessions, credentials, cookieName, auth, certificateOf, bearer } = parts;

	const requestOf = (ctx: Context) => requestContextOf(ctx, kura, cookieName, xsrfHeader);

	/** `undefined` where the request shows no session. */
	function judge(ctx: Context, requirements: Requirements): Promise<Outcome<AuthenticatedSession>> | undefined {
		const here = requestOf(ctx);
		const [token, ...others] = here.presented ?? [];
		if (token === undefined) return undefined;
		const check = (one: SessionToken) => sessions.check(one, here, requirements);
		return others.length === 0 ? check(token) : Promise.all([token, ...others].map(check)).then(onlyGranted);
	}

	/** Rule: Kura refuses Basic credentials of an identity that must change its password. */
	async function byBasic(ctx: Context): Promise<Outcome<DirectAccess> | undefined> {
		const given = basicCredentialsOf(ctx);
		if (given === undefined) return undefined;
		if (given === 'unusable') return refuse({ kind: 'bad-credentials' });
		const proved = await credentials.byPassword(given.name, given.password, requestOf(ctx), {
			act: 'access',
			method: 'basic',
		});
		if (proved.ok && proved.value.passwordChangeNeeded) return refuse({ kind: 'password-change-needed' });
		return accessOf(proved, { credential: 'basic' });
	}

	async function byCertificate(ctx: Context): Promise<Outcome<DirectAccess> | undefined> {
		const certificate = certificateOf(ctx);
		if (certificate.kind !== 'trusted') return undefined;
		const act = { act: 'access', method: 'certificate' } as const;
		const isStillTrusted = () => {
			const now = certificateOf(ctx);
			return now.kind === 'trusted' && now.name === certificate.name;
		};
		const proved = await credentials.byCertificate(certificate.name, requestOf(ctx), act);
		return accessOf(proved, { credential: 'certificate', isStillTrusted });
	}

	async function byCredentials(ctx: Context, requirements: Requirements): Promise<Outcome<Access> | undefined> {
		const tries = {
			basic: auth.basic && accepts(requirements, 'basic'),
			certificate: auth.statelessCertificate && accepts(requirements, 'certificate'),
		};
		const proved = (tries.basic && (await byBasic(ctx))) || (tries.certificate && (await byCertificate(ctx)));
		if (!proved) return undefined;
		return proved.ok ? sessions.judge(proved.value, requirements, requestOf(ctx)) : proved;
	}

	/** Not where a session came along: whoever has one is asked to log in anew, and not for a password each time. */
	function challenge(ctx: Context, requirements: Requirements): string | undefined {
		return auth.basic && accepts(requirements, 'basic') && requestOf(ctx).presented?.length === 0
			? basicChallengeFor(ctx)
			: undefined;
	}

	return {
		requestContextOf: requestOf,
		check: async (ctx, requirements) => (await judge(ctx, requirements)) ?? refuse({ kind: 'no-session' }),
		async checkAccess(ctx, requirements) {
			const shown = bearer?.authenticate(ctx, requirements);
			if (shown !== undefined) return shown;
			const entered = auth.sessions ? await judge(ctx, requirements) : undefined;
			if (entered && (entered.ok || isConclusive(entered.refusal))) return entered;
			const proved = (await byCredentials(ctx, requirements)) ?? entered ?? refuse({ kind: 'no-session' });
			const isChallenged = !proved.ok && plainAnswers(proved.refusal).status === 401;
			const line = isChallenged ? challenge(ctx, requirements) : undefined;
			if (line !== undefined) ctx.set('WWW-Authenticate', line);
			return proved;
		},
		bySession: (ctx, requirements) => (auth.sessions ? judge(ctx, requirements) : undefined),
		byCredentials,
		challenge,
		answers: plainAnswers,
		secrets: {
			cookies: [cookieName],
			headers: auth.basic ? [xsrfHeader, 'authorization'] : [xsrfHeader],
			...(bearer && { isOwnAuthorization: bearer.isShownBy }),
		},
	};
}

function accessOf(proved: Outcome<Identity>, how: Omit<DirectAccess, 'identity'>): Outcome<DirectAccess> {
	return proved.ok ? ok({ identity: proved.value, ...how }) : proved;
}
