import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { PasswordVerifier } from '../core/identity.ts';
import type { Password, PasswordHasher } from '../core/password.ts';
import type { HashThreads } from './pool.ts';
import type { Trying } from './pool-thread.ts';

/** Config: `passwordHash`. Source of the defaults: OWASP Password Storage Cheat Sheet, ASVS 5.0 11.4.2. */
export interface Argon2Parameters {
	/** KiB. */
	readonly memory: number;
	readonly iterations: number;
	readonly parallelism: number;
}

type Pace = Pick<Trying, 'pace'>;

/** Beyond this, trying a verifier is an attack on ourselves. KiB, and passes. */
const ceiling = { memory: 1_048_576, iterations: 10, parallelism: 16 };

/**
 * As the library writes it: three parameters in this order, salt and hash in base64 without padding. Its `parseOptions`
 * would take more (another order, `keyid=`, `data=`, hashes of any length), and would load native code in the main thread.
 */
const number = '([1-9][0-9]{0,9})';
const phc = new RegExp(
	`^\\$argon2id\\$v=19\\$m=${number},t=${number},p=${number}\\$([A-Za-z0-9+/]{11,64})\\$([A-Za-z0-9+/]{16,86})$`,
);
/** KiB that each lane has at least. RFC 9106, 3.1. */
const leastPerLane = 8;

/** As Kura kept them: SHA-256 in base64, without salt. Only ever imported, and replaced at the first login. */
const kura = /^\$kura-sha256\$([A-Za-z0-9+/]{43}=)$/;

export function createArgon2Hasher(wanted: Argon2Parameters, threads: Pick<HashThreads, 'run'>): PasswordHasher {
	/** A verifier of an earlier time, with lesser parameters, is quicker to try: time grows with memory and with iterations. */
	function paceOf(verifier: PasswordVerifier): Pace {
		const { memory, iterations } = parametersOf(verifier) ?? wanted;
		const more = memory * iterations - wanted.memory * wanted.iterations;
		if (more < 0) return { pace: optionsOf(wanted) };
		return more === 0 ? { pace: 'sets' } : {};
	}

	return {
		make: async (password) => (await threads.run({ password, make: optionsOf(wanted) })) as PasswordVerifier,
		decoy: decoyOf(wanted),
		async matches(verifier, password) {
			const [, digest] = kura.exec(verifier) ?? [];
			if (digest !== undefined) return matchesKura(digest, password);
			return (await threads.run({ password, verifier, ...paceOf(verifier) })) === true;
		},
		assess(verifier) {
			if (kura.test(verifier)) return 'foreign';
			const found = parametersOf(verifier);
			if (found === undefined) return 'unusable';
			const { memory, iterations, parallelism } = found;
			if (memory > ceiling.memory || iterations > ceiling.iterations || parallelism > ceiling.parallelism)
				return 'unusable';
			const same = memory === wanted.memory && iterations === wanted.iterations && parallelism === wanted.parallelism;
			return same ? 'current' : 'outdated';
		},
	};
}

/** The library's default algorithm is argon2id; its salts are 16 random bytes. */
function optionsOf({ memory, iterations, parallelism }: Argon2Parameters) {
	return { memoryCost: memory, timeCost: iterations, parallelism };
}

/** Random bytes where salt and hash stand: no password is known to lead there, and none had to be hashed for it. */
function decoyOf({ memory, iterations, parallelism }: Argon2Parameters): PasswordVerifier {
	const [salt, digest] = [randomBytes(16), randomBytes(32)].map((bytes) => bytes.toString('base64').replace(/=+$/, ''));
	return `$argon2id$v=19$m=${memory},t=${iterations},p=${parallelism}$${salt}$${digest}` as PasswordVerifier;
}

function parametersOf(verifier: PasswordVerifier): Argon2Parameters | undefined {
	const [, m, t, p, salt, digest] = phc.exec(verifier) ?? [];
	if (salt === undefined || digest === undefined || !isCanonical(salt) || !isCanonical(digest)) return undefined;
	const [memory, iterations, parallelism] = [Number(m), Number(t), Number(p)];
	return memory < leastPerLane * parallelism ? undefined : { memory, iterations, parallelism };
}

/** Base64 that stands for whole bytes, written in the one way there is. */
function isCanonical(text: string): boolean {
	return Buffer.from(text, 'base64').toString('base64').replace(/=+$/, '') === text;
}

function matchesKura(digest: string, password: Password): boolean {
	return timingSafeEqual(createHash('sha256').update(password).digest(), Buffer.from(digest, 'base64'));
}
