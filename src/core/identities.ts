import { createAddIdentities } from './add-identities.ts';
import type { ApiTokens } from './api-tokens.ts';
import type { Audit, AuditEvent } from './audit.ts';
import { auditedOutcome } from './audit.ts';
import type { Credentials } from './authentication.ts';
import type { Instant } from './clock.ts';
import { createCredentialChanges } from './credential-change.ts';
import type { Factors } from './factor.ts';
import { createFirstSetup } from './first-setup.ts';
import { createGrant, createSetPermissions } from './grant.ts';
import type { Identity, IdentityId, IdentityName } from './identity.ts';
import { adminPermission, isActive, reasonAgainst } from './identity.ts';
import { createIdentityPages, type SignIns } from './identity-page.ts';
import type { Identities, OwnChange } from './identity-verbs.ts';
import type { InvitationStore } from './invitation.ts';
import type { NewIdentityParts } from './new-identity.ts';
import { createNewIdentity } from './new-identity.ts';
import type { Password } from './password.ts';
import type { Outcome } from './refusal.ts';
import { ok, refuse } from './refusal.ts';
import type { RequestContext } from './request.ts';
import { auditFieldsOf } from './request.ts';
import type { Session } from './session.ts';
import type { AuditFields } from './session-ends.ts';
import type { Sessions } from './sessions.ts';
import type { IdentityStore, Taken } from './stores.ts';
import { newCredentialStamp, newStampOfSameRoot } from './token.ts';

export type { Identities } from './identity-verbs.ts';

export interface IdentityParts extends NewIdentityParts {
	readonly identities: IdentityStore;
	readonly sessions: Sessions;
	readonly apiTokens: Pick<ApiTokens, 'endOf'>;
	readonly invitations: Pick<InvitationStore, 'endOf'>;
	readonly credentials: Credentials;
	readonly factors: Pick<Factors, 'levelOf' | 'isRequired'>;
	readonly signIns: Pick<SignIns, 'flush'>;
	readonly audit: Audit;
	/** The login that stands in the configuration: it is made anew at each start, by that name. */
	readonly configuredName?: IdentityName | undefined;
}

const notFound = () => refuse({ kind: 'not-found' });

