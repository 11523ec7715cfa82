import type { Identities } from './identities.ts';
import type { IdentityName } from './identity.ts';
import { adminPermission } from './identity.ts';
import type { Password, Passwords } from './password.ts';
import type { Outcome } from './refusal.ts';
import { ok, refuse } from './refusal.ts';

/** A login that stands in the configuration. */
export interface OperatorLogin {
	readonly name: IdentityName;
	readonly password: Password;
}

export interface OperatorLoginParts {
	readonly identities: Identities;
	readonly passwords: Pick<Passwords, 'check'>;
}

const told = { actor: 'operator' } as const;

/**
 * Makes it true that this login exists, with this password and every permission. Where it is true already, nothing is
 * written and nobody's session ends: this runs at every start, in every process. An operator's word, so the policy is
 * not asked, nor whether the first setup is over; afterwards it is. One that was disabled stays so. Refusals: those of `Identities.add`;
 * `name-taken` where somebody else goes by that name, who is no administrator: their own ways in would make them one.
 */
export async function ensureOperatorLogin(
	{ identities, passwords }: OperatorLoginParts,
	{ name, password }: OperatorLogin,
): Promise<Outcome<void>> {
	let identity = await identities.findByName(name);
	if (identity === undefined) {
		const permissions = [adminPermission];
		const wanted = { name, password, permissions, passwordChangeNeeded: false, policy: false };
		const added = await identities.add(wanted, told);
		if (added.ok) return ok(undefined);
		// Another process may have made it in between.
		identity = await identities.findByName(name);
		if (identity === undefined) return added;
	}
	const { id, permissions, passwordVerifier, passwordChangeNeeded } = identity;
	const right = await passwords.check(passwordVerifier, password, name);
	if (!right.ok) return right;
	if (!permissions.has(adminPermission)) {
		if (!right.value) return refuse({ kind: 'name-taken' });
		const given = await identities.grant(id, [adminPermission], told);
		if (!given.ok) return given;
	}
	if (right.value && !passwordChangeNeeded) return ok(undefined);
	const how = { passwordChangeNeeded: false, policy: false };
	const set = await identities.setPassword(id, password, how, told);
	return set.ok ? ok(undefined) : set;
}
