import type { Identity } from './identity.ts';
import type { Outcome } from './refusal.ts';
import type { RequestContext } from './request.ts';
import type { AssuranceLevel, AuthenticationMethod, FactorKind, SessionKey, SessionNeed } from './session.ts';

export type { FactorKind } from './session.ts';

/**
 * What an identity has of one kind. `off`: it has one that was switched off, as after too many wrong codes; it opens nothing,
 * and a second factor is asked for all the same. Else a guesser would switch it off to get in without it.
 */
export type FactorStanding = 'none' | 'ready' | 'off';

/** What a proof adds to a session. */
export interface Proved {
	readonly methods: readonly AuthenticationMethod[];
	/** What the session has reached by it, together with what was proved in it before. */
	readonly level: AssuranceLevel;
}

/** What a factor is shown for. A challenge that was made for another purpose or another session is worth nothing. */
export interface FactorUse {
	/** `login`: a locked session waits for it. `proof`: an open one proves once more. */
	readonly purpose: 'login' | 'proof';
	/** The session that is to be raised. */
	readonly session: SessionKey;
	readonly request: RequestContext;
}

/**
 * One kind of second factor. `Shown`: what a person shows of it, as it came and parsed in its form only. Promises:
 * `spec/core/factor.contract.ts`. Rejects where a store is away: nothing is counted then.
 */
export interface Factor<Shown = unknown> {
	readonly kind: FactorKind;
	/** One that is not confirmed yet is none. */
	standingOf(identity: Identity): Promise<FactorStanding>;
	/**
	 * Judges what is shown, and uses up what counts once: of many at once, in many processes, one is right. Counts wrong ones
	 * by identity and kind, whatever the session and the address, before it looks at what is shown; a login by password
	 * resets nothing. Refusals: `bad-credentials` (wrong, used, or none of its own: all alike); `too-many-attempts` with
	 * `retryAfterMs`, also of what is right; `too-busy` with the same, which counts as no attempt. Writes no line of the audit about
	 * the outcome: the caller does.
	 */
	check(identity: Identity, shown: Shown, use: FactorUse): Promise<Outcome<Proved>>;
}

/** All kinds that are there, and what identities have of them. */
export interface Factors {
	/** Those that an identity can show now. */
	readyFor(identity: Identity): Promise<readonly FactorKind[]>;
	/** What the identity can reach at the most: 2 where it has a factor, one that is off among them. */
	levelOf(identity: Identity): Promise<AssuranceLevel>;
	/**
	 * What a session waits for in which somebody has proved to be this identity by a password, or by more. `undefined`: nothing.
	 * `hasFactor`: where it is about to get one.
	 */
	needOf(identity: Identity, proved: Proved, hasFactor?: true): Promise<SessionNeed | undefined>;
	/** Whether it must have one. */
	isRequired(identity: Identity): boolean;
}

export interface FactorParts {
	readonly factors: readonly Pick<Factor, 'kind' | 'standingOf'>[];
	/** Whether an identity must have a factor. Config: `secondFactor.required`. */
	isRequired(identity: Identity): boolean;
}

export function createFactors({ factors, isRequired }: FactorParts): Factors {
	async function standings(identity: Identity) {
		return Promise.all(
			factors.map(async (factor) => ({ kind: factor.kind, standing: await factor.standingOf(identity) })),
		);
	}

	async function hasOne(identity: Identity): Promise<boolean> {
		return (await standings(identity)).some(({ standing }) => standing !== 'none');
	}

	return {
		isRequired,
		async readyFor(identity) {
			return (await standings(identity)).flatMap(({ kind, standing }) => (standing === 'ready' ? kind : []));
		},
		levelOf: async (identity) => ((await hasOne(identity)) ? 2 : 1),
		async needOf(identity, { methods, level }, hasFactor) {
			const has = hasFactor ?? (await hasOne(identity));
			if (has && level < 2) return 'second-factor';
			// Who came without the password need not change it first.
			if (identity.passwordChangeNeeded && methods.includes('pwd')) return 'password-change';
			return !has && isRequired(identity) ? 'enrolment' : undefined;
		},
	};
}

/** How a session is raised by a factor; see `Sessions.prove`. */
export interface FactorProof {
	readonly by: FactorKind;
	check(identity: Identity, use: FactorUse): Promise<Outcome<Proved>>;
}

export function byFactor<Shown>(factor: Factor<Shown>, shown: Shown): FactorProof {
	return { by: factor.kind, check: (identity, use) => factor.check(identity, shown, use) };
}
