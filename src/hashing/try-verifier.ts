import { pbkdf2Sync, scryptSync, timingSafeEqual } from 'node:crypto';
import { verifySync as verifyArgon2 } from '@node-rs/argon2';
import { compareSync as verifyBcrypt } from 'bcryptjs';
import { shaCrypt } from './sha-crypt.ts';
import { parseVerifier, type Verifier } from './verifier.ts';

/** Whether the password fits. Takes its time, on this thread. Throws where it is no verifier, or one that must not be run. */
export function tryVerifier(text: string, password: string): boolean {
	const verifier = parseVerifier(text);
	if (verifier === undefined) throw new Error('not a verifier that may be tried');
	switch (verifier.kind) {
		case 'argon2id':
			return verifyArgon2(text, password);
		case 'bcrypt':
			return verifyBcrypt(password, text);
		case 'kura-sha256':
			throw new Error('tried where no thread is needed');
		case 'scrypt':
			return timingSafeEqual(scryptOf(verifier, password), verifier.digest);
		case 'pbkdf2-sha256':
		case 'pbkdf2-sha512': {
			const { salt, cost, digest, sha } = verifier;
			return timingSafeEqual(pbkdf2Sync(password, salt, cost, digest.length, sha), digest);
		}
		case 'sha256-crypt':
		case 'sha512-crypt': {
			const { sha, salt, cost, digest } = verifier;
			return timingSafeEqual(Buffer.from(shaCrypt(sha, Buffer.from(password), salt, cost)), Buffer.from(digest));
		}
	}
}

function scryptOf({ n, r, p, salt, digest }: Verifier & { kind: 'scrypt' }, password: string): Buffer {
	return scryptSync(password, salt, digest.length, { N: n, r, p, maxmem: 128 * r * (n + p + 2) });
}

/** Bytes of a password that a SHA-crypt takes no longer for: it hashes all of them in every round. */
const blockBytes = 64;

/** Verifiers with the same key take the same time for a password of that length. */
export function paceKey(text: string, password: string): string {
	const verifier = parseVerifier(text);
	if (verifier === undefined) return text;
	const { kind, cost } = verifier;
	if (kind === 'argon2id') return `${kind} ${verifier.memory} ${verifier.iterations} ${verifier.parallelism}`;
	if (kind === 'scrypt') return `${kind} ${verifier.n} ${verifier.r} ${verifier.p}`;
	if (kind === 'sha256-crypt' || kind === 'sha512-crypt')
		return `${kind} ${cost} ${Math.ceil(Buffer.byteLength(password) / blockBytes)}`;
	return `${kind} ${cost}`;
}
