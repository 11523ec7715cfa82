import type { Context } from 'koa';
import type { Audit } from '../core/audit.ts';
import type { Identity } from '../core/identity.ts';
import type { Outcome } from '../core/refusal.ts';
import { refuse } from '../core/refusal.ts';
import type { Access, DirectAccess, Requirements } from '../core/requirements.ts';
import { isConclusive } from '../core/requirements.ts';
import type { Authenticator } from '../http/authenticator.ts';
import { type Bearer, challengeToken } from '../http/bearer.ts';
import { clientOf, senderOf } from '../http/request/context.ts';
import { type Origins, opensWebSocket } from '../http/request/origins.ts';
import { plainAnswers } from '../http/response/default-answers.ts';
import type { Answers } from '../http/response/refusals.ts';
import { type CanonicalPath, splitTarget } from './path.ts';
import { isSafe, needsXsrfToken, type Protection, requirementsOf } from './rules.ts';
import { opensPath } from './token-paths.ts';

/** What is known of the request that is judged: the one at hand, or the one that a proxy asks about. */
export interface JudgedRequest {
	/** `undefined`: not known for sure. Then it is taken for one that changes something. */
	readonly method: string | undefined;
	/** Of the session. */
	readonly countsAsActivity: boolean;
	/** It is the script of a service worker that could control more than what the rule names. */
	readonly isWideWorker?: boolean;
	/** Or the target that it stands in, taken apart where it matters. `undefined`: not known for sure. */
	readonly path: CanonicalPath | { readonly ofTarget: string } | undefined;
	/** Where it writes, or could lead an application, besides. `undefined`: to a path that is not known for sure. */
	readonly otherPaths?: readonly (CanonicalPath | undefined)[];
}

/** Let through, or refused; in the words of the protocol that the request speaks, where it speaks one. */
type Decision = Outcome<Access> & {
	readonly answers?: Answers | undefined;
};

export type Decide = (ctx: Context, protection: Protection, judged: JudgedRequest) => Promise<Decision>;

export interface DecideParts {
	/** One for each protocol that is on, in the order in which they are asked. */
	readonly authenticators: readonly Authenticator[];
	/** Absent: API tokens are not taken. */
	readonly bearer: Bearer | undefined;
	readonly origins: Origins;
	readonly audit: Audit;
}

