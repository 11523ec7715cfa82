import { createHash, hash } from 'node:crypto';

/*
 * The `$5$` and `$6$` of `crypt(3)`. Source: Ulrich Drepper, "Unix crypt using SHA-256 and SHA-512", 22; the numbers of
 * the steps are his.
 */

export type ShaCryptAlgorithm = 'sha256' | 'sha512';

const alphabet = './0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** The digest as it stands behind the last `$`. `password`: its bytes; `salt`: 16 characters at the most. */
export function shaCrypt(algorithm: ShaCryptAlgorithm, password: Uint8Array, salt: string, rounds: number): string {
	const key = Buffer.from(password);
	const saltBytes = Buffer.from(salt);
	const first = startOf(algorithm, key, saltBytes);
	// Steps 12 to 16.
	const p = stretched(digestOf(algorithm, new Array(key.length).fill(key)), key.length);
	// Steps 17 to 20.
	const s = stretched(digestOf(algorithm, new Array(16 + (first[0] ?? 0)).fill(saltBytes)), saltBytes.length);
	return encoded(algorithm, run(algorithm, first, p, s, rounds));
}

/** Steps 1 to 11. */
function startOf(algorithm: ShaCryptAlgorithm, key: Buffer, salt: Buffer): Buffer {
	const b = digestOf(algorithm, [key, salt, key]);
	const parts = [key, salt, stretched(b, key.length)];
	for (let bits = key.length; bits > 0; bits >>= 1) parts.push(bits & 1 ? b : key);
	return digestOf(algorithm, parts);
}

/** Step 21. */
function run(algorithm: ShaCryptAlgorithm, first: Buffer, p: Buffer, s: Buffer, rounds: number): Buffer {
	const input = Buffer.alloc(first.length + 2 * p.length + s.length);
	let c = first;
	for (let round = 0; round < rounds; round += 1) {
		const isOdd = round % 2 === 1;
		let at = put(input, isOdd ? p : c, 0);
		if (round % 3 !== 0) at = put(input, s, at);
		if (round % 7 !== 0) at = put(input, p, at);
		at = put(input, isOdd ? c : p, at);
		c = hash(algorithm, input.subarray(0, at), 'buffer');
	}
	return c;
}

function put(into: Buffer, bytes: Buffer, at: number): number {
	into.set(bytes, at);
	return at + bytes.length;
}

/** The bytes of a digest, over and over. */
function stretched(digest: Buffer, length: number): Buffer {
	return Buffer.alloc(length, digest);
}

function digestOf(algorithm: ShaCryptAlgorithm, parts: readonly Buffer[]): Buffer {
	const hasher = createHash(algorithm);
	for (const part of parts) hasher.update(part);
	return hasher.digest();
}

/** Step 22: three bytes become four characters, the lowest bits first; which three, turns round with each. */
function encoded(algorithm: ShaCryptAlgorithm, digest: Buffer): string {
	const third = Math.floor(digest.length / 3);
	const byte = (at: number) => digest[at] ?? 0;
	let text = '';
	let [one, two, three] = [0, third, 2 * third];
	for (let group = 0; group < third; group += 1) {
		text += characters((byte(one) << 16) | (byte(two) << 8) | byte(three), 4);
		[one, two, three] = algorithm === 'sha512' ? [two + 1, three + 1, one + 1] : [three + 1, one + 1, two + 1];
	}
	return text + (algorithm === 'sha512' ? characters(byte(63), 2) : characters((byte(31) << 8) | byte(30), 3));
}

function characters(bits: number, count: number): string {
	return Array.from({ length: count }, (_, at) => alphabet[(bits >> (6 * at)) & 63]).join('');
}
