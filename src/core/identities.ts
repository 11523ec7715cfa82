import { type AddIdentities, createAddIdentities } from './add-identities.ts';
import type { ApiTokens } from './api-tokens.ts';
import type { Audit, AuditEvent } from './audit.ts';
import type { Credentials } from './authentication.ts';
import type { Instant } from './clock.ts';
import { createCredentialChanges } from './credential-change.ts';
import type { FirstSetup } from './first-setup.ts';
import { createFirstSetup } from './first-setup.ts';
import type { Identity, IdentityId, IdentityName, Permission } from './identity.ts';
import { adminPermission, isActive, reasonAgainst } from './identity.ts';
import type { NewIdentity, NewIdentityParts } from './new-identity.ts';
import { createNewIdentity } from './new-identity.ts';
import type { Password } from './password.ts';
import type { Outcome } from './refusal.ts';
import { ok, refuse } from './refusal.ts';
import type { RequestContext } from './request.ts';
import { auditFieldsOf } from './request.ts';
import type { DialectName } from './session.ts';
import type { AuditFields } from './session-ends.ts';
import type { Sessions } from './sessions.ts';
import type { IdentityStore, Taken } from './stores.ts';
import { newCredentialStamp, newStampOfSameRoot } from './token.ts';

/** What one's own password change may leave alive or alter besides. */
export interface OwnChange {
	/**
	 * Another name to go by from now on (Kismet's `set_password`). Ours: only administrators name themselves. With
	 * several identities, a free name may be one that an application behind us knows.
	 */
	readonly name?: IdentityName;
	/** Dialects whose sessions go on. Absent: every session ends. */
	readonly exceptDialects?: readonly DialectName[];
}

/** What is done to identities, and by whom: every verb leaves no session alive that it should not. */
export interface Identities extends FirstSetup, AddIdentities {
	find(id: IdentityId): Promise<Identity | undefined>;
	/** Where it is neither disabled nor past its end. */
	findActive(id: IdentityId): Promise<Identity | undefined>;
	findByName(name: IdentityName): Promise<Identity | undefined>;
	list(): Promise<readonly Identity[]>;
	add(identity: NewIdentity, fields: AuditFields): Promise<Outcome<Identity>>;
	/** An operator's or administrator's reset: the present password is not asked for. Ends every session, and no token. Refusals: `service-identity` among them. */
	setPassword(
		id: IdentityId,
		password: Password,
		how: { passwordChangeNeeded: boolean; policy: boolean },
		fields: AuditFields,
	): Promise<Outcome<Identity>>;
	/** The next password login opens a locked session; every session ends. */
	requirePasswordChange(id: IdentityId, fields: AuditFields): Promise<Outcome<Identity>>;
	/** One's own change: needs the present password. */
	changePassword(
		identity: Identity,
		current: Password,
		next: Password,
		request: RequestContext,
	): Promise<Outcome<Identity>>;
	/** The same where the present password was proved by other means; `credentials-changed` where it is not present any more. */
	replacePassword(
		identity: Identity,
		next: Password,
		how: OwnChange,
		request: RequestContext,
	): Promise<Outcome<Identity>>;
	grant(id: IdentityId, permissions: readonly Permission[], fields: AuditFields): Promise<Outcome<void>>;
	/** These three: `last-administrator` where nobody enabled would hold `kura.admin` any more; `mayBeLast` does it all the same. */
	revoke(
		id: IdentityId,
		permissions: readonly Permission[],
		fields: AuditFields,
		mayBeLast?: 'may-be-last',
	): Promise<Outcome<void>>;
	setDisabled(
		id: IdentityId,
		disabled: boolean,
		fields: AuditFields,
		mayBeLast?: 'may-be-last',
	): Promise<Outcome<void>>;
	remove(id: IdentityId, fields: AuditFields, mayBeLast?: 'may-be-last'): Promise<Outcome<void>>;
	/** Ends what is left of identities whose time is over. Housekeeping: no judgement waits for it. */
	sweep(): Promise<void>;
}

export interface IdentityParts extends NewIdentityParts {
	readonly identities: IdentityStore;
	readonly sessions: Sessions;
	readonly apiTokens: Pick<ApiTokens, 'endOf'>;
	readonly credentials: Credentials;
	readonly audit: Audit;
}

const notFound = () => refuse({ kind: 'not-found' });

export function createIdentities(parts: IdentityParts): Identities {
	const { identities, sessions, apiTokens, credentials, clock, audit } = parts;
	const { newIdentity, verifierFor } = createNewIdentity(parts);
	const { change, changeWhatever } = createCredentialChanges(parts);
	let sweptUntil = 0 as Instant;

	/** What it has opened, and what opens something in its name. */
	async function endAllOf({ id, name }: Identity, fields: AuditFields) {
		await sessions.endOf(id, {}, { identity: name, ...fields });
		await apiTokens.endOf(id, { identity: name, ...fields });
	}

	async function tell<T>(
		act: AuditEvent['act'],
		fields: AuditFields & Pick<AuditEvent, 'newName'>,
		outcome: Outcome<T>,
	): Promise<Outcome<T>> {
		audit.write({
			act,
			...fields,
			...(outcome.ok ? { outcome: 'ok' } : { outcome: 'refused', reason: outcome.refusal.kind }),
		});
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

	const exists = (found: boolean): Outcome<void> => (found ? ok(undefined) : notFound());

	const taken = (how: Taken): Outcome<void> =>
		how === 'last' ? refuse({ kind: 'last-administrator' }) : exists(how === 'done');
	const kept = (mayBeLast: 'may-be-last' | undefined) => (mayBeLast ? undefined : adminPermission);

	/** Whether an identity may go by that name from now on. */
	function judgeRename(identity: Identity, name: IdentityName): Outcome<IdentityName> {
		if (!identity.permissions.has(adminPermission)) {
			return refuse({ kind: 'permission-missing', permission: adminPermission });
		}
		const because = reasonAgainst(name);
		return because === undefined ? ok(name) : refuse({ kind: 'bad-name', because });
	}

	async function replacePassword(
		identity: Identity,
		next: Password,
		{ name, exceptDialects }: OwnChange,
		request: RequestContext,
	) {
		const fields = { identity: identity.name, ...auditFieldsOf(request) };
		const renamed = name === undefined || name === identity.name ? undefined : name;

		async function replace(): Promise<Outcome<Identity>> {
			const judged = renamed === undefined ? ok(identity.name) : judgeRename(identity, renamed);
			if (!judged.ok) return judged;
			const made = await verifierFor(next, judged.value, true);
			if (!made.ok) return made;
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
				const made = await verifierFor(password, identity.name, policy);
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
		async changePassword(identity, current, next, request) {
			const act = { act: 'password-change', method: 'password' } as const;
			const proved = await credentials.byPassword(identity.name, current, request, act);
			if (!proved.ok) return proved;
			const fields = { identity: identity.name, ...auditFieldsOf(request) };
			if (current === next) return tell('password-change', fields, refuse({ kind: 'same-password' }));
			return replacePassword(proved.value, next, {}, request);
		},
		replacePassword,
		grant: (id, permissions, fields) =>
			onto('permission-grant', id, fields, async () => exists(await identities.grant(id, permissions))),
		revoke: (id, permissions, fields, mayBeLast) =>
			onto('permission-revoke', id, fields, async () =>
				taken(await identities.revoke(id, permissions, kept(mayBeLast))),
			),
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
