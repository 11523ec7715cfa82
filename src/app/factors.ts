import type { Config } from '../config/schema.ts';
import type { Audit } from '../core/audit.ts';
import type { Clock } from '../core/clock.ts';
import { createFactors, type Factor, type Factors } from '../core/factor.ts';
import { createFactorThrottle } from '../core/factor-throttle.ts';
import type { Identity } from '../core/identity.ts';
import { type CodeHashing, createRecoveryCodeFactor } from '../core/recovery-codes.ts';
import { createSecondFactors, type SecondFactorParts, type SecondFactors } from '../core/second-factors.ts';
import { createTotpFactor } from '../core/totp-factor.ts';
import type { Metrics } from '../observability/metrics.ts';
import { givenNameOf } from './branding.ts';
import { instrumentedFactor } from './instrument-factors.ts';
import { openPasskeys } from './passkeys.ts';
import { openSealingKeys, type SealingKeys } from './sealing-keys.ts';
import { requiredBy } from './second-factor-required.ts';
import type { Stores } from './store-types.ts';

/** The kinds of second factors that there are. */
export interface FactorKinds {
	readonly factors: Factors;
	readonly totp: Factor<string>;
	readonly recoveryCodes: Factor<string>;
	readonly passkeys: ReturnType<typeof openPasskeys>;
	/** `undefined`: nobody gets codes of the time. */
	readonly sealing: SealingKeys | undefined;
	/** What can be set up, as the wire calls it. */
	readonly factorKindsOffered: readonly string[];
	isRequired(identity: Identity): boolean;
}

/** Everything about second factors. */
export interface FactorParts extends Omit<FactorKinds, 'passkeys'> {
	readonly secondFactors: SecondFactors;
}

interface Around {
	readonly stores: Stores;
	readonly hashing: CodeHashing;
	readonly clock: Clock;
	readonly audit: Audit;
	readonly metrics?: Metrics | undefined;
}

/** Throws where the sealing key is none, or open to others. */
export function openFactors(config: Config, { stores, hashing, clock, audit, metrics }: Around): FactorKinds {
	const { authenticators: store } = stores.identities;
	const throttle = createFactorThrottle(stores.attempts);
	const counted = <Shown>(factor: Factor<Shown>) => (metrics ? instrumentedFactor(factor, metrics) : factor);
	const opened = openPasskeys(config, { stores, throttle, clock, audit });
	const passkeys = { ...opened, factor: counted(opened.factor) };
	const sealing = config.auth.totp ? openSealingKeys(config) : undefined;
	const present = async () => sealing?.present();
	const totp = counted(createTotpFactor({ store, sealing: { present }, throttle, clock }));
	const recoveryCodes = counted(createRecoveryCodeFactor({ store, hashing, throttle, clock }));
	const isRequired = requiredBy(config.secondFactor);
	const factors = createFactors({ factors: [passkeys.factor, totp, recoveryCodes], isRequired });
	const factorKindsOffered = sealing ? ['totp'] : [];
	return { factors, totp, recoveryCodes, passkeys, sealing, isRequired, factorKindsOffered };
}

/** With what identities and administrators do with them. */
export function withSecondFactors({ passkeys: _, ...kinds }: FactorKinds, parts: SecondFactorsOf): FactorParts {
	const { config, stores, ...others } = parts;
	const { sealing, isRequired } = kinds;
	const store = stores.identities.authenticators;
	const issuer = issuerOf(config);
	const secondFactors = createSecondFactors({
		...{ ...others, store, identities: stores.identities, sealing, isRequired, issuer },
	});
	return { ...kinds, secondFactors };
}

interface SecondFactorsOf extends Pick<SecondFactorParts, 'sessions' | 'hashing' | 'clock' | 'audit'> {
	readonly config: Config;
	readonly stores: Stores;
}

/** What apps call the service. */
function issuerOf(config: Config): string {
	const { url } = config.portal;
	return givenNameOf(config) ?? (url === undefined ? 'Latchkey' : new URL(url).hostname);
}
