import { randomBytes } from 'node:crypto';
import type { PasswordVerifier } from '../core/identity.ts';
import type { ShaCryptAlgorithm } from './sha-crypt.ts';

/** Config: `passwordHash`. Source of the defaults: OWASP Password Storage Cheat Sheet, ASVS 5.0 11.4.2. */
export interface Argon2Parameters {
	/** KiB. */
	readonly memory: number;
	readonly iterations: number;
	readonly parallelism: number;
}

/** A verifier that may be tried: of a kind that is known, and below its ceiling. `cost` grows with time; of one kind only. */
export type Verifier = { readonly cost: number } & (
	| ({ readonly kind: 'argon2id' } & Argon2Parameters)
	| { readonly kind: 'kura-sha256'; readonly digest: Buffer }
	| { readonly kind: 'bcrypt' }
	| {
			readonly kind: 'scrypt';
			readonly n: number;
			readonly r: number;
			readonly p: number;
			readonly salt: Buffer;
			readonly digest: Buffer;
	  }
	| { readonly kind: `pbkdf2-${Sha}`; readonly sha: Sha; readonly salt: Buffer; readonly digest: Buffer }
	| { readonly kind: `${Sha}-crypt`; readonly sha: Sha; readonly salt: string; readonly digest: string }
);

export type Sha = ShaCryptAlgorithm;

/**
 * Beyond these, trying a verifier is an attack on ourselves: each is a second or two of one core, or a gigabyte. KiB and
 * passes; the exponent of bcrypt; blocks and KiB of scrypt; iterations of PBKDF2; rounds of SHA-crypt.
 */
const ceiling = {
	argon2: { memory: 1_048_576, iterations: 10, parallelism: 16 },
	bcrypt: 14,
	scrypt: { blocks: 2 ** 20, memory: 262_144 },
	pbkdf2: 1_000_000,
	shaCrypt: 700_000,
} as const;

const number = '([1-9][0-9]{0,9})';
const base64 = (least: number, most: number) => `([A-Za-z0-9+/]{${least},${most}})`;
/** As Python's passlib writes it: a dot in place of the plus. */
const base64Dotted = (least: number, most: number) => `([A-Za-z0-9./]{${least},${most}})`;

/**
 * As the library writes it: three parameters in this order, salt and hash in base64 without padding. Its `parseOptions`
 * would take more (another order, `keyid=`, `data=`, hashes of any length), and would load native code in the main thread.
 */
const argon2id = new RegExp(
	`^\\$argon2id\\$v=19\\$m=${number},t=${number},p=${number}\\$${base64(11, 64)}\\$${base64(16, 86)}$`,
);
/** KiB that each lane has at least. RFC 9106, 3.1. */
const leastPerLane = 8;
/** As Kura kept them: SHA-256 in base64, without salt. */
const kura = /^\$kura-sha256\$([A-Za-z0-9+/]{43}=)$/;
/** `2x`, the faulty one of PHP, is another function. */
const bcrypt = /^\$2[aby]\$(0[4-9]|[1-3][0-9])\$[./A-Za-z0-9]{21}[.Oeu][./A-Za-z0-9]{31}$/;
const scrypt = new RegExp(`^\\$scrypt\\$ln=${number},r=${number},p=${number}\\$${base64(6, 86)}\\$${base64(22, 86)}$`);
const pbkdf2 = new RegExp(`^\\$pbkdf2-(sha256|sha512)\\$${number}\\$${base64Dotted(6, 86)}\\$${base64Dotted(22, 86)}$`);
const shaCrypt = /^\$([56])\$(?:rounds=([1-9][0-9]{3,8})\$)?([./0-9A-Za-z]{1,16})\$([./0-9A-Za-z]{43,86})$/;
const usualRounds = 5000;

/** What a text says, or `undefined` where it is no verifier of ours, or one that must not be run. */
export function parseVerifier(text: string): Verifier | undefined {
	return parsers.reduce<Verifier | undefined>((found, parse) => found ?? parse(text), undefined);
}

