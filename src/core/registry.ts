import type { ApiTokens } from './api-tokens.ts';
import type { Audit, AuditEvent } from './audit.ts';
import { auditedOutcome } from './audit.ts';
import type { Clock, Instant } from './clock.ts';
import type { Factors } from './factor.ts';
import { asksForFactor, endWithoutFactor } from './grant.ts';
import type { Identities } from './identities.ts';
import type { Identity, IdentityName, PasswordVerifier, Permission } from './identity.ts';
import { adminPermission, mayUse } from './identity.ts';
import type { InvitationStore } from './invitation.ts';
import { createListedPermissions } from './listed-permissions.ts';
import { type Password, type Passwords, parsePassword } from './password.ts';
import { foldPermission, type Keep, type PermissionStore } from './permission-store.ts';
import { reconfigured, type Wanted } from './reconfigured.ts';
import type { Outcome, Refusal } from './refusal.ts';
import { ok, refuse } from './refusal.ts';
import type { AuditFields } from './session-ends.ts';
import type { Sessions } from './sessions.ts';
import { endOfPassword, makeTemporary } from './temporary-password.ts';

export type { Wanted } from './reconfigured.ts';

/** Who changes something. */
export interface Actor {
	readonly identity: Identity;
	/** By a session, which may be left open or stolen, and not by a credential that came along. */
	readonly isSession: boolean;
	readonly fields: AuditFields;
}

/**
 * Identities and permissions for those who manage them without holding `kura.admin`. Every verb but `permissions` refuses
 * with `permission-missing` what would raise the actor to an administrator, or touch one, unless it is one itself.
 */
export interface Registry {
	/**
	 * All that are defined, by name. For everybody who asks, without a login: what others did is seen within a second, and a
	 * store with many identities is read once in that time.
	 */
	permissions(): Promise<readonly Permission[]>;
	/** `permission-taken` where one is defined that looks like it. */
	makePermission(permission: Permission, by: Actor): Promise<Outcome<void>>;
	/** Takes it from everybody. Refusals: `not-found`, `permission-built-in`. */
	removePermission(permission: Permission, by: Actor): Promise<Outcome<void>>;
	/** Without password and permissions. Refusals: `bad-name`, `name-taken`. */
	add(name: IdentityName, by: Actor): Promise<Outcome<void>>;
	/**
	 * All parts or none. Refusals: `not-found`, `permission-unknown`, `password-missing`, `weak-password`, `own-password`,
	 * `service-identity`, `last-administrator`, `too-busy`.
	 */
	configure(name: IdentityName, wanted: Wanted, by: Actor): Promise<Outcome<void>>;
	/** What `configure` would refuse, but for `last-administrator` and `too-busy`. */
	judge(name: IdentityName, wanted: Wanted, by: Actor): Promise<Outcome<void>>;
	/** Refusals: `not-found`, `last-administrator`. */
	remove(name: IdentityName, by: Actor): Promise<Outcome<void>>;
}

export interface RegistryParts {
	readonly identities: Pick<Identities, 'findByName' | 'add'>;
	readonly store: PermissionStore;
	readonly sessions: Pick<Sessions, 'endOf'>;
	readonly apiTokens: Pick<ApiTokens, 'endOf'>;
	readonly invitations: Pick<InvitationStore, 'endOf'>;
	readonly passwords: Pick<Passwords, 'judge' | 'make'>;
	readonly factors: Pick<Factors, 'isRequired'>;
	readonly audit: Audit;
	readonly clock: Clock;
	/** Permissions that are always defined: well-known names, and those of the rules in force. */
	wellKnown(): ReadonlySet<Permission>;
	/** Config: `dialects.kuraIdentity.mayGrantAdmin`. */
	readonly mayGrantAdmin: boolean;
	/** Whether administrators sign in with a password: those without one are not counted then. */
	readonly byPassword: boolean;
	/** As in `NewIdentityParts`. */
	readonly temporaryPasswordMs?: number;
}

