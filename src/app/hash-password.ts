import type { Config } from '../config/schema.ts';
import type { PasswordVerifier } from '../core/identity.ts';
import type { Password } from '../core/password.ts';
import { createArgon2Hasher } from '../hashing/argon2.ts';
import { createHashThreads } from '../hashing/pool.ts';

/** The verifier of a password as `passwordHash` has it, without a store. */
export function hashPassword({ passwordHash }: Config, password: Password): Promise<PasswordVerifier> {
	const { concurrency: _, ...parameters } = passwordHash;
	return createArgon2Hasher(parameters, createHashThreads(1)).make(password);
}
