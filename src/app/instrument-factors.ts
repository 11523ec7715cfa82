import type { AuthenticatorStore } from '../core/authenticator-store.ts';
import type { Factor } from '../core/factor.ts';
import type { Metrics } from '../observability/metrics.ts';
import { instrumentsOf } from './instruments.ts';

export function instrumentedAuthenticators(store: AuthenticatorStore, metrics: Metrics): AuthenticatorStore {
	const { timed } = instrumentsOf('authenticators', metrics);
	return {
		list: timed('list', store.list),
		findByCredential: timed('findByCredential', store.findByCredential),
		insert: timed('insert', store.insert),
		confirm: timed('confirm', store.confirm),
		rename: timed('rename', store.rename),
		remove: timed('remove', store.remove),
		clear: timed('clear', store.clear),
		beginAttempt: timed('beginAttempt', store.beginAttempt),
		forgetFailures: timed('forgetFailures', store.forgetFailures),
		takeStep: timed('takeStep', store.takeStep),
		recordUse: timed('recordUse', store.recordUse),
		disable: timed('disable', store.disable),
		putRecoveryCodes: timed('putRecoveryCodes', store.putRecoveryCodes),
		recoveryCodes: timed('recoveryCodes', store.recoveryCodes),
		takeRecoveryCode: timed('takeRecoveryCode', store.takeRecoveryCode),
		holders: timed('holders', store.holders),
		read: timed('read', store.read),
		write: timed('write', store.write),
		reseal: timed('reseal', store.reseal),
	};
}

/** At a login, after another factor, or as a proof. A passkey that signs in alone is counted among logins. */
export function instrumentedFactor<Shown>(factor: Factor<Shown>, { secondFactors }: Metrics): Factor<Shown> {
	const count = (outcome: string) => secondFactors.inc({ method: factor.kind, outcome });
	return {
		...factor,
		async check(...args) {
			try {
				const outcome = await factor.check(...args);
				count(outcome.ok ? 'ok' : outcome.refusal.kind);
				return outcome;
			} catch (fault) {
				count('fault');
				throw fault;
			}
		},
	};
}
