import type { Identity, PasswordVerifier, Permission } from './identity.ts';
import { triedOf } from './temporary-password.ts';
import { newCredentialStamp } from './token.ts';

/** What an identity is to have from now on. A part that is absent stays as it is. */
export interface Wanted {
	readonly permissions?: readonly Permission[];
	readonly password?: {
		/** `false`: it has none any more. */
		readonly enabled: boolean;
		/** `false`: the password is good as it is, and has no end any more. */
		readonly changeNeeded: boolean;
		/** Absent: the present one stays. */
		readonly password?: string;
	};
}

/**
 * The identity as it is wanted. With a fresh stamp where what logs it in is another than before; `asksForFactor`: or where a
 * second factor is asked for that was not before. `made`: the verifier of a new password.
 */
export function reconfigured(
	from: Identity,
	{ permissions, password }: Wanted,
	made: PasswordVerifier | undefined,
	asksForFactor: (from: Identity, to: Identity) => boolean,
): Identity {
	const { passwordVerifier: present, ...others } = from;
	const kept = present !== undefined && password?.changeNeeded === false ? triedOf(present) : present;
	const passwordVerifier = password?.enabled === false ? undefined : (made ?? kept);
	const to = {
		...others,
		...(permissions && { permissions: new Set(permissions) }),
		...(passwordVerifier !== undefined && { passwordVerifier }),
		passwordChangeNeeded: password?.changeNeeded ?? from.passwordChangeNeeded,
	};
	const isOther = logsInOtherwise(from, to) || asksForFactor(from, to);
	return isOther ? { ...to, credentialStamp: newCredentialStamp() } : to;
}

/** Another password, none, or one that has to be changed now. Without its end, it is the same. */
function logsInOtherwise(from: Identity, to: Identity): boolean {
	const passwordOf = ({ passwordVerifier }: Identity) => passwordVerifier && triedOf(passwordVerifier);
	return passwordOf(from) !== passwordOf(to) || (to.passwordChangeNeeded && !from.passwordChangeNeeded);
}
