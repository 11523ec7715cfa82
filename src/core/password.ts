import type { Brand } from './brand.ts';
import type { IdentityName, PasswordVerifier } from './identity.ts';
import type { Outcome } from './refusal.ts';
import { ok, refuse } from './refusal.ts';
import { StoreUnavailable } from './stores.ts';
import { triedOf } from './temporary-password.ts';

/** A clear password as it is compared: NFC, otherwise as received. Never logged, never kept. */
export type Password = Brand<string, 'Password'>;

/** Longer than this and nothing is hashed: hashing must not become a way to keep us busy. */
const maxPasswordBytes = 1024;

/**
 * A text that can be a password, or `undefined`: empty, longer than 1024 bytes of UTF-8, with a NUL or half a
 * surrogate pair. Normalised to NFC, so that a keyboard's way to compose `é` does not matter; never trimmed, never folded.
 */
export function parsePassword(text: string): Password | undefined {
	if (text === '' || text.length > maxPasswordBytes || !text.isWellFormed() || text.includes('\0')) return undefined;
	const password = text.normalize('NFC');
	return Buffer.byteLength(password) > maxPasswordBytes ? undefined : (password as Password);
}

/** How verifiers are made and tried. Slow by design; runs outside the event loop. */
export interface PasswordHasher {
	make(password: Password): Promise<PasswordVerifier>;
	/** A verifier that fits no password that anybody knows, as slow to try as any. */
	readonly decoy: PasswordVerifier;
	/** Tries a verifier that `assess` did not call `unusable`; in the time that the slowest one takes that is there, were it quicker. */
	matches(verifier: PasswordVerifier, password: Password): Promise<boolean>;
	/**
	 * `current`: made as we make them now. `outdated`: to be made anew at the next login. `foreign`: the same, and
	 * tried so quickly that a check must spend the usual time besides. `unusable`: not ours, or made with parameters
	 * so large that trying it would be an attack on ourselves.
	 */
	assess(verifier: PasswordVerifier): 'current' | 'outdated' | 'foreign' | 'unusable';
	/** A verifier from elsewhere is about to be kept: from now on every try takes as long as one of that kind. */
	announce(verifier: PasswordVerifier): Promise<void>;
}

/** Passwords that guessers try first. */
export interface CommonPasswords {
	has(lowerCase: string): Promise<boolean>;
}

/** A line that bounds how many hashes run at once, and how long one waits for its turn (`hashing/queue.ts`). */
export interface HashQueue {
	run<T>(hash: () => Promise<T>): Promise<Outcome<T>>;
}

export interface PasswordPolicy {
	/** Code points. */
	readonly minLength: number;
	/** The same where the password is the only factor. Absent: `minLength`. Source: NIST SP 800-63B-4, 3.1.1.2. */
	readonly minLengthAlone?: number | undefined;
	/** Refuses passwords that guessers try first, and those with the identity's or the product's name in them. */
	readonly refuseCommon: boolean;
	/** Kura's composition rules. */
	readonly requireDigits: boolean;
	readonly requireSpecialCharacters: boolean;
	readonly requireBothCases: boolean;
}

export interface Passwords {
	/** A refusal only where too many are waiting. */
	make(password: Password): Promise<Outcome<PasswordVerifier>>;
	/**
	 * Takes the same time whether there is a verifier or not, and whatever it is: nobody learns by waiting who exists. `whose`: of
	 * the identity that has it, for the log.
	 */
	check(verifier: PasswordVerifier | undefined, password: Password, whose?: IdentityName): Promise<Outcome<boolean>>;
	/** Some password may fit it. */
	isUsable(verifier: PasswordVerifier): boolean;
	/** A verifier from elsewhere is about to be kept: its kind may be slower to try than all that are there. */
	announce(verifier: PasswordVerifier): Promise<void>;
	/** The verifier should be made anew, now that the password is at hand. */
	isOutdated(verifier: PasswordVerifier): boolean;
	/** `weak-password` with the first requirement that is not met, in words. `hasFactor`: whose it is has a second factor, too. */
	judge(password: Password, name: IdentityName, hasFactor?: boolean): Promise<Outcome<Password>>;
}

