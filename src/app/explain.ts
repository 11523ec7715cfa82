import type { Context } from 'koa';
import type { CertificateJudgement } from '../certificates/verdict.ts';
import type { Config } from '../config/schema.ts';
import { judgeApiToken, narrowedBy, newApiToken } from '../core/api-token.ts';
import type { Credentials } from '../core/authentication.ts';
import { type Clock, createClock } from '../core/clock.ts';
import { createFactors, type FactorStanding, type Factors, type Proved } from '../core/factor.ts';
import type { Identity, IdentityName, Permission } from '../core/identity.ts';
import type { Activity } from '../core/last-activity.ts';
import type { OpenOptions } from '../core/opened-session.ts';
import { type Outcome, ok, refuse } from '../core/refusal.ts';
import type { AssuranceLevel, ClientCertificate, DialectName } from '../core/session.ts';
import { createSessions } from '../core/sessions.ts';
import { newCredentialStamp, newIdentityId } from '../core/token.ts';
import { createKuraAuthenticator } from '../dialect/kura/authenticator.ts';
import type { Asker } from '../gateway/explain/asker.ts';
import { type Assumed, createExplain, type Explain, type Explanation } from '../gateway/explain/explain.ts';
import { type Asked, parseQuestion } from '../gateway/explain/question.ts';
import { type BearerParts, createBearer } from '../http/bearer.ts';
import { createOrigins } from '../http/request/origins.ts';
import { createMemorySessions } from '../store/memory/sessions.ts';
import type { Policy } from './policy.ts';
import { requiredBy } from './second-factor-required.ts';
import { waysInOf } from './ways-in.ts';

const kura = 'kura' as DialectName;
const audit = { write() {} };
const activity: Activity = {
	lastOf: ({ lastActivityAt }) => lastActivityAt,
	record() {},
	async flush() {},
	async stop() {},
};

export interface ExplainAround {
	/** Whether a path is one of ours. */
	isOwn(host: string, path: string): boolean;
	/** What somebody who is signed in with all factors has reached. See `Factors.levelOf`. */
	levelOf(identity: Identity): Promise<AssuranceLevel>;
	readonly clock?: Clock;
}

/**
 * Explains by the rules of `policy`. The identity is signed in over a store of its own, in memory, by the code that does it
 * for everybody; of the stores of the service, only whether it has a second factor.
 */
export function openExplain(
	config: Config,
	policy: () => Policy,
	{ isOwn, levelOf, clock = createClock() }: ExplainAround,
): Explain {
	const origins = createOrigins(config.allowedOrigins, audit);
	const { cookieName } = config.session;
	const isRequired = requiredBy(config.secondFactor);

	async function assume(who: Asker | undefined, secure: boolean): Promise<Assumed> {
		const { identity, token: shown } = who ?? {};
		const isOut = identity?.disabled || (identity?.service && shown === undefined);
		const present = isOut ? undefined : identity;
		const level = present === undefined || shown !== undefined ? 1 : await levelOf(present);
		const standingOf = async () => (level > 1 ? 'ready' : 'none') as FactorStanding;
		const factors = createFactors({ factors: [{ kind: 'totp', standingOf }], isRequired });
		const credentials = credentialsOf(present, factors);
		const sessions = createSessions({
			sessions: createMemorySessions(),
			identities: { find: async () => present },
			...{ credentials, activity, clock, audit },
			signIns: { record: () => undefined },
			factors,
			certificateLevel: config.auth.certificateLevel,
			// Who is imagined has no connection that could show one.
			bindCertificate: false,
			limits: { inactivityMs: 0, lifetimeMs: 0 },
			mostPerIdentity: 1,
			survivesPasswordChange: new Set(),
		});
		const auth = waysInOf(config);
		const bearer = who?.token && auth.tokens ? createBearer({ apiTokens: judgedAs(who, clock), sessions }) : undefined;
		const byCertificate = present !== undefined && (present.passwordVerifier === undefined || !auth.basic);
		const certificate: CertificateJudgement =
			byCertificate && !auth.sessions
				? { kind: 'trusted', name: present.name, certificate: '' as ClientCertificate }
				: { kind: 'none' };
		const certificateOf = (_: Context) => certificate;
		const authenticators = [
			createKuraAuthenticator({ sessions, credentials, cookieName, auth, certificateOf, bearer: undefined }),
		];
		// Whatever its text is: it was found.
		const shownToken = ['Authorization', `Bearer ${newApiToken().text}`];
		if (shown !== undefined) return { authenticators, bearer, cookie: shownToken, token: [] };
		if (present === undefined) return { authenticators, bearer, cookie: [], token: [] };
		if (!auth.sessions) {
			const basic = Buffer.from(`${present.name}:a password`).toString('base64');
			return { authenticators, bearer, cookie: byCertificate ? [] : ['Authorization', `Basic ${basic}`], token: [] };
		}
		const request = { dialect: kura, secure, address: '', device: '', requestId: '' };
		const opened = await sessions.open(present, request, signedInBy(present, level));
		if (!opened.ok) return { authenticators, bearer, cookie: [], token: [] };
		const { token, session } = opened.value;
		const cookie = ['Cookie', `${cookieName}=${token}`];
		return { authenticators, bearer, cookie, token: ['X-XSRF-Token', session.xsrfToken] };
	}

	return (question, who) => {
		const { gate, lead, people } = policy();
		return createExplain({ ...gate, lead, people, origins, isOwn, assume, written: gate })(question, who);
	};
}

