import { randomBytes, scrypt } from 'node:crypto';
import { mostFailures, type RecoveryBatch, type RecoveryCodeVerifier } from './authenticator.ts';
import type { AuthenticatorStore } from './authenticator-store.ts';
import type { Clock } from './clock.ts';
import type { Factor } from './factor.ts';
import type { FactorThrottle } from './factor-throttle.ts';
import { ok, refuse } from './refusal.ts';
import { newBase32 } from './token.ts';

/*
 * Codes on paper, for the day when the phone is lost: ten of 80 random bits, each for once. They are kept as digests that
 * are slow to guess at, salted by the batch that they were made in. Sources: NIST SP 800-63B-4, 3.1.2; OWASP ASVS 5.0, 6.5.2.
 */

const howMany = 10;
const length = 16;
/** What people read for letters that look alike: those digits are in no code. */
const lookAlikes: Readonly<Record<string, string>> = { '0': 'o', '1': 'l', '8': 'b' };

const digestBytes = 32;
/** 16 MiB, some 30 ms, in a thread of libuv. */
const cost = { N: 16_384, r: 8, p: 1 };

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

function verifierOf(code: string, batch: RecoveryBatch): Promise<RecoveryCodeVerifier> {
	return new Promise((resolve, reject) => {
		scrypt(code, batch, digestBytes, cost, (fault, digest) => {
			if (fault) reject(fault);
			else resolve(digest.toString('base64url') as RecoveryCodeVerifier);
		});
	});
}

export interface NewRecoveryCodes {
	/** To be shown once. */
	readonly codes: readonly string[];
	readonly batch: RecoveryBatch;
	readonly verifiers: readonly RecoveryCodeVerifier[];
}

export async function newRecoveryCodes(): Promise<NewRecoveryCodes> {
	const batch = randomBytes(16).toString('base64url') as RecoveryBatch;
	const codes = Array.from({ length: howMany }, newRecoveryCode);
	const verifiers = await Promise.all(codes.map((code) => verifierOf(code.replaceAll('-', ''), batch)));
	return { codes, batch, verifiers };
}

export interface RecoveryCodeParts {
	readonly store: Pick<AuthenticatorStore, 'recoveryCodes' | 'takeRecoveryCode' | 'forgetFailures'>;
	readonly throttle: FactorThrottle;
	readonly clock: Clock;
}

/** Codes that are used up leave an identity without them, and not without a second factor. `Shown`: as `parseRecoveryCode` returns it. */
export function createRecoveryCodeFactor({ store, throttle, clock }: RecoveryCodeParts): Factor<string> {
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
			let left: number | undefined;
			try {
				const present = await store.recoveryCodes(id);
				const verifier = present && (await verifierOf(code, present.batch));
				left = verifier && (await store.takeRecoveryCode(id, verifier, clock.now()));
			} catch (fault) {
				await attempt.abandoned().catch(() => undefined);
				throw fault;
			}
			if (left === undefined) {
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
