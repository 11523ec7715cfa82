import type { CredentialStamp } from './identity.ts';

/*
 * A credential stamp is random, not a counter: a name removed and added anew must not revive old sessions.
 * It has two halves. Every change of credentials makes the second half fresh; a change that ends every session
 * makes the first half, the root, fresh too. Kismet's `set_password` alone keeps the root, since it "will not
 * invalidate any current login sessions" of that protocol, and yet only a session of the present password may
 * set the password again.
 */

const rootLength = 16;

/** The credentials are the very ones of login. */
export function isSameStamp(a: CredentialStamp, b: CredentialStamp): boolean {
	return a === b;
}

/** No change since login has ended every session. */
export function hasSameRoot(a: CredentialStamp, b: CredentialStamp): boolean {
	return a.slice(0, rootLength) === b.slice(0, rootLength);
}