const parsers: readonly ((text: string) => Verifier | undefined)[] = [
	(text) => {
		const [, m, t, p, salt, digest] = argon2id.exec(text) ?? [];
		if (bytesOf(salt) === undefined || bytesOf(digest) === undefined) return undefined;
		const [memory, iterations, parallelism] = [Number(m), Number(t), Number(p)];
		if (memory < leastPerLane * parallelism) return undefined;
		const { argon2 } = ceiling;
		if (memory > argon2.memory || iterations > argon2.iterations || parallelism > argon2.parallelism) return undefined;
		return { kind: 'argon2id', cost: memory * iterations, memory, iterations, parallelism };
	},
	(text) => {
		const [, digest] = kura.exec(text) ?? [];
		return digest === undefined ? undefined : { kind: 'kura-sha256', cost: 0, digest: Buffer.from(digest, 'base64') };
	},
	(text) => {
		const [, cost] = bcrypt.exec(text) ?? [];
		return cost === undefined || Number(cost) > ceiling.bcrypt ? undefined : { kind: 'bcrypt', cost: Number(cost) };
	},
	(text) => {
		const [, ln, r, p, saltText, digestText] = scrypt.exec(text) ?? [];
		const [salt, digest] = [bytesOf(saltText), bytesOf(digestText)];
		if (salt === undefined || digest === undefined) return undefined;
		const sizes = { n: 2 ** Number(ln), r: Number(r), p: Number(p) };
		const cost = sizes.n * sizes.r * sizes.p;
		if (cost > ceiling.scrypt.blocks || (sizes.n * sizes.r) / 8 > ceiling.scrypt.memory) return undefined;
		return { kind: 'scrypt', cost, ...sizes, salt, digest };
	},
	(text) => {
		const [, sha, iterations, saltText, digestText] = pbkdf2.exec(text) ?? [];
		const [salt, digest] = [saltText, digestText].map((each) => bytesOf(each?.replaceAll('.', '+')));
		if (!isSha(sha) || salt === undefined || digest === undefined) return undefined;
		// More bytes than the hash has would cost another run of all iterations.
		if (Number(iterations) > ceiling.pbkdf2 || digest.length > bytesIn[sha]) return undefined;
		return { kind: `pbkdf2-${sha}`, cost: Number(iterations), sha, salt, digest };
	},
	(text) => {
		const [, id, given, salt, digest] = shaCrypt.exec(text) ?? [];
		if (salt === undefined || digest === undefined) return undefined;
		const sha = id === '5' ? 'sha256' : 'sha512';
		const rounds = given === undefined ? usualRounds : Number(given);
		if (rounds > ceiling.shaCrypt || digest.length !== charactersIn[sha]) return undefined;
		return { kind: `${sha}-crypt`, cost: rounds, sha, salt, digest };
	},
];

const bytesIn = { sha256: 32, sha512: 64 } as const;
const charactersIn = { sha256: 43, sha512: 86 } as const;

function isSha(text: string | undefined): text is Sha {
	return text === 'sha256' || text === 'sha512';
}

/** Whole bytes, written in the one way there is: base64 without padding. */
function bytesOf(text: string | undefined): Buffer | undefined {
	if (text === undefined) return undefined;
	const bytes = Buffer.from(text, 'base64');
	return base64Of(bytes) === text ? bytes : undefined;
}

function base64Of(bytes: Buffer): string {
	return bytes.toString('base64').replace(/=+$/, '');
}

/** Random bytes where salt and hash stand: no password is known to lead there, and none had to be hashed for it. */
export function decoyOf(verifier: Verifier): PasswordVerifier {
	return textOf(verifier) as PasswordVerifier;
}

function textOf(like: Verifier): string {
	const random = (length: number) => base64Of(randomBytes(length));
	/** In the alphabet of `crypt(3)`. */
	const characters = (length: number) => random(length).replaceAll('+', '.').slice(0, length);
	switch (like.kind) {
		case 'argon2id':
			return `$argon2id$v=19$m=${like.memory},t=${like.iterations},p=${like.parallelism}$${random(16)}$${random(32)}`;
		case 'kura-sha256':
			return `$kura-sha256$${randomBytes(32).toString('base64')}`;
		case 'bcrypt':
			return `$2b$${String(like.cost).padStart(2, '0')}$${characters(21)}.${characters(30)}.`;
		case 'scrypt':
			return `$scrypt$ln=${Math.log2(like.n)},r=${like.r},p=${like.p}$${random(16)}$${random(32)}`;
		case 'pbkdf2-sha256':
		case 'pbkdf2-sha512': {
			const [salt, digest] = [random(16), random(like.digest.length)].map((each) => each.replaceAll('+', '.'));
			return `$${like.kind}$${like.cost}$${salt}$${digest}`;
		}
		case 'sha256-crypt':
		case 'sha512-crypt': {
			const id = like.sha === 'sha256' ? 5 : 6;
			return `$${id}$rounds=${like.cost}$${characters(16)}$${characters(charactersIn[like.sha])}`;
		}
	}
}
