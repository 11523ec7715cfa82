import type { FactorKind } from './factor.ts';
import type { IdentityId, IdentityName } from './identity.ts';
import type { Outcome } from './refusal.ts';
import type { AttemptStore } from './stores.ts';
import { type Attempt, createAttempts } from './throttle.ts';

/** Wrong ones that stay without consequence; then one waits a second, two, four … a quarter of an hour. */
const limit = 5;
/** Milliseconds within which they are counted, and after which those that had to wait are forgotten. */
const windowMs = 3_600_000;

/**
 * Guesses at a second factor, by identity and kind: who guesses has the password already, so sessions and addresses make no
 * difference, and a login by password resets nothing. Sources: NIST SP 800-63B-4, 3.2.2; OWASP ASVS 5.0, 6.3.1.
 */
export interface FactorThrottle {
	/** `too-many-attempts`, or leave to try one. */
	admit(of: IdentityId, kind: FactorKind): Promise<Outcome<Attempt>>;
}

export function createFactorThrottle(store: AttemptStore): FactorThrottle {
	const attempts = createAttempts(store, { limit, windowMs }, async () => undefined);
	// No identity has such a name, and no request comes from such an address.
	return { admit: (of, kind) => attempts.admit(`\0${kind}:${of}` as IdentityName, 'factor') };
}
