import { isUsable, mostFailures } from './authenticator.ts';
import type { AuthenticatorStore } from './authenticator-store.ts';
import type { Clock } from './clock.ts';
import type { Factor } from './factor.ts';
import type { FactorThrottle } from './factor-throttle.ts';
import type { IdentityId } from './identity.ts';
import { ok, refuse } from './refusal.ts';
import type { Sealing } from './sealing.ts';
import { stepOf } from './totp.ts';

/** Where the keys are that open sealed secrets. `undefined`: there is none, and TOTP proves nothing. */
export interface SealingSource {
	present(): Promise<Sealing | undefined>;
}

export interface TotpParts {
	readonly store: Pick<AuthenticatorStore, 'list' | 'beginAttempt' | 'takeStep' | 'forgetFailures'>;
	readonly sealing: SealingSource;
	readonly throttle: FactorThrottle;
	readonly clock: Clock;
}

/**
 * Codes of the time. One counts once in its window: the step is taken in the store before the answer is given, and those
 * before it with it, also where the clock was set back since. Sources: RFC 6238, 5.2; NIST SP 800-63B-4, 3.1.4.2.
 */
export function createTotpFactor({ store, sealing, throttle, clock }: TotpParts): Factor<string> {
	/** Of all that the identity has, one is enough. */
	async function isRight(of: IdentityId, code: string): Promise<boolean> {
		const now = clock.now();
		const keys = await sealing.present();
		for (const authenticator of await store.beginAttempt(of, 'totp', now, mostFailures)) {
			if (authenticator.kind !== 'totp') continue;
			const secret = keys?.unseal(authenticator.sealedSecret, authenticator);
			const step = secret && stepOf(secret, code, now, authenticator.lastStep);
			if (step !== undefined && (await store.takeStep(authenticator.id, step, now))) return true;
		}
		return false;
	}

	return {
		kind: 'totp',
		async standingOf({ id }) {
			const confirmed = (await store.list(id)).filter(
				({ kind, confirmedAt }) => kind === 'totp' && confirmedAt !== undefined,
			);
			if (confirmed.length === 0) return 'none';
			return confirmed.some(isUsable) && (await sealing.present()) !== undefined ? 'ready' : 'off';
		},
		async check({ id }, code) {
			const admitted = await throttle.admit(id, 'totp');
			if (!admitted.ok) return admitted;
			const attempt = admitted.value;
			let right: boolean;
			try {
				right = await isRight(id, code);
			} catch (fault) {
				await attempt.abandoned().catch(() => undefined);
				throw fault;
			}
			if (!right) {
				await attempt.failed();
				return refuse({ kind: 'bad-credentials' });
			}
			await attempt.succeeded();
			await store.forgetFailures(id, mostFailures);
			return ok({ methods: ['otp'], level: 2 });
		},
	};
}
