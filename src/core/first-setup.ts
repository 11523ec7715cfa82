import type { Audit } from './audit.ts';
import { auditedOutcome } from './audit.ts';
import type { Identity, IdentityName } from './identity.ts';
import { adminPermission } from './identity.ts';
import type { MakeIdentity } from './new-identity.ts';
import type { Password } from './password.ts';
import type { Outcome } from './refusal.ts';
import { refuse } from './refusal.ts';
import type { RequestAuditFields } from './request.ts';
import type { IdentityStore } from './stores.ts';
import type { SetupToken } from './token.ts';
import { isSameSecret, newSetupToken } from './token.ts';

/** Who asks for a first setup, and what speaks for them. */
export interface Setup {
	readonly name: IdentityName;
	readonly password: Password;
	/** `setup-token`: needs `token`. The other two need none: the caller has made sure that they may do without. */
	readonly method: 'setup-token' | 'local' | 'environment';
	readonly token?: string | undefined;
}

export interface FirstSetup {
	/** The token that allows the first setup over HTTP; `undefined` where the first setup is over. */
	setupToken(): Promise<SetupToken | undefined>;
	/**
	 * The first identity, an administrator. Of many at once exactly one is made. Refusals: `already-set-up`,
	 * `setup-token-needed`, `bad-name`, `weak-password`, `too-busy`.
	 */
	setUp(setup: Setup, request: RequestAuditFields): Promise<Outcome<Identity>>;
}

export interface FirstSetupParts extends Pick<MakeIdentity, 'newIdentity'> {
	readonly identities: Pick<IdentityStore, 'offerSetup' | 'insertFirst'>;
	readonly audit: Audit;
}

export function createFirstSetup({ identities, newIdentity, audit }: FirstSetupParts): FirstSetup {
	async function make({ name, password, token, method }: Setup): Promise<Outcome<Identity>> {
		const expected = await identities.offerSetup(newSetupToken());
		if (expected === undefined) return refuse({ kind: 'already-set-up' });
		if (method === 'setup-token' && !(token !== undefined && isSameSecret(token, expected))) {
			return refuse({ kind: 'setup-token-needed' });
		}
		const permissions = [adminPermission];
		const made = await newIdentity({ name, password, permissions, passwordChangeNeeded: false, policy: true });
		if (made.ok && (await identities.insertFirst(made.value)) === 'already-set-up') {
			return refuse({ kind: 'already-set-up' });
		}
		return made;
	}

	return {
		setupToken: () => identities.offerSetup(newSetupToken()),
		async setUp(setup, request) {
			const outcome = await make(setup);
			const event = { act: 'setup', method: setup.method, ...request } as const;
			// A name that no identity bears may be a password in the wrong field.
			audit.write({ ...event, ...(outcome.ok && { identity: setup.name }), ...auditedOutcome(outcome) });
			return outcome;
		},
	};
}
