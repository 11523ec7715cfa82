import type { Instant } from './clock.ts';
import type { PasswordVerifier } from './identity.ts';

/*
 * A password that somebody else has chosen is good for some hours, unused. Its end stands in its verifier: it moves along with
 * that, and a Latchkey that knows no such end takes the verifier for one that no password fits.
 */

const shape = /^\$temporary\$until=(\d{1,16})\$(.+)$/s;

/** The verifier, with the end of its password. */
export function makeTemporary(verifier: PasswordVerifier, until: Instant): PasswordVerifier {
	return `$temporary$until=${until}$${verifier}` as PasswordVerifier;
}

/** What is tried. */
export function triedOf(verifier: PasswordVerifier): PasswordVerifier {
	return (shape.exec(verifier)?.[2] ?? verifier) as PasswordVerifier;
}

/** From when on its password logs nobody in. `undefined`: it has no end. */
export function endOfPassword(verifier: PasswordVerifier | undefined): Instant | undefined {
	const [, until] = (verifier !== undefined && shape.exec(verifier)) || [];
	return until === undefined ? undefined : (Number(until) as Instant);
}

/** Another verifier of the same password, with the end that the first has. */
export function withEndOf(verifier: PasswordVerifier, before: PasswordVerifier): PasswordVerifier {
	const until = endOfPassword(before);
	return until === undefined ? verifier : makeTemporary(verifier, until);
}
