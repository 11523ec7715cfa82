import type { KeptFactors } from './authenticator.ts';
import type { Instant } from './clock.ts';
import { newestStepAt } from './totp.ts';

/** Factors of a backup, where everything that counts once is used up: it may have been used after the backup was made. */
export function usedUp({ authenticators, recoveryCodes }: KeptFactors, now: Instant): KeptFactors {
	const newest = newestStepAt(now);
	return {
		authenticators: authenticators.map((each) =>
			each.kind === 'totp' && each.lastStep < newest ? { ...each, lastStep: newest } : each,
		),
		recoveryCodes: recoveryCodes.map((each) => ({ ...each, usedAt: each.usedAt ?? now })),
	};
}
