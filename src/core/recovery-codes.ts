import { randomBytes } from 'node:crypto';
import { mostFailures, type RecoveryBatch, type RecoveryCodeVerifier } from './authenticator.ts';
import type { AuthenticatorStore } from './authenticator-store.ts';
import type { Clock } from './clock.ts';
import type { Factor } from './factor.ts';
import type { FactorThrottle } from './factor-throttle.ts';
import type { IdentityId } from './identity.ts';
import type { HashQueue } from './password.ts';
import { type Outcome, ok, refuse } from './refusal.ts';
import { newBase32 } from './token.ts';

/*
 * Codes on paper, for the day when the phone is lost: ten of 80 random bits, each for once. They are kept as digests that
 * are slow to guess at, salted by the batch that they were made in. Sources: NIST SP 800-63B-4, 3.1.2; OWASP ASVS 5.0, 6.5.2.
 */

const howMany = 10;
const length = 16;
/** What people read for letters that look alike: those digits are in no code. */
const lookAlikes: Readonly<Record<string, string>> = { '0': 'o', '1': 'l', '8': 'b' };

/** `abcd-efgh-ijkl-mnop`: four groups of four letters and digits. */
function newRecoveryCode(): string {
	return newBase32(length).replace(/.{4}(?=.)/g, '$&-');
}

/** The letters alone, as people type them; or `undefined`. */
export function parseRecoveryCode(text: string): string | undefined {
	const code = text
		.toLowerCase()
		.replace(/[\s-]/g, '')
		.replace(/[018]/g, (digit) => lookAlikes[digit] ?? digit);
	return /^[a-z2-7]{16}$/.test(code) ? code : undefined;
}

/** How digests are made. Slow by design; runs outside the event loop (`hashing/recovery-codes.ts`). */
export interface CodeHasher {
	/** Of the letters alone. The batch is the salt. */
	digest(code: string, batch: RecoveryBatch): Promise<RecoveryCodeVerifier>;
}

export interface CodeHashing {
	readonly hasher: CodeHasher;
	/** The one of passwords: both take their turns at the same cores. */
	readonly queue: HashQueue;
}

export interface NewRecoveryCodes {
	/** To be shown once. */
	readonly codes: readonly string[];
	readonly batch: RecoveryBatch;
	readonly verifiers: readonly RecoveryCodeVerifier[];
}

/** One after the other, so that others get their turns in between. `too-busy` where too many are waiting. */
export async function newRecoveryCodes({ hasher, queue }: CodeHashing): Promise<Outcome<NewRecoveryCodes>> {
	const batch = randomBytes(16).toString('base64url') as RecoveryBatch;
	const codes = Array.from({ length: howMany }, newRecoveryCode);
	const verifiers: RecoveryCodeVerifier[] = [];
	for (const code of codes) {
		const made = await queue.run(() => hasher.digest(code.replaceAll('-', ''), batch));
		if (!made.ok) return made;
		verifiers.push(made.value);
	}
	return ok({ codes, batch, verifiers });
}

export interface RecoveryCodeParts {
	readonly store: Pick<AuthenticatorStore, 'recoveryCodes' | 'takeRecoveryCode' | 'forgetFailures'>;
	readonly hashing: CodeHashing;
	readonly throttle: FactorThrottle;
	readonly clock: Clock;
}

/** Codes that are used up leave an identity without them, and not without a second factor. `Shown`: as `parseRecoveryCode` returns it. */
export function createRecoveryCodeFactor({ store, hashing, throttle, clock }: RecoveryCodeParts): Factor<string> {
	/** How many are left after it. `undefined`: it is none, or was used. */
	async function take(of: IdentityId, code: string): Promise<Outcome<number | undefined>> {
		const present = await store.recoveryCodes(of);
		if (present === undefined) return ok(undefined);
		const verifier = await hashing.queue.run(() => hashing.hasher.digest(code, present.batch));
		return verifier.ok ? ok(await store.takeRecoveryCode(of, verifier.value, clock.now())) : verifier;
	}

	return {
		kind: 'recovery-code',
		async standingOf({ id }) {
			const present = await store.recoveryCodes(id);
			if (present === undefined) return 'none';
			return present.left > 0 ? 'ready' : 'off';
		},
		async check({ id }, code) {
			const admitted = await throttle.admit(id, 'recovery-code');
			if (!admitted.ok) return admitted;
			const attempt = admitted.value;
			let taken: Outcome<number | undefined>;
			try {
				taken = await take(id, code);
			} catch (fault) {
				await attempt.abandoned().catch(() => undefined);
				throw fault;
			}
			if (!taken.ok) {
				await attempt.abandoned();
				return taken;
			}
			if (taken.value === undefined) {
				await attempt.failed();
				return refuse({ kind: 'bad-credentials' });
			}
			await attempt.succeeded();
			// Who has the paper has the right to try the phone again.
			await store.forgetFailures(id, mostFailures);
			return ok({ methods: ['otp'], level: 2 });
		},
	};
}
