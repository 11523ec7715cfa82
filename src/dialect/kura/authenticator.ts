import type { Context } from 'koa';
import type { CertificateJudgement } from '../../certificates/verdict.ts';
import type { Credentials } from '../../core/authentication.ts';
import type { Identity } from '../../core/identity.ts';
import type { Outcome } from '../../core/refusal.ts';
import { ok, refuse } from '../../core/refusal.ts';
import type { Visit } from '../../core/request.ts';
import type { Demand } from '../../core/requirements.ts';
import type { DialectName, SessionToken } from '../../core/session.ts';
import type { Checked, Sessions } from '../../core/sessions.ts';
import type { Access, Door, Passage } from '../../http/authenticator.ts';
import { basicChallengeFor, basicCredentialsOf } from '../../http/request/basic.ts';
import { visitOf } from '../../http/request/context.ts';
import { onlyGranted } from '../../http/request/presented.ts';
import { plainAnswers } from '../../http/response/default-answers.ts';
import type { RouteDemand } from '../../http/route.ts';

const kura = 'kura' as DialectName;

const xsrfHeader = 'x-xsrf-token';

export interface KuraDoorParts {
	readonly sessions: Sessions;
	readonly credentials: Credentials;
	readonly cookieName: string;
	/** Which ways in are open. Config: `auth`. */
	readonly auth: { readonly sessions: boolean; readonly basic: boolean; readonly statelessCertificate: boolean };
	certificateOf(ctx: Context): CertificateJudgement;
}

export interface KuraDoor extends Door {
	visitOf(ctx: Context): Visit;
	/** Who asks, by the session of the cookie or by a credential that comes along; only a session needs an XSRF token. */
	checkAccess(ctx: Context): Promise<Outcome<Access>>;
	/** The session of the cookie, for Kura's own routes. */
	check(ctx: Context, demand: RouteDemand): Promise<Outcome<Checked>>;
}

/** Kura's ways to say who a request comes from: the session cookie with its XSRF token, Basic, a certificate. */
export function createKuraDoor(parts: KuraDoorParts): KuraDoor {
	const { sessions, credentials, cookieName, auth, certificateOf } = parts;

	const visit = (ctx: Context) => visitOf(ctx, kura, cookieName);

	/** `undefined` where the request shows no session. */
	function judge(ctx: Context, demanded: RouteDemand): Promise<Outcome<Checked>> | undefined {
		const here = visit(ctx);
		const [token, ...others] = here.presented ?? [];
		if (token === undefined) return undefined;
		const { xsrf, lets, counts, permission, provedWithinMs } = demanded;
		const demand: Demand = {
			lets,
			counts,
			xsrf: xsrf === 'exempt' ? 'exempt' : { header: headerOf(ctx) },
			...(permission !== undefined && { permission }),
			...(provedWithinMs !== undefined && { provedWithinMs }),
		};
		const check = (one: SessionToken) => sessions.check(one, here, demand);
		return others.length === 0 ? check(token) : Promise.all([token, ...others].map(check)).then(onlyGranted);
	}

	/** Rule: Kura refuses Basic credentials of an identity that must change its password. */
	async function byBasic(ctx: Context): Promise<Outcome<Access> | undefined> {
		const given = basicCredentialsOf(ctx);
		if (given === undefined) return undefined;
		if (given === 'unusable') return refuse({ kind: 'bad-credentials' });
		const proved = await credentials.byPassword(given.name, given.password, visit(ctx), {
			act: 'access',
			method: 'basic',
		});
		if (proved.ok && proved.value.passwordChangeNeeded) return refuse({ kind: 'password-change-needed' });
		return accessOf(proved);
	}

	async function byCertificate(ctx: Context): Promise<Outcome<Access> | undefined> {
		const certificate = certificateOf(ctx);
		if (certificate.kind !== 'trusted') return undefined;
		const act = { act: 'access', method: 'certificate' } as const;
		const proved = accessOf(await credentials.byCertificate(certificate.name, visit(ctx), act));
		if (!proved.ok) return proved;
		const isStillTrusted = () => {
			const now = certificateOf(ctx);
			return now.kind === 'trusted' && now.name === certificate.name;
		};
		return ok({ ...proved.value, isStillTrusted });
	}

	async function prove(ctx: Context): Promise<Outcome<Access> | undefined> {
		const proved = (auth.basic && (await byBasic(ctx))) || (auth.statelessCertificate && (await byCertificate(ctx)));
		return proved || undefined;
	}

	/** Not where a session came along: whoever has one is asked to log in anew, and not for a password each time. */
	function challenge(ctx: Context): string | undefined {
		return auth.basic && visit(ctx).presented?.length === 0 ? basicChallengeFor(ctx) : undefined;
	}

	return {
		visitOf: visit,
		check: async (ctx, demand) => (await judge(ctx, demand)) ?? refuse({ kind: 'no-session' }),
		async checkAccess(ctx) {
			const demand = { xsrf: 'checked', lets: 'open-session', counts: true } as const;
			const entered = auth.sessions ? await judge(ctx, demand) : undefined;
			if (entered?.ok) return entered;
			const proved = (await prove(ctx)) ?? entered ?? refuse({ kind: 'no-session' });
			const line = !proved.ok && plainAnswers(proved.refusal).status === 401 ? challenge(ctx) : undefined;
			if (line !== undefined) ctx.set('WWW-Authenticate', line);
			return proved;
		},
		async enter(ctx: Context, passage: Passage) {
			if (!auth.sessions) return undefined;
			const xsrf = passage.needsXsrfToken ? 'checked' : 'exempt';
			return judge(ctx, { xsrf, lets: 'open-session', counts: passage.counts });
		},
		prove,
		challenge,
		answers: plainAnswers,
		secrets: {
			cookies: [cookieName],
			headers: auth.basic ? [xsrfHeader, 'authorization'] : [xsrfHeader],
		},
	};
}

/** One header, one value; what came twice (`a, b`) is nobody's token. */
function headerOf(ctx: Context): string | undefined {
	const header = ctx.req.headers[xsrfHeader];
	return typeof header === 'string' ? header : undefined;
}

function accessOf(proved: Outcome<Identity>): Outcome<Access> {
	return proved.ok ? ok({ identity: proved.value }) : proved;
}
