import { isUsable } from './authenticator.ts';
import type { AuthenticatorStore } from './authenticator-store.ts';
import type { Factor } from './factor.ts';
import type { FactorThrottle } from './factor-throttle.ts';
import type { JudgeAssertion, ShownPasskey } from './passkey-assertions.ts';
import { ok, refuse } from './refusal.ts';

export interface PasskeyFactorParts {
	readonly store: Pick<AuthenticatorStore, 'list'>;
	readonly throttle: FactorThrottle;
	judge: JudgeAssertion;
	/** Config: `auth.passkey.enabled`. Where they are off, who has one is asked for it, or for another factor, all the same. */
	readonly isOn: boolean;
}

/** A passkey, or a security key, beside something else. Wrong ones make wait, and switch nothing off: nobody guesses a signature. */
export function createPasskeyFactor({ store, throttle, judge, isOn }: PasskeyFactorParts): Factor<ShownPasskey> {
	return {
		kind: 'passkey',
		async standingOf({ id }) {
			const passkeys = (await store.list(id)).filter(({ kind }) => kind === 'webauthn');
			if (passkeys.length === 0) return 'none';
			return isOn && passkeys.some(isUsable) ? 'ready' : 'off';
		},
		async check({ id: identityId }, shown, { purpose, session, request }) {
			const admitted = await throttle.admit(identityId, 'passkey');
			if (!admitted.ok) return admitted;
			const attempt = admitted.value;
			try {
				const answering = { session, identityId };
				const judged = await judge(shown, { purpose, answering, isAlone: false, request });
				if (judged.ok) {
					await attempt.succeeded();
					return ok(judged.value.proved);
				}
			} catch (fault) {
				await attempt.abandoned().catch(() => undefined);
				throw fault;
			}
			await attempt.failed();
			return refuse({ kind: 'bad-credentials' });
		},
	};
}
