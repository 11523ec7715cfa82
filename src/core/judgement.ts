import type { Audit } from './audit.ts';
import type { Clock, Instant } from './clock.ts';
import type { Factors } from './factor.ts';
import type { AuthenticatedSession } from './opened-session.ts';
import { createProofNeeds, type ProofNeeds } from './proof-needed.ts';
import type { Outcome, Refusal } from './refusal.ts';
import { ok, refuse } from './refusal.ts';
import type { Origin, RequestContext } from './request.ts';
import { auditFieldsOf } from './request.ts';
import type { Access, Requirements } from './requirements.ts';
import { firstUnmet } from './requirements.ts';
import type { AssuranceLevel } from './session.ts';

/** Judges access by what it must satisfy. Refusals: those of `firstUnmet` (`core/requirements.ts`). */
export interface Judgement extends ProofNeeds {
	/** Access that stands already, by what it must satisfy besides. Refusals stand in the audit, as those of `Sessions.check`. */
	judge<A extends Access>(access: A, requirements: Requirements, request: Judged, now?: Instant): Outcome<A>;
	/** The same of a session, where it may depend on the factors of its identity; `proof-needed` says by what. */
	judgeSession(
		checked: AuthenticatedSession,
		requirements: Requirements,
		request: Judged,
	): Promise<Outcome<AuthenticatedSession>>;
	/** The same as `judge`, without a word to the audit: for what nobody asked for yet. */
	firstUnmet(access: Access, requirements: Requirements): Refusal | undefined;
}

/** Of a request, what a judgement looks at and tells the audit. */
type Judged = Origin & Pick<RequestContext, 'xsrfToken'>;

export interface JudgementParts {
	readonly factors: Factors;
	readonly certificateLevel: AssuranceLevel;
	readonly clock: Clock;
	readonly audit: Audit;
}

export function createJudgement({ factors, certificateLevel, clock, audit }: JudgementParts): Judgement {
	const proofs = createProofNeeds(factors, certificateLevel);

	function judge<A extends Access>(
		access: A,
		requirements: Requirements,
		request: Judged,
		now = clock.now(),
	): Outcome<A> {
		const refusal = firstUnmet(requirements, access, request, now);
		if (refusal === undefined) return ok(access);
		const { session, identity } = access;
		const event = { act: 'access', outcome: 'refused', reason: refusal.kind, identity: identity.name } as const;
		const token = access.session ? undefined : access.apiToken?.token.id;
		const by = { ...(session && { session: session.key }), ...(token && { token }) };
		audit.write({ ...event, ...by, ...auditFieldsOf(request) });
		return refuse(refusal);
	}

	return {
		...proofs,
		judge,
		async judgeSession(checked, requirements, request) {
			const judged = judge(checked, await proofs.resolve(requirements, checked.identity), request);
			return judged.ok ? judged : refuse(await proofs.withMethods(judged.refusal, checked));
		},
		firstUnmet: (access, requirements) => firstUnmet(requirements, access, {}, clock.now()),
	};
}
