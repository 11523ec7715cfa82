import { createHash, timingSafeEqual } from 'node:crypto';
import type { PasswordVerifier } from '../core/identity.ts';
import type { Password, PasswordHasher } from '../core/password.ts';
import type { HashThreads } from './pool.ts';
import type { SlowKinds } from './slow-kinds.ts';
import { type Argon2Parameters, decoyOf, parseVerifier } from './verifier.ts';

export type { Argon2Parameters } from './verifier.ts';

/** Nothing from elsewhere is in the store. */
const none: Pick<SlowKinds, 'decoys' | 'announce'> = { decoys: async () => [], announce: async () => undefined };

/**
 * Makes argon2id, and tries whatever `parseVerifier` takes. Every try lasts as long as the slowest of what is made now
 * and of what `slowKinds` knows.
 */
export function createArgon2Hasher(
	wanted: Argon2Parameters,
	threads: Pick<HashThreads, 'run'>,
	slowKinds: Pick<SlowKinds, 'decoys' | 'announce'> = none,
): PasswordHasher {
	const decoy = decoyOf({ kind: 'argon2id', cost: 0, ...wanted });

	function assess(verifier: PasswordVerifier) {
		const found = parseVerifier(verifier);
		if (found === undefined) return 'unusable';
		if (found.kind === 'kura-sha256') return 'foreign';
		if (found.kind !== 'argon2id') return 'outdated';
		const { memory, iterations, parallelism } = found;
		const same = memory === wanted.memory && iterations === wanted.iterations && parallelism === wanted.parallelism;
		return same ? 'current' : 'outdated';
	}

	return {
		make: async (password) => (await threads.run({ password, make: optionsOf(wanted) })) as PasswordVerifier,
		decoy,
		assess,
		async matches(verifier, password) {
			const parsed = parseVerifier(verifier);
			if (parsed?.kind === 'kura-sha256') return matchesKura(parsed.digest, password);
			const paces = [decoy, ...(await slowKinds.decoys())];
			const isRight = (await threads.run({ password, verifier, paces })) === true;
			// One that came by another way than the command line: from now on it is known. A note that cannot be kept fails no login.
			if (assess(verifier) !== 'current') await slowKinds.announce(verifier).catch(() => undefined);
			return isRight;
		},
		announce: slowKinds.announce,
	};
}

/** The library's default algorithm is argon2id; its salts are 16 random bytes. */
function optionsOf({ memory, iterations, parallelism }: Argon2Parameters) {
	return { memoryCost: memory, timeCost: iterations, parallelism };
}

function matchesKura(digest: Buffer, password: Password): boolean {
	return timingSafeEqual(createHash('sha256').update(password).digest(), digest);
}
