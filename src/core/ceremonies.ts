import type { Ceremony, CeremonyPurpose, CeremonyStore, Challenge } from './ceremony.ts';
import { ceremonyKeyOf, newChallenge } from './ceremony.ts';
import type { Clock, Instant } from './clock.ts';
import type { IdentityId } from './identity.ts';
import type { ShownAssertion, ShownRegistration } from './passkey.ts';
import { challengeIn } from './passkey.ts';
import type { SessionKey } from './session.ts';
import type { BrowserNonce, NonceDigest } from './ticket.ts';
import { isSameSecret, nonceDigestOf } from './token.ts';

/** Milliseconds from the issue of a challenge; at exactly that it is taken. */
export const ceremonyLifetimeMs = 300_000;

/** Of everybody together: 200 bytes each. Strangers who ask for more shorten the time of others, and fill nothing. */
const ceremoniesLimit = 100_000;

/** Whom a challenge is for: the holder of a session, or a browser that shows none. */
export type Asking =
	| { readonly session: SessionKey; readonly identityId: IdentityId }
	| { readonly browser: NonceDigest };

/** Who shows its answer. `nonces`: all that the browser shows. */
export type Answering =
	| { readonly session: SessionKey; readonly identityId: IdentityId }
	| { readonly nonces: readonly BrowserNonce[] };

export interface Ceremonies {
	begin(purpose: CeremonyPurpose, asking: Asking): Promise<Challenge>;
	/**
	 * Uses a challenge up, whether it is right or wrong. `undefined`: it is unknown, used, expired, or was made for another
	 * purpose, session, identity or browser.
	 */
	finish(
		purpose: CeremonyPurpose,
		shown: ShownAssertion | ShownRegistration,
		answering: Answering,
	): Promise<Challenge | undefined>;
}

export interface CeremonyParts {
	readonly store: CeremonyStore;
	readonly clock: Clock;
}

export function createCeremonies({ store, clock }: CeremonyParts): Ceremonies {
	return {
		async begin(purpose, asking) {
			const challenge = newChallenge();
			const now = clock.now();
			const expiresAt = (now + ceremonyLifetimeMs) as Instant;
			await store.put({ key: ceremonyKeyOf(challenge), purpose, ...asking, expiresAt }, now, ceremoniesLimit);
			return challenge;
		},
		async finish(purpose, shown, answering) {
			const challenge = challengeIn(shown);
			const ceremony = challenge && (await store.take(ceremonyKeyOf(challenge)));
			if (ceremony === undefined || ceremony.purpose !== purpose) return undefined;
			const now = clock.now();
			// Nor one from a clock that was set back since.
			if (now > ceremony.expiresAt || now < ceremony.expiresAt - ceremonyLifetimeMs) return undefined;
			return isFor(ceremony, answering) ? challenge : undefined;
		},
	};
}

function isFor({ session, identityId, browser }: Ceremony, answering: Answering): boolean {
	if ('session' in answering) return session === answering.session && identityId === answering.identityId;
	if (session !== undefined || browser === undefined) return false;
	return answering.nonces.some((nonce) => isSameSecret(nonceDigestOf(nonce), browser));
}
