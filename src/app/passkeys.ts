import type { Config } from '../config/schema.ts';
import type { Audit } from '../core/audit.ts';
import { createCeremonies } from '../core/ceremonies.ts';
import type { Clock } from '../core/clock.ts';
import type { Factor } from '../core/factor.ts';
import type { FactorThrottle } from '../core/factor-throttle.ts';
import { createJudgeAssertion, type ShownPasskey } from '../core/passkey-assertions.ts';
import { createPasskeyFactor } from '../core/passkey-factor.ts';
import { createPasskeys, type PasskeyParts, type Passkeys } from '../core/passkeys.ts';
import { createPasskeyVerifier } from '../webauthn/verifier.ts';
import { isAllowedModel } from './relying-party.ts';
import type { Stores } from './store-types.ts';

interface Parts {
	readonly stores: Stores;
	readonly throttle: FactorThrottle;
	readonly clock: Clock;
	readonly audit: Audit;
}

/** Passkeys as a factor; and all else of them, for sessions that know of the factor. */
export function openPasskeys(
	config: Config,
	{ stores, throttle, clock, audit }: Parts,
): { readonly factor: Factor<ShownPasskey>; with(sessions: PasskeyParts['sessions']): Passkeys } {
	const { identities } = stores;
	const store = identities.authenticators;
	const ceremonies = createCeremonies({ store: stores.sessions.ceremonies, clock });
	const verifier = createPasskeyVerifier();
	const judge = createJudgeAssertion({
		...{ store, ceremonies, verifier, clock, audit },
		nameOf: async (id) => (await identities.find(id))?.name,
	});
	const { enabled } = config.auth.passkey;
	return {
		factor: createPasskeyFactor({ store, throttle, judge, isOn: enabled && config.auth.sessions }),
		with: (sessions) =>
			createPasskeys({
				...{ store, identities, ceremonies, verifier, judge, sessions, clock, audit },
				isAllowedModel: isAllowedModel(config),
			}),
	};
}