export interface PasswordParts {
	readonly hasher: PasswordHasher;
	readonly queue: HashQueue;
	readonly common: CommonPasswords;
	/** Asked each time: what an installation was begun with stands in its store. Rejects where that is away. */
	policy(): Promise<PasswordPolicy>;
	/** A verifier that no password matches is worth a line in the log: somebody must look at it. */
	readonly onUnusableVerifier: (whose: IdentityName | undefined) => void;
}

const productName = 'latchkey';
/** Names shorter than this stand in too many honest passwords. */
const minNameLength = 4;

export function createPasswords(parts: PasswordParts): Passwords {
	const { hasher, queue, common, onUnusableVerifier } = parts;

	async function matches(kept: PasswordVerifier | undefined, password: Password, whose?: IdentityName) {
		const verifier = kept && triedOf(kept);
		const kind = verifier === undefined ? 'unusable' : hasher.assess(verifier);
		const spendUsual = () => hasher.matches(hasher.decoy, password);
		if (verifier !== undefined && kind !== 'unusable') {
			const tried = hasher.matches(verifier, password).catch((fault: unknown) => {
				// It was not tried: what to try it with stands in the store, too.
				if (fault instanceof StoreUnavailable) throw fault;
				return undefined;
			});
			const [right] = await Promise.all([tried, kind === 'foreign' ? spendUsual() : undefined]);
			if (typeof right === 'boolean') return right;
		}
		// Also what nobody can try, although it looks as if: where not even the decoy can be, something else is broken.
		await spendUsual();
		if (verifier !== undefined) onUnusableVerifier(whose);
		return false;
	}

	return {
		make: (password) => queue.run(() => hasher.make(password)),
		check: (verifier, password, whose) => queue.run(() => matches(verifier, password, whose)),
		isUsable: (verifier) => hasher.assess(triedOf(verifier)) !== 'unusable',
		announce: (verifier) => hasher.announce(triedOf(verifier)),
		isOutdated: (verifier) => hasher.assess(triedOf(verifier)) !== 'current',
		async judge(password, name, hasFactor = false) {
			const policy = await parts.policy();
			const requirement =
				composition(password, policy, hasFactor) ??
				(policy.refuseCommon ? await commonness(password, name) : undefined);
			return requirement === undefined ? ok(password) : refuse({ kind: 'weak-password', requirement });
		},
	};

	async function commonness(password: Password, name: IdentityName): Promise<string | undefined> {
		const text = password.toLowerCase();
		const own = name.toLowerCase();
		if (text === own || (own.length >= minNameLength && text.includes(own))) return 'must not contain the user name';
		if (text.includes(productName)) return `must not contain "${productName}"`;
		// Digits and signs at either end make a common word no better: `password12345678`.
		const word = text.replace(/^[\P{L}]+|[\P{L}]+$/gu, '');
		if ((await common.has(text)) || (word !== '' && (await common.has(word)))) {
			return 'must not be a common password, nor one with digits around it';
		}
		return undefined;
	}
}

/** What a password needs that is the only factor. */
export function leastLengthAlone({ minLength, minLengthAlone = minLength }: PasswordPolicy): number {
	return Math.max(minLength, minLengthAlone);
}

function composition(password: Password, policy: PasswordPolicy, hasFactor: boolean): string | undefined {
	const least = hasFactor ? policy.minLength : leastLengthAlone(policy);
	// Rule: Kura refuses a new password that is empty when trimmed.
	if (password.trim() === '') return 'must not consist of spaces';
	if ([...password].length < least) return `must have at least ${least} characters`;
	if (policy.requireDigits && !/\p{Nd}/u.test(password)) return 'must contain a digit';
	if (policy.requireSpecialCharacters && !/[^\p{L}\p{N}]/u.test(password)) return 'must contain a special character';
	if (policy.requireBothCases && !(/\p{Lu}/u.test(password) && /\p{Ll}/u.test(password))) {
		return 'must contain an upper case and a lower case letter';
	}
	return undefined;
}
