import type { Factors } from './factor.ts';
import type { Identity } from './identity.ts';
import type { AuthenticatedSession } from './opened-session.ts';
import type { ProofMethod, ProofNeeded, Refusal } from './refusal.ts';
import type { Requirements } from './requirements.ts';
import type { AssuranceLevel } from './session.ts';

/** What is known of an identity's factors, put where a judgement that asks nobody needs it. */
export interface ProofNeeds {
	/** Requirements that say a number, where they say `highest`. */
	resolve<R extends Requirements>(requirements: R, identity: Identity): Promise<R>;
	/** `proof-needed` says by what; every other refusal stays as it is. */
	withMethods(refusal: Refusal, checked: AuthenticatedSession): Promise<Refusal>;
}

export function createProofNeeds(factors: Factors, certificateLevel: AssuranceLevel): ProofNeeds {
	async function methodsFor({ level }: ProofNeeded, { session, identity }: AuthenticatedSession) {
		const ready = await factors.readyFor(identity);
		const ofFactors = ready.filter((kind) => kind !== 'recovery-code');
		const byCertificate = session.openedBy === 'certificate';
		const first: ProofMethod[] = byCertificate
			? level <= certificateLevel
				? ['certificate']
				: []
			: level === 1 && identity.passwordVerifier !== undefined
				? ['password']
				: [];
		return [...ofFactors, ...first];
	}

	return {
		async resolve(requirements, identity) {
			if (requirements.assuranceLevel !== 'highest') return requirements;
			return { ...requirements, assuranceLevel: await factors.levelOf(identity) };
		},
		async withMethods(refusal, checked) {
			if (refusal.kind !== 'proof-needed') return refusal;
			return { ...refusal, methods: await methodsFor(refusal, checked) };
		},
	};
}
