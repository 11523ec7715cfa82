import type { Identity } from '../core/identity.ts';
import { endOfPassword } from '../core/temporary-password.ts';
import { print, printJson, table } from './output.ts';

/* Identities as they are printed: for people, and for programs. */

export function toJson(identity: Identity) {
	const { id, name, permissions, passwordVerifier, passwordChangeNeeded, disabled, service, expiresAt } = identity;
	const passwordEnd = endOfPassword(passwordVerifier);
	return {
		id,
		name,
		permissions: [...permissions].sort(),
		hasPassword: passwordVerifier !== undefined,
		passwordChangeNeeded,
		...(passwordEnd !== undefined && { passwordExpiresAt: new Date(passwordEnd).toISOString() }),
		disabled,
		...(service && { service }),
		...(expiresAt !== undefined && { expiresAt: new Date(expiresAt).toISOString() }),
		createdAt: new Date(identity.createdAt).toISOString(),
		...(identity.lastSignInAt !== undefined && { lastSignInAt: new Date(identity.lastSignInAt).toISOString() }),
	};
}

export const columns = ['NAME', 'PASSWORD', 'STATE', 'LAST SIGN-IN', 'PERMISSIONS'];

/** In the order of `columns`. */
export function toRow(identity: Identity): string[] {
	const { name, lastSignInAt, permissions, passwordVerifier, passwordChangeNeeded, disabled, service, expiresAt } =
		identity;
	const isThere = passwordChangeNeeded ? 'must change' : 'set';
	const password = service ? 'service' : passwordVerifier === undefined ? 'none' : isThere;
	const enabled = expiresAt === undefined ? 'enabled' : `until ${new Date(expiresAt).toISOString()}`;
	const signedIn = lastSignInAt === undefined ? 'never' : new Date(lastSignInAt).toISOString();
	return [name, password, disabled ? 'disabled' : enabled, signedIn, [...permissions].sort().join(' ') || '-'];
}

export function show(identity: Identity, { json }: { readonly json?: boolean }): void {
	if (json) printJson(toJson(identity));
	else print(table(columns, [toRow(identity)]));
}
