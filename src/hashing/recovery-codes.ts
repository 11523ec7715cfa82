import type { RecoveryCodeVerifier } from '../core/authenticator.ts';
import type { CodeHasher } from '../core/recovery-codes.ts';
import type { HashThreads } from './pool.ts';

/** 16 MiB, some 30 ms. What is kept was made so: other numbers would make all codes useless. */
const cost = { bytes: 32, N: 16_384, r: 8, p: 1 };

/** In the threads that hash passwords: those of libuv serve everybody's look-ups and signatures. */
export function createCodeHasher(threads: Pick<HashThreads, 'run'>): CodeHasher {
	return {
		digest: async (code, batch) =>
			(await threads.run({ password: code, digest: { salt: batch, ...cost } })) as RecoveryCodeVerifier,
	};
}