/** Let through, ask to log in, or forbid: one decision, for the reverse proxy and for forward-auth. */
export function createDecide({ authenticators, bearer, origins, audit }: DecideParts): Decide {
	function requirementsFor(ctx: Context, protection: Protection, judged: JudgedRequest): Requirements {
		const { method = 'POST', countsAsActivity } = judged;
		const mayChange = !isSafe(method) || opensWebSocket(ctx.req);
		const isForeign = protection.xsrf === 'origin' && mayChange && !origins.isOwnPage(ctx.req, clientOf(ctx));
		const xsrf = isForeign ? 'failed' : needsXsrfToken(protection, method) ? 'token' : 'exempt';
		return requirementsOf(protection, xsrf, countsAsActivity);
	}

	/** The first session that meets all requirements, or of somebody who is recognised and lacks what is needed; else the first that was refused. */
	async function bySession(ctx: Context, requirements: Requirements): Promise<Decision | undefined> {
		let refused: Decision | undefined;
		for (const authenticator of authenticators) {
			const judged = await authenticator.bySession(ctx, requirements);
			if (judged === undefined) continue;
			const decision = { ...judged, answers: authenticator.answers };
			if (isDecided(decision)) return decision;
			refused ??= decision;
		}
		return refused;
	}

	/** The first credential that comes along decides. */
	async function byCredential(ctx: Context, requirements: Requirements): Promise<Decision | undefined> {
		for (const authenticator of authenticators) {
			const proved = await authenticator.byCredentials?.(ctx, requirements);
			if (proved) return { ...proved, answers: authenticator.answers };
		}
		return undefined;
	}

	/** Where a token opens some paths alone, the path decides, too, and so does every other one that the request names. */
	async function byApiToken(
		ctx: Context,
		shown: Promise<Outcome<DirectAccess>>,
		{ path, otherPaths = [] }: JudgedRequest,
	) {
		const outcome = await shown;
		const { identity, apiToken } = outcome.ok ? outcome.value : {};
		const { paths } = apiToken?.token ?? {};
		if (identity === undefined || apiToken === undefined || paths === undefined) return outcome;
		const asked = typeof path === 'object' ? splitTarget(path.ofTarget)?.path : path;
		if ([asked, ...otherPaths].every((each) => opensPath(paths, each))) return outcome;
		const refusal = { kind: 'token-path' } as const;
		const about = { identity: identity.name, token: apiToken.token.id, ...senderOf(ctx) };
		audit.write({ act: 'access', outcome: 'refused', reason: refusal.kind, ...about });
		challengeToken(ctx, refusal);
		return refuse(refusal);
	}

	async function decide(ctx: Context, requirements: Requirements): Promise<Decision> {
		const nothing = refuse({ kind: 'no-session' });
		// No session lets in then: where a credential does, the audit is to hear of no refusal.
		if (requirements.xsrf === 'failed') {
			return (await byCredential(ctx, requirements)) ?? (await bySession(ctx, requirements)) ?? nothing;
		}
		const found = await bySession(ctx, requirements);
		if (found && isDecided(found)) return found;
		return (await byCredential(ctx, requirements)) ?? found ?? nothing;
	}

	/** Asks for a credential where a 401 is the answer, and nobody spoke a protocol that has none to ask for. */
	function challenge(
		ctx: Context,
		{ refusal, answers }: Decision & { readonly ok: false },
		requirements: Requirements,
	) {
		if ((answers ?? plainAnswers)(refusal).status !== 401) return;
		for (const authenticator of authenticators) {
			const isAsked = answers === undefined || answers === authenticator.answers;
			const line = isAsked ? authenticator.challenge?.(ctx, requirements) : undefined;
			if (line !== undefined) ctx.set('WWW-Authenticate', line);
		}
	}

	/** Before it is looked at who asks. */
	function refuseUnseen(ctx: Context, reason: 'cross-site' | 'worker-scope') {
		audit.write({ act: 'access', outcome: 'refused', reason, ...senderOf(ctx) });
		return refuse({ kind: reason });
	}

	return async (ctx, protection, judged) => {
		if (origins.isCrossSiteAccess(ctx.req, clientOf(ctx), judged.method ?? 'POST'))
			return refuseUnseen(ctx, 'cross-site');
		if (judged.isWideWorker) return refuseUnseen(ctx, 'worker-scope');
		const requirements = requirementsFor(ctx, protection, judged);
		const shown = bearer?.authenticate(ctx, requirements);
		if (shown !== undefined) return { ...(await byApiToken(ctx, shown, judged)), answers: plainAnswers };
		const decision = await decide(ctx, requirements);
		if (!decision.ok) challenge(ctx, decision, requirements);
		return decision;
	};
}

function isDecided(decision: Decision): boolean {
	return decision.ok || isConclusive(decision.refusal);
}

interface Said {
	readonly identity: Identity;
	readonly headers: Readonly<Record<string, string>>;
}

/** By the session, which is another object where anything of it changes; or by the identity, where there is none. */
const identityHeadersOf = new WeakMap<object, Said>();

/** What an application learns of who asks. UTF-8, as headers carry it: one character a byte. */
export function identityHeaders(access: Access): Readonly<Record<string, string>> {
	const { session, identity } = access;
	const said = identityHeadersOf.get(session ?? identity);
	if (said?.identity === identity && (session || said.headers['Remote-Methods'] === methodsOf(access)))
		return said.headers;
	const name = Buffer.from(identity.name, 'utf8').toString('latin1');
	const headers = {
		'Remote-User': name,
		'Remote-Groups': [...identity.permissions].sort().join(','),
		'Remote-Level': String(session ? session.level : (access.level ?? 1)),
		'Remote-Methods': methodsOf(access),
		...(session && { 'Remote-Proved-At': new Date(session.provedAt).toISOString() }),
	};
	identityHeadersOf.set(session ?? identity, { identity, headers });
	return headers;
}

/** In the words of RFC 8176; none for an API token, which proves nobody. */
function methodsOf(access: Access): string {
	if (access.session) return access.session.methods.join(',');
	return { basic: 'pwd', certificate: 'pop', token: '', jwt: '' }[access.credential];
}
