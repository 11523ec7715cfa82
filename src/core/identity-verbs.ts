import type { AddIdentities } from './add-identities.ts';
import type { FirstSetup } from './first-setup.ts';
import type { Identity, IdentityId, IdentityName, Permission } from './identity.ts';
import type { IdentityPages } from './identity-page.ts';
import type { NewIdentity } from './new-identity.ts';
import type { Password } from './password.ts';
import type { Outcome } from './refusal.ts';
import type { RequestContext } from './request.ts';
import type { DialectName, Session } from './session.ts';
import type { AuditFields } from './session-ends.ts';

/** What one's own password change may leave alive or alter besides. */
export interface OwnChange {
	/**
	 * Another name to go by from now on (Kismet's `set_password`). Ours: only administrators name themselves. With
	 * several identities, a free name may be one that an application behind us knows.
	 */
	readonly name?: IdentityName;
	/** Dialects whose sessions go on. Absent: every session ends. */
	readonly exceptDialects?: readonly DialectName[];
	/** Whether the session in which it is asked for lives still. Asked right before the change, which takes long to prepare. Absent: not asked. */
	readonly isAlive?: () => Promise<boolean>;
}

/**
 * What is done to identities, and by whom. Each verb ends the sessions that must not outlive it, and writes to the audit,
 * refused or not (not for `not-found`: there is nobody to name). Verbs reject where a store is away. What was changed by then
 * stays changed, and sessions that it had to end pass no check any more.
 */
export interface Identities extends FirstSetup, AddIdentities, IdentityPages {
	/** Disabled and expired ones, too; `undefined`: no such identity. So do `findByName`, `list` and `page`. */
	find(id: IdentityId): Promise<Identity | undefined>;
	/** `undefined` where it is disabled or past its end, too. */
	findActive(id: IdentityId): Promise<Identity | undefined>;
	findByName(name: IdentityName): Promise<Identity | undefined>;
	list(): Promise<readonly Identity[]>;
	/** Refusals: `bad-name`, `name-taken` (or one that looks like it), `service-identity`; `weak-password` where the policy counts, `too-busy`. */
	add(identity: NewIdentity, fields: AuditFields): Promise<Outcome<Identity>>;
	/**
	 * A reset by an operator or an administrator: the present password is not asked for. Ends every session, and no token.
	 * Refusals: `not-found`, `service-identity`; `weak-password` where the policy counts, `too-busy`.
	 */
	setPassword(
		id: IdentityId,
		password: Password,
		how: { passwordChangeNeeded: boolean; policy: boolean },
		fields: AuditFields,
	): Promise<Outcome<Identity>>;
	/**
	 * It logs in by that name from now on, in every protocol, and by certificates of that name; every session ends, and what ends with
	 * the password. Its other tokens, its password, factors, permissions and history stay. Its own name: nothing is done. Refusals:
	 * `not-found`, `bad-name`, `name-taken`; `set-in-configuration` where the next start would make it anew by the old name.
	 */
	rename(id: IdentityId, name: IdentityName, fields: AuditFields): Promise<Outcome<Identity>>;
	/** The next password login opens a locked session; every session ends. Refusals: `not-found`, `service-identity`. Rule: Kura, `passwordChangeNeeded`. */
	requirePasswordChange(id: IdentityId, fields: AuditFields): Promise<Outcome<Identity>>;
	/**
	 * One's own change, with the present password. Ends every session. Refusals: `bad-credentials`, `too-many-attempts`,
	 * `too-busy` (a wrong password counts as a wrong login); `same-password`, `weak-password`; `credentials-changed` where
	 * another change came in between. `followed`: the session that another one is to follow, which this ends first; where it was ended
	 * or raised meanwhile, nothing is changed: `no-session`.
	 * Rule: Kura, `changePassword`.
	 */
	changePassword(
		identity: Identity,
		current: Password,
		next: Password,
		request: RequestContext,
		followed?: Session,
	): Promise<Outcome<Identity>>;
	/**
	 * The same where the present password was proved by other means. Refusals: `weak-password`, `too-busy`,
	 * `credentials-changed`, `no-session`; with a new name `permission-missing`, `bad-name`, `name-taken`. Rule: Kismet, `set_password`.
	 */
	replacePassword(
		identity: Identity,
		next: Password,
		how: OwnChange,
		request: RequestContext,
	): Promise<Outcome<Identity>>;
	/**
	 * Counts from the next request on. Where it makes a second factor required that was not before, all that a login has opened ends
	 * (`core/grant.ts`). Refusals: `not-found`.
	 */
	grant(id: IdentityId, permissions: readonly Permission[], fields: AuditFields): Promise<Outcome<void>>;
	/**
	 * Counts from the next request on. Refusals of this and the next three: `not-found`; `last-administrator` where nobody who is enabled
	 * would hold `kura.admin` any more, unless `mayBeLast` says that it may be so.
	 */
	revoke(
		id: IdentityId,
		permissions: readonly Permission[],
		fields: AuditFields,
		mayBeLast?: 'may-be-last',
	): Promise<Outcome<void>>;
	/** Both at once: what it holds from now on is these. Refusals of both. */
	setPermissions(id: IdentityId, permissions: readonly Permission[], fields: AuditFields): Promise<Outcome<void>>;
	/**
	 * A disabled identity cannot log in. Its sessions, tokens and invitations end; none of them comes back when it is enabled, and
	 * its password and its factors do.
	 */
	setDisabled(
		id: IdentityId,
		disabled: boolean,
		fields: AuditFields,
		mayBeLast?: 'may-be-last',
	): Promise<Outcome<void>>;
	/** Ends its sessions and its API tokens. */
	remove(id: IdentityId, fields: AuditFields, mayBeLast?: 'may-be-last'): Promise<Outcome<void>>;
	/** Ends what is left of identities whose time is over. Housekeeping: no judgement waits for it. */
	sweep(): Promise<void>;
}
