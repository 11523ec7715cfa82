import type { ExecutionContext } from 'ava';
import type { AuthenticatorStore } from '../../src/core/authenticator-store.ts';
import { createCeremonies } from '../../src/core/ceremonies.ts';
import { createFactorThrottle } from '../../src/core/factor-throttle.ts';
import type { Identity } from '../../src/core/identity.ts';
import type { RelyingParty, ShownAssertion } from '../../src/core/passkey.ts';
import { createJudgeAssertion, type ShownPasskey } from '../../src/core/passkey-assertions.ts';
import { createPasskeyFactor } from '../../src/core/passkey-factor.ts';
import { createPasskeys } from '../../src/core/passkeys.ts';
import type { Outcome } from '../../src/core/refusal.ts';
import type { AuthenticatedSession } from '../../src/core/sessions.ts';
import type { BrowserNonce } from '../../src/core/ticket.ts';
import { newBrowserNonce, nonceDigestOf } from '../../src/core/token.ts';
import { createPasskeyVerifier } from '../../src/webauthn/verifier.ts';
import { createCore, createHandAttempts, requestFrom, signIn } from '../_support/core.ts';
import { createSoftAuthenticator, type Said, type SoftWishes } from '../_support/soft-authenticator.ts';

/*
 * Passkeys on the core as it runs: everything but HTTP and a browser.
 */

export const password = 'four brown bears';
const origin = 'https://login.example.org';
export const relyingParty: RelyingParty = { id: 'example.org', origins: [origin] };

export type Soft = ReturnType<typeof createSoftAuthenticator>;

export function right<T>(outcome: Outcome<T>): T {
	if (!outcome.ok) throw new Error(outcome.refusal.kind);
	return outcome.value;
}

export async function openPasskeys(t: Pick<ExecutionContext, 'teardown'>, isAllowedModel = (_: string) => true) {
	let store: AuthenticatorStore | undefined;
	let judge: ReturnType<typeof createJudgeAssertion> | undefined;
	let factor: ReturnType<typeof createPasskeyFactor> | undefined;
	const verifier = createPasskeyVerifier();
	const core = await createCore({
		around(kept) {
			store = kept.identities.authenticators;
			return {};
		},
		factors(clock) {
			const throttle = createFactorThrottle(createHandAttempts(clock));
			const late = { judge: (...how: Parameters<NonNullable<typeof judge>>) => judge!(...how) };
			factor = createPasskeyFactor({ store: store!, throttle, ...late, isOn: true });
			return { factors: [factor] };
		},
	});
	t.teardown(() => core.close());
	const { clock, sessions, kept } = core;
	const audit = { write: (event: (typeof core.events)[number]) => void core.events.push(event) };
	const ceremonies = createCeremonies({ store: kept.sessions.ceremonies, clock });
	const nameOf = async (id: Identity['id']) => (await kept.identities.find(id))?.name;
	judge = createJudgeAssertion({ store: store!, ceremonies, verifier, nameOf, clock, audit });
	const passkeys = createPasskeys({
		...{
			store: store!,
			identities: kept.identities,
			ceremonies,
			verifier,
			judge,
			sessions,
			isAllowedModel,
			clock,
			audit,
		},
	});

	const soft = (wishes: Partial<SoftWishes> = {}) => createSoftAuthenticator({ origin, ...wishes });
	const shownOf = (credential: ShownAssertion): ShownPasskey => ({ credential, relyingParty });

	async function register(checked: AuthenticatedSession, device: Soft, said: Said = {}, name = 'My key') {
		const options = await passkeys.challengeRegistration(relyingParty, checked);
		return passkeys.register(checked, { name, credential: device.create(options, said), relyingParty }, requestFrom());
	}

	/** As from a browser that shows no session. */
	async function challengeAlone(nonce: BrowserNonce = newBrowserNonce()) {
		return { nonce, options: await passkeys.challengeBrowser(relyingParty, nonceDigestOf(nonce)) };
	}

	async function signInAlone(device: Soft, said: Said = {}) {
		const { nonce, options } = await challengeAlone();
		return passkeys.login(shownOf(device.get(options, said)), [nonce], requestFrom());
	}

	return {
		...{ core, store: store!, passkeys, factor: factor!, soft, shownOf, register, challengeAlone, signInAlone },
		/** Of somebody who has signed in by password, and registered this. */
		async owner(device: Soft, name = 'ada', said: Said = {}) {
			const identity = await core.add(name, password);
			const opened = right(await register(await signIn(core, password, name), device, said));
			return { identity: (await kept.identities.find(identity.id))!, opened };
		},
		async proveIn(checked: AuthenticatedSession, device: Soft, said: Said = {}) {
			const options = await passkeys.challengeSession(relyingParty, checked);
			const shown = shownOf(device.get(options, said));
			return sessions.prove(
				checked,
				{ by: 'passkey', check: (who, use) => factor!.check(who, shown, use) },
				requestFrom(),
			);
		},
		/** Why the last refused act was refused. */
		lastFlaw: () => core.events.findLast(({ outcome }) => outcome === 'refused')?.reason,
	};
}
