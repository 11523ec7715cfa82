import type { Identity, IdentityId } from './identity.ts';
import type { Outcome } from './refusal.ts';
import { ok, refuse } from './refusal.ts';
import type { DialectName } from './session.ts';
import type { AuditFields } from './session-ends.ts';
import type { Sessions } from './sessions.ts';
import type { CredentialChange, IdentityStore } from './stores.ts';

export interface CredentialChangeParts {
	readonly identities: Pick<IdentityStore, 'find' | 'changeCredentials'>;
	readonly sessions: Pick<Sessions, 'endOf'>;
}

/** Changes of what an identity logs in with, and of its name: each ends the sessions that it must end. */
export function createCredentialChanges({ identities, sessions }: CredentialChangeParts) {
	/** Puts a change down and then ends what it must end: a crash in between leaves sessions that no check lets pass. */
	async function change(
		identity: Identity,
		change: CredentialChange,
		fields: AuditFields,
		exceptDialects?: readonly DialectName[],
	): Promise<Outcome<Identity>> {
		const result = await identities.changeCredentials(identity.id, identity.credentialStamp, change);
		if (result === 'outdated') return refuse({ kind: 'credentials-changed' });
		if (result === 'name-taken') return refuse({ kind: 'name-taken' });
		await sessions.endOf(identity.id, exceptDialects === undefined ? {} : { exceptDialects }, fields);
		return ok({ ...identity, ...change });
	}

	/** For verbs that need not know what they replace: a change that came in between is replaced, too. */
	async function changeWhatever(
		id: IdentityId,
		make: (identity: Identity) => CredentialChange,
		fields: AuditFields,
	): Promise<Outcome<Identity>> {
		for (;;) {
			const identity = await identities.find(id);
			if (identity === undefined) return refuse({ kind: 'not-found' });
			const outcome = await change(identity, make(identity), { identity: identity.name, ...fields });
			if (outcome.ok || outcome.refusal.kind !== 'credentials-changed') return outcome;
		}
	}

	return { change, changeWhatever };
}
