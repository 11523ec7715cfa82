import type { Factors } from './factor.ts';
import { adminPermission, type Identity, type IdentityId, type Permission } from './identity.ts';
import type { Outcome } from './refusal.ts';
import { ok, refuse } from './refusal.ts';
import type { AuditFields } from './session-ends.ts';
import type { Sessions } from './sessions.ts';
import type { IdentityStore } from './stores.ts';
import { newCredentialStamp } from './token.ts';

/*
 * A second factor is asked for at the login. An identity that must have one from now on, by a permission that it did not hold
 * then, may have sessions, access tokens and refresh tokens that were opened without: they all end, by a fresh credential stamp.
 * Whether one of them has shown a factor is not looked at. API tokens stay, but for those that end with the credentials: they open what they
 * name, and nothing that is granted.
 */

/** Whether a second factor is asked for at its logins that was not before. Services log in by nothing. */
export function asksForFactor(isRequired: Factors['isRequired'], from: Identity, to: Identity): boolean {
	return !from.service && isRequired(to) && !isRequired(from);
}

export interface GrantParts {
	readonly identities: Pick<IdentityStore, 'find' | 'grant' | 'permissions'>;
	readonly sessions: Pick<Sessions, 'endOf'>;
	readonly factors: Pick<Factors, 'isRequired'>;
}

/** Ends an identity's sessions that were opened when no second factor was asked for. */
export function endWithoutFactor(sessions: GrantParts['sessions'], { id, name }: Identity, fields: AuditFields) {
	return sessions.endOf(id, {}, { identity: name, ...fields, reason: 'second-factor-needed' });
}

/** One step, and only on what was looked at: a session that is opened meanwhile carries the stamp of before. */
const keep = { permission: adminPermission, byPassword: false };

/** One step for each identity. Returns it as it was before. Refusals: `not-found`, `last-administrator`. */
function createExchange({ identities, sessions, factors: { isRequired } }: GrantParts) {
	return async (
		id: IdentityId,
		wanted: (from: Identity) => ReadonlySet<Permission>,
		fields: AuditFields,
	): Promise<Outcome<Identity>> => {
		for (;;) {
			const from = await identities.find(id);
			if (from === undefined) return refuse({ kind: 'not-found' });
			const holder = { ...from, permissions: wanted(from) };
			const ends = asksForFactor(isRequired, from, holder);
			const to = ends ? { ...holder, credentialStamp: newCredentialStamp() } : holder;
			const done = await identities.permissions.replace(from, to, holder.permissions, keep);
			if (done === 'last') return refuse({ kind: 'last-administrator' });
			// Somebody was quicker: once more.
			if (done !== 'done') continue;
			if (ends) await endWithoutFactor(sessions, from, fields);
			return ok(from);
		}
	};
}

/** See `Identities.setPermissions`. Returns the identity as it was before. */
export function createSetPermissions(parts: GrantParts) {
	const exchange = createExchange(parts);
	return (id: IdentityId, permissions: readonly Permission[], fields: AuditFields) =>
		exchange(id, () => new Set(permissions), fields);
}

/** See `Identities.grant`. */
export function createGrant(parts: GrantParts) {
	const { identities, factors } = parts;
	const exchange = createExchange(parts);

	/** Whether holders of some of them must have a second factor whom nothing else obliges. */
	function mayOblige(from: Identity, permissions: readonly Permission[]): boolean {
		const holding = (held: readonly Permission[]): Identity => ({ ...from, permissions: new Set(held) });
		return asksForFactor(factors.isRequired, holding([]), holding(permissions));
	}

	return async (id: IdentityId, permissions: readonly Permission[], fields: AuditFields): Promise<Outcome<void>> => {
		const from = await identities.find(id);
		if (from === undefined) return refuse({ kind: 'not-found' });
		if (!mayOblige(from, permissions)) {
			return (await identities.grant(id, permissions)) ? ok(undefined) : refuse({ kind: 'not-found' });
		}
		const done = await exchange(id, ({ permissions: held }) => new Set([...held, ...permissions]), fields);
		return done.ok ? ok(undefined) : done;
	};
}