/** The same for a question as it was put. */
export function explainTo(...parts: Parameters<typeof openExplain>) {
	const explain = openExplain(...parts);
	return async (asked: Asked, who: Asker | undefined): Promise<Explanation | { readonly because: string }> => {
		const { dialect } = who?.token ?? {};
		if (dialect !== undefined) return { because: `token: is a key of ${dialect}, which is shown in its own way` };
		const question = parseQuestion(asked);
		return 'because' in question ? question : explain(question, who);
	};
}

/** The token and its identity as they were found, judged as at any use; nothing is counted. */
function judgedAs({ identity, token }: Asker, clock: Clock): BearerParts['apiTokens'] {
	return {
		async check(_, { address }) {
			const reason = token && judgeApiToken(token, identity, { now: clock.now(), address });
			if (token === undefined || reason !== undefined) return refuse({ kind: reason ?? 'token-invalid' });
			return ok({ token, identity: narrowedBy(token, identity) });
		},
	};
}

/** Right, whatever they are; for one access, where no second factor can be shown. */
function credentialsOf(present: Identity | undefined, factors: Factors): Credentials {
	async function prove(proved: Proved): Promise<Outcome<Identity>> {
		if (present === undefined) return refuse({ kind: 'bad-credentials' });
		const needed = await factors.needOf(present, proved);
		const isEnough = needed === undefined || (needed === 'enrolment' && proved.methods.includes('pop'));
		return isEnough ? ok(present) : refuse({ kind: 'second-factor-needed' });
	}
	return {
		byPassword: () => prove({ methods: [], level: 1 }),
		byCertificate: () => prove({ methods: ['pop'], level: 1 }),
	};
}

/** With all factors that it has. */
function signedInBy({ name, passwordVerifier }: Identity, level: AssuranceLevel): OpenOptions {
	if (passwordVerifier === undefined)
		return { by: { name, certificate: '' as ClientCertificate, isTrusted: () => true } };
	return { by: 'password', ...(level > 1 && { proved: { methods: ['pwd', 'otp'], level } }) };
}

/** An identity that nobody has: to see what permissions would open. */
export function assumedIdentity(name: string, permissions: Iterable<Permission>): Identity {
	return {
		id: newIdentityId(),
		name: name as IdentityName,
		permissions: new Set(permissions),
		passwordChangeNeeded: false,
		credentialStamp: newCredentialStamp(),
		disabled: false,
		createdAt: createClock().now(),
	};
}
