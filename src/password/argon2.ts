import { createHash, timingSafeEqual } from 'node:crypto';
import { hash, verify } from '@node-rs/argon2';
import type { PasswordVerifier } from '../core/identity.ts';
import type { Password, PasswordHasher } from '../core/password.ts';

/** Config: `passwordHash`. Source of the defaults: OWASP Password Storage Cheat Sheet, ASVS 5.0 11.4.2. */
export interface Argon2Parameters {
	/** KiB. */
	readonly memory: number;
	readonly iterations: number;
	readonly parallelism: number;
}

/** Beyond this, trying a verifier is an attack on ourselves. KiB, and passes. */
const ceiling = { memory: 1_048_576, iterations: 10, parallelism: 16 };

const phc = /^\$argon2id\$v=19\$([a-z0-9=,]+)\$[A-Za-z0-9+/]{11,}\$[A-Za-z0-9+/]{16,}$/;
/** As Kura kept them: SHA-256 in base64, without salt. Only ever imported, and replaced at the first login. */
const kura = /^\$kura-sha256\$([A-Za-z0-9+/]{43}=)$/;

export function createArgon2Hasher(wanted: Argon2Parameters): PasswordHasher {
	return {
		// The library's default algorithm is argon2id; its salts are 16 random bytes.
		make: async (password) =>
			(await hash(password, {
				memoryCost: wanted.memory,
				timeCost: wanted.iterations,
				parallelism: wanted.parallelism,
			})) as PasswordVerifier,
		async matches(verifier, password) {
			const [, digest] = kura.exec(verifier) ?? [];
			return digest === undefined ? verify(verifier, password) : matchesKura(digest, password);
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

function parametersOf(verifier: PasswordVerifier): Argon2Parameters | undefined {
	const [, list] = phc.exec(verifier) ?? [];
	const numbers = new Map(list?.split(',').map((part) => part.split('=') as [string, string]));
	const [memory, iterations, parallelism] = ['m', 't', 'p'].map((key) => Number(numbers.get(key)));
	if (!memory || !iterations || !parallelism) return undefined;
	return { memory, iterations, parallelism };
}

function matchesKura(digest: string, password: Password): boolean {
	return timingSafeEqual(createHash('sha256').update(password).digest(), Buffer.from(digest, 'base64'));
}
