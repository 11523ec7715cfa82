import type { Clock, Instant } from '../../src/core/clock.ts';
import type { Factor } from '../../src/core/factor.ts';
import type { Identity, IdentityId } from '../../src/core/identity.ts';
import { ok, refuse } from '../../src/core/refusal.ts';

/** The smallest factor that keeps all promises: codes that somebody was given, each good once. In this process alone. */
export function createCodes(clock: Clock) {
	interface Owned {
		readonly codes: Set<string>;
		failures: number;
		waitsUntil: Instant;
		isOff: boolean;
	}
	const owned = new Map<IdentityId, Owned>();
	let made = 0;

	const factor: Factor<string> = {
		kind: 'totp',
		async standingOf({ id }) {
			const has = owned.get(id);
			return has === undefined ? 'none' : has.isOff ? 'off' : 'ready';
		},
		async check({ id }, code) {
			const has = owned.get(id);
			if (has === undefined || has.isOff) return refuse({ kind: 'bad-credentials' });
			const waitMs = has.waitsUntil - clock.now();
			if (waitMs > 0) return refuse({ kind: 'too-many-attempts', retryAfterMs: waitMs });
			if (has.codes.delete(code)) {
				has.failures = 0;
				return ok({ methods: ['otp'], level: 2 });
			}
			has.failures += 1;
			if (has.failures >= 5) has.waitsUntil = (clock.now() + 1000 * 2 ** (has.failures - 5)) as Instant;
			return refuse({ kind: 'bad-credentials' });
		},
	};

	return {
		factor,
		add: ({ id }: Identity) =>
			void owned.set(id, { codes: new Set(), failures: 0, waitsUntil: 0 as Instant, isOff: false }),
		newCode({ id }: Identity): string {
			made += 1;
			owned.get(id)?.codes.add(`code ${made}`);
			return `code ${made}`;
		},
		switchOff({ id }: Identity) {
			const has = owned.get(id);
			if (has) has.isOff = true;
		},
	};
}