export function createIdentities(parts: IdentityParts): Identities {
	const { identities, sessions, apiTokens, invitations, credentials, clock, audit } = parts;
	const { newIdentity, verifierFor } = createNewIdentity(parts);
	const { change, changeWhatever } = createCredentialChanges(parts);
	const grant = createGrant(parts);
	const setPermissions = createSetPermissions(parts);
	let sweptUntil = 0 as Instant;

	/** What it has opened, and what opens something in its name. */
	async function endAllOf({ id, name }: Identity, fields: AuditFields) {
		await sessions.endOf(id, {}, { identity: name, ...fields });
		await apiTokens.endOf(id, { identity: name, ...fields });
		await invitations.endOf(id);
	}

	async function tell<T>(
		act: AuditEvent['act'],
		fields: AuditFields & Pick<AuditEvent, 'newName'>,
		outcome: Outcome<T>,
	): Promise<Outcome<T>> {
		audit.write({ act, ...fields, ...auditedOutcome(outcome) });
		return outcome;
	}

	/** Runs a verb on an identity that exists, and tells the audit how it went. */
	async function onto<T>(
		act: AuditEvent['act'],
		id: IdentityId,
		fields: AuditFields,
		verb: (identity: Identity) => Promise<Outcome<T>>,
	): Promise<Outcome<T>> {
		const identity = await identities.find(id);
		if (identity === undefined) return notFound();
		return tell(act, { identity: identity.name, ...fields }, await verb(identity));
	}

	function taken(how: Taken): Outcome<void> {
		if (how === 'done') return ok(undefined);
		return how === 'last' ? refuse({ kind: 'last-administrator' }) : notFound();
	}
	const kept = (mayBeLast: 'may-be-last' | undefined) => (mayBeLast ? undefined : adminPermission);

	/** Whether an identity may go by that name from now on. */
	function judgeRename(identity: Identity, name: IdentityName): Outcome<IdentityName> {
		if (identity.name === parts.configuredName) return refuse({ kind: 'set-in-configuration' });
		const because = reasonAgainst(name);
		return because === undefined ? ok(name) : refuse({ kind: 'bad-name', because });
	}

	/** The same for one's own. */
	function judgeOwnRename(identity: Identity, name: IdentityName): Outcome<IdentityName> {
		if (identity.permissions.has(adminPermission)) return judgeRename(identity, name);
		return refuse({ kind: 'permission-missing', permission: adminPermission });
	}

	async function replacePassword(
		identity: Identity,
		next: Password,
		{ name, exceptDialects, isAlive }: OwnChange,
		request: RequestContext,
		followed?: Session,
	) {
		const fields = { identity: identity.name, ...auditFieldsOf(request) };
		const renamed = name === undefined || name === identity.name ? undefined : name;

		async function replace(): Promise<Outcome<Identity>> {
			const judged = renamed === undefined ? ok(identity.name) : judgeOwnRename(identity, renamed);
			if (!judged.ok) return judged;
			const made = await verifierFor(next, judged.value, { policy: true, of: identity });
			if (!made.ok) return made;
			if (isAlive && !(await isAlive())) return refuse({ kind: 'no-session' });
			// Before the change: after it, a look of the same browser would end the session as one of the old password.
			if (followed && !(await sessions.drop(followed, 'session-end', fields))) return refuse({ kind: 'no-session' });
			const credentials = {
				...(renamed !== undefined && { name: renamed }),
				passwordVerifier: made.value,
				passwordChangeNeeded: false,
				credentialStamp: exceptDialects ? newStampOfSameRoot(identity.credentialStamp) : newCredentialStamp(),
			};
			return change(identity, credentials, fields, exceptDialects);
		}

		const outcome = await tell('password-change', fields, await replace());
		if (renamed === undefined) return outcome;
		return tell('identity-rename', { ...fields, ...(outcome.ok && { newName: renamed }) }, outcome);
	}

	return {
		...createFirstSetup({ identities, newIdentity, audit }),
		...createAddIdentities({ identities, newIdentity, audit }),
		...createIdentityPages(parts),
		find: (id) => identities.find(id),
		async findActive(id) {
			const found = await identities.find(id);
			return found && isActive(found, clock.now()) ? found : undefined;
		},
		findByName: (name) => identities.findByName(name),
		list: () => identities.list(),
		async add(wanted, fields) {
			const made = await newIdentity(wanted);
			const outcome: Outcome<Identity> =
				made.ok && (await identities.insert(made.value)) === 'name-taken' ? refuse({ kind: 'name-taken' }) : made;
			const isThere = outcome.ok || (await identities.findByName(wanted.name)) !== undefined;
			return tell('identity-add', { ...(isThere && { identity: wanted.name }), ...fields }, outcome);
		},
		setPassword: (id, password, { passwordChangeNeeded, policy }, fields) =>
			onto('password-reset', id, fields, async (identity) => {
				if (identity.service) return refuse({ kind: 'service-identity' });
				const made = await verifierFor(password, identity.name, {
					policy,
					isTemporary: passwordChangeNeeded,
					of: identity,
				});
				if (!made.ok) return made;
				const passwordVerifier = made.value;
				const make = () => ({ passwordVerifier, passwordChangeNeeded, credentialStamp: newCredentialStamp() });
				return changeWhatever(id, make, fields);
			}),
		requirePasswordChange: (id, fields) =>
			onto('password-reset', id, fields, async ({ service }) => {
				if (service) return refuse({ kind: 'service-identity' });
				return changeWhatever(
					id,
					() => ({ passwordChangeNeeded: true, credentialStamp: newCredentialStamp() }),
					fields,
				);
			}),
		async changePassword(identity, current, next, request, followed) {
			const act = { act: 'password-change', method: 'password' } as const;
			const proved = await credentials.byPassword(identity.name, current, request, act);
			if (!proved.ok) return proved;
			const fields = { identity: identity.name, ...auditFieldsOf(request) };
			if (current === next) return tell('password-change', fields, refuse({ kind: 'same-password' }));
			return replacePassword(proved.value, next, {}, request, followed);
		},
		replacePassword,
		rename: async (id, name, fields) => {
			const identity = await identities.find(id);
			if (identity === undefined) return notFound();
			if (identity.name === name) return ok(identity);
			const judged = judgeRename(identity, name);
			const outcome = judged.ok
				? await changeWhatever(
						id,
						({ passwordChangeNeeded }) => ({ name, passwordChangeNeeded, credentialStamp: newCredentialStamp() }),
						fields,
					)
				: judged;
			return tell(
				'identity-rename',
				{ identity: identity.name, ...fields, ...(outcome.ok && { newName: name }) },
				outcome,
			);
		},
		grant: (id, permissions, fields) => onto('permission-grant', id, fields, () => grant(id, permissions, fields)),
		revoke: (id, permissions, fields, mayBeLast) =>
			onto('permission-revoke', id, fields, async () =>
				taken(await identities.revoke(id, permissions, kept(mayBeLast))),
			),
		async setPermissions(id, permissions, fields) {
			const set = await setPermissions(id, permissions, fields);
			if (!set.ok) return onto('permission-revoke', id, fields, async () => set);
			const { name, permissions: before } = set.value;
			const [about, wanted] = [{ identity: name, ...fields }, new Set(permissions)];
			if (before.difference(wanted).size > 0) await tell('permission-revoke', about, ok(undefined));
			if (wanted.difference(before).size > 0) await tell('permission-grant', about, ok(undefined));
			return ok(undefined);
		},
		setDisabled: (id, disabled, fields, mayBeLast) =>
			onto(disabled ? 'identity-disable' : 'identity-enable', id, fields, async (identity) => {
				const endAll = () => endAllOf(identity, fields);
				// What a crash left of its sessions and tokens when it was disabled must not come back to life.
				if (identity.disabled && !disabled) await endAll();
				const outcome = taken(await identities.setDisabled(id, disabled, kept(mayBeLast)));
				if (outcome.ok && disabled) await endAll();
				return outcome;
			}),
		remove: (id, fields, mayBeLast) =>
			onto('identity-remove', id, fields, async (identity) => {
				const outcome = taken(await identities.remove(id, kept(mayBeLast)));
				if (outcome.ok) await endAllOf(identity, fields);
				return outcome;
			}),
		async sweep() {
			const now = clock.now();
			for (const id of await identities.expired(sweptUntil, now)) {
				const identity = await identities.find(id);
				if (identity !== undefined) await endAllOf(identity, {});
			}
			sweptUntil = now;
		},
	};
}