/** Rule: Kura, `ValidationUtil`: a new password. The policy comes on top. */
const passwordForm = /^\S{1,255}$/u;
const notFound = () => refuse({ kind: 'not-found' });
const looksLikeAdmin = (permission: Permission) => foldPermission(permission) === foldPermission(adminPermission);

export function createRegistry(parts: RegistryParts): Registry {
	const { identities, store, sessions, apiTokens, invitations, passwords, audit, clock, wellKnown } = parts;
	const { mayGrantAdmin, byPassword, temporaryPasswordMs = 0 } = parts;
	const listed = createListedPermissions(store, clock);
	const keep: Keep = { permission: adminPermission, byPassword };
	const asks = (from: Identity, to: Identity) => asksForFactor(parts.factors.isRequired, from, to);
	const mayAdminister = ({ identity }: Actor) => mayGrantAdmin || mayUse(identity, adminPermission);

	async function defined(found = store.find()): Promise<readonly Permission[]> {
		const { made, held } = await found;
		return [...new Set([...wellKnown(), ...made, ...held])].sort();
	}

	function record(act: AuditEvent['act'], fields: AuditFields, outcome: Outcome<void>): Outcome<void> {
		audit.write({ act, ...fields, ...auditedOutcome(outcome) });
		return outcome;
	}

	/** The refusal where somebody would touch an administrator, or make one, who is none. */
	function unlessAdministrator(by: Actor): Refusal | undefined {
		if (mayAdminister(by)) return undefined;
		return { kind: 'permission-missing', permission: adminPermission, identity: by.identity.name };
	}

	async function refusalOfPermissions(from: Identity, { permissions: wanted }: Wanted, by: Actor) {
		const gained = [...new Set(wanted).difference(from.permissions)];
		if (gained.length === 0) return undefined;
		const present = new Set(await defined());
		const unknown = gained.find((permission) => !present.has(permission));
		if (unknown !== undefined) return { kind: 'permission-unknown', permission: unknown } as const;
		return gained.some(looksLikeAdmin) ? unlessAdministrator(by) : undefined;
	}

	/** The new password, where there is one. */
	async function judgedPassword(from: Identity, { password: wanted }: Wanted, by: Actor) {
		if (wanted === undefined) return ok(undefined);
		const { enabled, changeNeeded, password } = wanted;
		if (from.service && (enabled || changeNeeded)) return refuse({ kind: 'service-identity' });
		const isOwn = by.isSession && from.id === by.identity.id;
		const changes = enabled ? password !== undefined : from.passwordVerifier !== undefined;
		// A session alone, left open or stolen, must not be enough to take an identity over.
		if (isOwn && changes) return refuse({ kind: 'own-password' });
		if (!enabled) return ok(undefined);
		if (password === undefined) {
			const end = changeNeeded ? undefined : endOfPassword(from.passwordVerifier);
			// One that has ended is none: only another one takes its place.
			const isMissing = from.passwordVerifier === undefined || (end !== undefined && end <= clock.now());
			return isMissing ? refuse({ kind: 'password-missing' }) : ok(undefined);
		}
		const parsed = passwordForm.test(password) ? parsePassword(password) : undefined;
		if (parsed !== undefined) return passwords.judge(parsed, from.name);
		return refuse({ kind: 'weak-password', requirement: 'must have 1 to 255 characters, none of them white space' });
	}

	async function judged(from: Identity, wanted: Wanted, by: Actor): Promise<Outcome<Password | undefined>> {
		const refusal =
			(from.permissions.has(adminPermission) ? unlessAdministrator(by) : undefined) ??
			(await refusalOfPermissions(from, wanted, by));
		return refusal ? refuse(refusal) : judgedPassword(from, wanted, by);
	}

	async function configure(name: IdentityName, wanted: Wanted, by: Actor): Promise<Outcome<void>> {
		let verifier: PasswordVerifier | undefined;
		for (;;) {
			const from = await identities.findByName(name);
			if (from === undefined) return notFound();
			const fields = { identity: from.name, ...by.fields };
			const refused = (refusal: Refusal) =>
				record(wanted.password ? 'password-reset' : 'permission-grant', fields, refuse(refusal));
			const next = await judged(from, wanted, by);
			if (!next.ok) return refused(next.refusal);
			if (next.value !== undefined && verifier === undefined) {
				const made = await passwords.make(next.value);
				if (!made.ok) return refused(made.refusal);
				const isTemporary = temporaryPasswordMs > 0 && (wanted.password?.changeNeeded ?? from.passwordChangeNeeded);
				const until = (clock.now() + temporaryPasswordMs) as Instant;
				verifier = isTemporary ? makeTemporary(made.value, until) : made.value;
			}
			const to = reconfigured(from, wanted, verifier, asks);
			const result = await listed.changing(store.replace(from, to, wellKnown(), keep));
			if (result === 'last') return refused({ kind: 'last-administrator' });
			// Somebody was quicker: it is judged again as they left it.
			if (result !== 'done') continue;
			const isSame =
				from.passwordVerifier === to.passwordVerifier && from.passwordChangeNeeded === to.passwordChangeNeeded;
			if (to.credentialStamp !== from.credentialStamp) {
				if (asks(from, to)) await endWithoutFactor(sessions, from, fields);
				else await sessions.endOf(from.id, {}, fields);
			}
			if (!isSame) record('password-reset', fields, ok(undefined));
			if (to.permissions.difference(from.permissions).size > 0) record('permission-grant', fields, ok(undefined));
			if (from.permissions.difference(to.permissions).size > 0) record('permission-revoke', fields, ok(undefined));
			return ok(undefined);
		}
	}

	return {
		permissions: () => defined(listed.find()),
		async makePermission(permission, by) {
			const present = await defined();
			const isTaken = present.some((each) => foldPermission(each) === foldPermission(permission));
			const done = !isTaken && (await listed.changing(store.make(permission))) === 'made';
			return record('permission-add', by.fields, done ? ok(undefined) : refuse({ kind: 'permission-taken' }));
		},
		async removePermission(permission, by) {
			if (wellKnown().has(permission)) return refuse({ kind: 'permission-built-in' });
			const refusal = unlessAdministrator(by);
			const result = await listed.changing(store.remove(permission, refusal && adminPermission));
			if (result === 'absent') return notFound();
			const isProtected = result === 'protected' && refusal !== undefined;
			return record('permission-remove', by.fields, isProtected ? refuse(refusal) : ok(undefined));
		},
		async add(name, { fields }) {
			const nothing = { permissions: [], passwordChangeNeeded: false, policy: true };
			const added = await identities.add({ name, ...nothing }, fields);
			return added.ok ? ok(undefined) : added;
		},
		configure,
		async judge(name, wanted, by) {
			const from = await identities.findByName(name);
			if (from === undefined) return notFound();
			const next = await judged(from, wanted, by);
			return next.ok ? ok(undefined) : next;
		},
		async remove(name, by) {
			for (;;) {
				const from = await identities.findByName(name);
				if (from === undefined) return notFound();
				const fields = { identity: from.name, ...by.fields };
				const refusal = from.permissions.has(adminPermission) ? unlessAdministrator(by) : undefined;
				if (refusal) return record('identity-remove', fields, refuse(refusal));
				const result = await listed.changing(store.replace(from, undefined, wellKnown(), keep));
				if (result === 'last') return record('identity-remove', fields, refuse({ kind: 'last-administrator' }));
				if (result !== 'done') continue;
				await sessions.endOf(from.id, {}, fields);
				await apiTokens.endOf(from.id, fields);
				await invitations.endOf(from.id);
				return record('identity-remove', fields, ok(undefined));
			}
		},
	};
}
