import type { Context } from 'koa';
import type { CertificateJudgement } from '../certificates/verdict.ts';
import type { Config } from '../config/schema.ts';
import { judgeApiToken, narrowedBy, newApiToken } from '../core/api-token.ts';
import type { Credentials } from '../core/authentication.ts';
import { type Clock, createClock } from '../core/clock.ts';
import { createFactors } from '../core/factor.ts';
import type { Identity, IdentityName, Permission } from '../core/identity.ts';
import type { Activity } from '../core/last-activity.ts';
import { ok, refuse } from '../core/refusal.ts';
import type { ClientCertificate, DialectName } from '../core/session.ts';
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
import { waysInOf } from './ways-in.ts';

const kura = 'kura' as DialectName;
const audit = { write() {} };
const activity: Activity = {
	lastOf: ({ lastActivityAt }) => lastActivityAt,
	record() {},
	async flush() {},
	async stop() {},
};

/**
 * Explains by the rules of `policy`. The identity is signed in over a store of its own, in memory, by the code that does it
 * for everybody; the stores of the service are not asked. `isOwn`: whether a path is one of ours.
 */
export function openExplain(
	config: Config,
	policy: () => Policy,
	isOwn: (host: string, path: string) => boolean,
	clock: Clock = createClock(),
): Explain {
	const origins = createOrigins(config.allowedOrigins, audit);
	const { cookieName } = config.session;

	async function assume(who: Asker | undefined, secure: boolean): Promise<Assumed> {
		const present = who?.identity.disabled ? undefined : who?.identity;
		const proved = async () => (present ? ok(present) : refuse({ kind: 'bad-credentials' }));
		const credentials: Credentials = { byPassword: proved, byCertificate: proved };
		const sessions = createSessions({
			sessions: createMemorySessions(),
			identities: { find: async () => present },
			...{ credentials, activity, clock, audit },
			signIns: { record: () => undefined },
			factors: createFactors({ factors: [], isRequired: () => false }),
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
		const shown: CertificateJudgement =
			byCertificate && !auth.sessions
				? { kind: 'trusted', name: present.name, certificate: '' as ClientCertificate }
				: { kind: 'none' };
		const certificateOf = (_: Context) => shown;
		const authenticators = [
			createKuraAuthenticator({ sessions, credentials, cookieName, auth, certificateOf, bearer: undefined }),
		];
		// Whatever its text is: it was found.
		const shownToken = ['Authorization', `Bearer ${newApiToken().text}`];
		if (who?.token !== undefined) return { authenticators, bearer, cookie: shownToken, token: [] };
		if (present === undefined) return { authenticators, bearer, cookie: [], token: [] };
		if (!auth.sessions) {
			const basic = Buffer.from(`${present.name}:a password`).toString('base64');
			return { authenticators, bearer, cookie: byCertificate ? [] : ['Authorization', `Basic ${basic}`], token: [] };
		}
		const request = { dialect: kura, secure, address: '', device: '', requestId: '' };
		const opened = await sessions.open(present, request, { by: signedInBy(present) });
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

function signedInBy({ name, passwordVerifier }: Identity) {
	if (passwordVerifier !== undefined) return 'password';
	return { name, certificate: '' as ClientCertificate, isTrusted: () => true };
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
