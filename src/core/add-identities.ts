import type { Audit } from './audit.ts';
import { auditedOutcome } from './audit.ts';
import type { Identity } from './identity.ts';
import type { MakeIdentity, NewIdentity } from './new-identity.ts';
import type { Outcome } from './refusal.ts';
import { ok, refuse } from './refusal.ts';
import type { AuditFields } from './session-ends.ts';
import type { IdentityStore } from './stores.ts';

export interface AddIdentities {
	/**
	 * Adds many in one transaction, and answers in their order. Refusals: those of `add`; one that is refused keeps none
	 * of the others from being added.
	 */
	addAll(wanted: readonly NewIdentity[], fields: AuditFields): Promise<readonly Outcome<Identity>[]>;
}

interface AddIdentitiesParts {
	readonly identities: Pick<IdentityStore, 'insertAll'>;
	readonly newIdentity: MakeIdentity['newIdentity'];
	readonly audit: Audit;
}

export function createAddIdentities({ identities, newIdentity, audit }: AddIdentitiesParts): AddIdentities {
	return {
		async addAll(wanted, fields) {
			const made: Outcome<Identity>[] = [];
			for (const each of wanted) made.push(await newIdentity(each));
			const inserted = await identities.insertAll(made.flatMap((each) => (each.ok ? [each.value] : [])));
			return made.map((each, at): Outcome<Identity> => {
				const isIn = each.ok && inserted.has(each.value.id);
				const outcome = each.ok && !isIn ? refuse({ kind: 'name-taken' }) : each;
				const name = wanted[at]?.name;
				audit.write({
					act: 'identity-add',
					...(isIn && name !== undefined && { identity: name }),
					...fields,
					...auditedOutcome(outcome),
				});
				return outcome.ok ? ok(outcome.value) : outcome;
			});
		},
	};
}
