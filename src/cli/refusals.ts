import type { Refusal } from '../core/refusal.ts';

/** A refusal as an operator reads it. The kinds that only a login can meet have no words of their own here. */
export function refusalInWords(refusal: Refusal): string {
	switch (refusal.kind) {
		case 'name-taken':
			return 'that name is taken, or looks like one that is';
		case 'bad-name':
			return `the name ${refusal.because ?? 'cannot be one'}`;
		case 'last-administrator':
			return 'this is the last administrator who can sign in (--yes does it all the same)';
		case 'weak-password':
			return `the password ${refusal.requirement} (--no-policy sets it all the same)`;
		case 'not-found':
			return 'there is no such identity';
		case 'too-many-tokens':
			return 'it has as many API tokens as it may have: end one first (latchkey token end)';
		case 'service-identity':
			return 'an identity of a service has no password';
		case 'no-factor':
			return 'it has no second factor that another one could take the place of';
		case 'password-missing':
			return 'it has no password: invite it to a first sign-in';
		case 'identity-disabled':
			return 'it is disabled, or its time is over';
		case 'set-in-configuration':
			return 'this login stands in the configuration (dialects.kismet), and is changed there';
		case 'already-set-up':
			return 'the first setup is over';
		case 'too-busy':
			return 'too many passwords are being checked; try again';
		default:
			return refusal.kind;
	}
}
