import { type ApiToken, narrowedBy } from '../../core/api-token.ts';
import { type Identity, mayUse, type Permission } from '../../core/identity.ts';

/** Who asks: an identity that is signed in, or a program with a token of it. */
export interface Asker {
	readonly identity: Identity;
	readonly token?: ApiToken | undefined;
}

export function nameOfAsker({ identity, token }: Asker): string {
	return token === undefined ? identity.name : `the token ${token.id} of ${identity.name}`;
}

/** Whether it opens what asks for a permission, now. */
export function holds({ identity, token }: Asker, permission: Permission): boolean {
	return mayUse(token === undefined ? identity : narrowedBy(token, identity), permission);
}

/** A permission that is missing, as the one who would give it reads it. */
export function missingInWords({ identity, token }: Asker, permissions: readonly Permission[]): string {
	const named = `the permission ${permissions.join(' or ')}`;
	if (token === undefined) return named;
	return permissions.some((each) => mayUse(identity, each)) ? `${named} in the token` : `${named}, of ${identity.name}`;
}

/** Why a token opens nothing, for whatever is asked. `undefined`: another reason. */
export function flawOfToken({ identity, token }: Asker, refused: string | undefined, from: string | undefined) {
	if (token === undefined) return undefined;
	if (refused === 'token-expired') return 'has expired';
	if (refused !== 'token-invalid') return undefined;
	if (identity.disabled) return `opens nothing: ${identity.name} is disabled`;
	const { networks } = token;
	if (networks !== undefined && from === undefined) return 'is taken from some networks alone: say from where it asks';
	return networks === undefined
		? 'has ended, with its identity or with a change of the password'
		: `is not taken from ${from}, or has ended with its identity or a change of the password`;
}
