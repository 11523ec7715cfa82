import type { Audit, AuditEvent } from './audit.ts';
import type { Credentials } from './authentication.ts';
import type { Clock } from './clock.ts';
import type { Identity, IdentityId, IdentityName, PasswordVerifier, Permission } from './identity.ts';
import { adminPermission, reasonAgainst } from './identity.ts';
import type { Password, Passwords } from './password.ts';
import type { Outcome } from './refusal.ts';
import { ok, refuse } from './refusal.ts';
import type { Visit } from './request.ts';
import { whence } from './request.ts';
import type { DialectName } from './session.ts';
import type { Told } from './session-ends.ts';
import type { Sessions } from './sessions.ts';
import type { CredentialChange, IdentityStore, Taken } from './stores.ts';
import type { SetupToken } from './token.ts';
import { isSameSecret, newCredentialStamp, newIdentityId, newSetupToken, newStampOfSameRoot } from './token.ts';

/** An identity to be made. Without a password it logs in by certificate only. */
export interface NewIdentity {
	readonly name: IdentityName;
	readonly password?: Password;
	/** A verifier from elsewhere, in place of a password. */
	readonly passwordVerifier?: PasswordVerifier;
	readonly permissions: readonly Permission[];
	readonly passwordChangeNeeded: boolean;
	/** False: an operator's word counts more than the policy. */
	readonly policy: boolean;
}

/** Who asks for a first setup, and what speaks for them. */
export interface Setup {
	readonly name: IdentityName;
	readonly password: Password;
	/** `setup-token`: needs `token`. The other two need none: the caller has made sure that they may do without. */
	readonly method: 'setup-token' | 'local' | 'environment';
	readonly token?: string | undefined;
}

/** What one's own password change may leave alive or alter besides. */
export interface OwnChange {
	/**
	 * Another name to go by from now on (Kismet's `set_password`). Ours: only administrators name themselves. With
	 * several identities, a free name may be one that an application behind us knows.
	 */
	readonly name?: IdentityName;
	/** Dialects whose sessions go on. Absent: every session ends. */
	readonly keeps?: readonly DialectName[];
}

/** What is done to identities, and by whom: every verb leaves no session alive that it should not. */
export interface Identities {
	find(id: IdentityId): Promise<Identity | undefined>;
	findByName(name: IdentityName): Promise<Identity | undefined>;
	list(): Promise<readonly Identity[]>;
	add(identity: NewIdentity, told: Told): Promise<Outcome<Identity>>;
	/** An operator's or administrator's reset: the present password is not asked for. Ends every session. */
	setPassword(
		id: IdentityId,
		password: Password,
		how: { passwordChangeNeeded: boolean; policy: boolean },
		told: Told,
	): Promise<Outcome<Identity>>;
	/** The next password login opens a locked session; every session ends. */
	requirePasswordChange(id: IdentityId, told: Told): Promise<Outcome<Identity>>;
	/** One's own change: needs the present password. */
	changePassword(identity: Identity, current: Password, next: Password, visit: Visit): Promise<Outcome<Identity>>;
	/** The same where the present password was proved by other means; `credentials-changed` where it is not present any more. */
	replacePassword(identity: Identity, next: Password, how: OwnChange, visit: Visit): Promise<Outcome<Identity>>;
	grant(id: IdentityId, permissions: readonly Permission[], told: Told): Promise<Outcome<void>>;
	/** These three: `last-administrator` where nobody enabled would hold `kura.admin` any more; `mayBeLast` does it all the same. */
	revoke(
		id: IdentityId,
		permissions: readonly Permission[],
		told: Told,
		mayBeLast?: 'may-be-last',
	): Promise<Outcome<void>>;
	setDisabled(id: IdentityId, disabled: boolean, told: Told, mayBeLast?: 'may-be-last'): Promise<Outcome<void>>;
	remove(id: IdentityId, told: Told, mayBeLast?: 'may-be-last'): Promise<Outcome<void>>;
	/** The token that allows the first setup over HTTP; `undefined` where the first setup is over. */
	setupToken(): Promise<SetupToken | undefined>;
	/** The first identity, an administrator. Of many at once exactly one is made. */
	setUp(setup: Setup, visit: Pick<AuditEvent, 'address' | 'requestId' | 'dialect'>): Promise<Outcome<Identity>>;
}

export interface IdentityParts {
	readonly identities: IdentityStore;
	readonly sessions: Sessions;
	readonly credentials: Credentials;
	readonly passwords: Passwords;
	readonly clock: Clock;
	readonly audit: Audit;
}

const notFound = () => refuse({ kind: 'not-found' });

export function createIdentities(parts: IdentityParts): Identities {
	const { identities, sessions, credentials, passwords, clock, audit } = parts;

	async function verifierFor(
		password: Password,
		name: IdentityName,
		policy: boolean,
	): Promise<Outcome<PasswordVerifier>> {
		const judged = policy ? await passwords.judge(password, name) : ok(password);
		return judged.ok ? passwords.make(judged.value) : judged;
	}

	/** Puts a change down and then ends what it must end: a crash in between leaves sessions that no check lets pass. */
	async function change(
		identity: Identity,
		change: CredentialChange,
		told: Told,
		keeps?: readonly DialectName[],
	): Promise<Outcome<Identity>> {
		const result = await identities.changeCredentials(identity.id, identity.credentialStamp, change);
		if (result === 'outdated') return refuse({ kind: 'credentials-changed' });
		if (result === 'name-taken') return refuse({ kind: 'name-taken' });
		await sessions.endOf(identity.id, keeps === undefined ? {} : { sparing: keeps }, told);
		return ok({ ...identity, ...change });
	}

	/** For verbs that need not know what they replace: a change that came in between is replaced, too. */
	async function changeWhatever(id: IdentityId, make: () => CredentialChange, told: Told): Promise<Outcome<Identity>> {
		for (;;) {
			const identity = await identities.find(id);
			if (identity === undefined) return notFound();
			const outcome = await change(identity, make(), { identity: identity.name, ...told });
			if (outcome.ok || outcome.refusal.kind !== 'credentials-changed') return outcome;
		}
	}

	async function tell<T>(
		act: AuditEvent['act'],
		told: Told & Pick<AuditEvent, 'newName'>,
		outcome: Outcome<T>,
	): Promise<Outcome<T>> {
		audit.write({
			act,
			...told,
			...(outcome.ok ? { outcome: 'ok' } : { outcome: 'refused', reason: outcome.refusal.kind }),
		});
		return outcome;
	}

	/** Runs a verb on an identity that exists, and tells the audit how it went. */
	async function onto<T>(
		act: AuditEvent['act'],
		id: IdentityId,
		told: Told,
		verb: (identity: Identity) => Promise<Outcome<T>>,
	): Promise<Outcome<T>> {
		const identity = await identities.find(id);
		if (identity === undefined) return notFound();
		return tell(act, { identity: identity.name, ...told }, await verb(identity));
	}

	const exists = (found: boolean): Outcome<void> => (found ? ok(undefined) : notFound());

	const taken = (how: Taken): Outcome<void> =>
		how === 'last' ? refuse({ kind: 'last-administrator' }) : exists(how === 'done');
	const kept = (mayBeLast: 'may-be-last' | undefined) => (mayBeLast ? undefined : adminPermission);

	async function newIdentity(wanted: NewIdentity): Promise<Outcome<Identity>> {
		const { name, password, permissions, passwordChangeNeeded, policy } = wanted;
		const because = reasonAgainst(name);
		if (because !== undefined) return refuse({ kind: 'bad-name', because });
		const made = password === undefined ? ok(wanted.passwordVerifier) : await verifierFor(password, name, policy);
		if (!made.ok) return made;
		return ok({
			id: newIdentityId(),
			name,
			permissions: new Set(permissions),
			...(made.value !== undefined && { passwordVerifier: made.value }),
			passwordChangeNeeded,
			credentialStamp: newCredentialStamp(),
			disabled: false,
			createdAt: clock.now(),
		});
	}

	/** Whether an identity may go by that name from now on. */
	function judgeRename(identity: Identity, name: IdentityName): Outcome<IdentityName> {
		if (!identity.permissions.has(adminPermission)) {
			return refuse({ kind: 'permission-missing', permission: adminPermission });
		}
		const because = reasonAgainst(name);
		return because === undefined ? ok(name) : refuse({ kind: 'bad-name', because });
	}

	async function replacePassword(identity: Identity, next: Password, { name, keeps }: OwnChange, visit: Visit) {
		const told = { identity: identity.name, ...whence(visit) };
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
				credentialStamp: keeps ? newStampOfSameRoot(identity.credentialStamp) : newCredentialStamp(),
			};
			return change(identity, credentials, told, keeps);
		}

		const outcome = await tell('password-change', told, await replace());
		if (renamed === undefined) return outcome;
		return tell('identity-rename', { ...told, ...(outcome.ok && { newName: renamed }) }, outcome);
	}

	return {
		find: (id) => identities.find(id),
		findByName: (name) => identities.findByName(name),
		list: () => identities.list(),
		async add(wanted, told) {
			const made = await newIdentity(wanted);
			const outcome: Outcome<Identity> =
				made.ok && (await identities.insert(made.value)) === 'name-taken' ? refuse({ kind: 'name-taken' }) : made;
			const isThere = outcome.ok || (await identities.findByName(wanted.name)) !== undefined;
			return tell('identity-add', { ...(isThere && { identity: wanted.name }), ...told }, outcome);
		},
		setPassword: (id, password, { passwordChangeNeeded, policy }, told) =>
			onto('password-reset', id, told, async (identity) => {
				const made = await verifierFor(password, identity.name, policy);
				if (!made.ok) return made;
				const passwordVerifier = made.value;
				const make = () => ({ passwordVerifier, passwordChangeNeeded, credentialStamp: newCredentialStamp() });
				return changeWhatever(id, make, told);
			}),
		requirePasswordChange: (id, told) =>
			onto('password-reset', id, told, () =>
				changeWhatever(id, () => ({ passwordChangeNeeded: true, credentialStamp: newCredentialStamp() }), told),
			),
		async changePassword(identity, current, next, visit) {
			const act = { act: 'password-change', method: 'password' } as const;
			const proved = await credentials.byPassword(identity.name, current, visit, act);
			if (!proved.ok) return proved;
			const told = { identity: identity.name, ...whence(visit) };
			if (current === next) return tell('password-change', told, refuse({ kind: 'same-password' }));
			return replacePassword(proved.value, next, {}, visit);
		},
		replacePassword,
		grant: (id, permissions, told) =>
			onto('permission-grant', id, told, async () => exists(await identities.grant(id, permissions))),
		revoke: (id, permissions, told, mayBeLast) =>
			onto('permission-revoke', id, told, async () => taken(await identities.revoke(id, permissions, kept(mayBeLast)))),
		setDisabled: (id, disabled, told, mayBeLast) =>
			onto(disabled ? 'identity-disable' : 'identity-enable', id, told, async (identity) => {
				const endAll = () => sessions.endOf(id, {}, { identity: identity.name, ...told });
				// What a crash left of its sessions when it was disabled must not come back to life.
				if (identity.disabled && !disabled) await endAll();
				const outcome = taken(await identities.setDisabled(id, disabled, kept(mayBeLast)));
				if (outcome.ok && disabled) await endAll();
				return outcome;
			}),
		remove: (id, told, mayBeLast) =>
			onto('identity-remove', id, told, async (identity) => {
				const outcome = taken(await identities.remove(id, kept(mayBeLast)));
				if (outcome.ok) await sessions.endOf(id, {}, { identity: identity.name, ...told });
				return outcome;
			}),
		setupToken: () => identities.offerSetup(newSetupToken()),
		async setUp({ name, password, token, method }, visit) {
			const expected = await identities.offerSetup(newSetupToken());
			if (expected === undefined) return tell('setup', { ...visit }, refuse({ kind: 'already-set-up' }));
			if (method === 'setup-token' && !(token !== undefined && isSameSecret(token, expected))) {
				return tell('setup', { ...visit }, refuse({ kind: 'setup-token-needed' }));
			}
			const permissions = [adminPermission];
			const made = await newIdentity({ name, password, permissions, passwordChangeNeeded: false, policy: true });
			const outcome: Outcome<Identity> =
				made.ok && (await identities.insertFirst(made.value)) === 'already-set-up'
					? refuse({ kind: 'already-set-up' })
					: made;
			// A name that no identity bears may be a password in the wrong field.
			const named = outcome.ok ? { identity: name } : {};
			const event = { act: 'setup', method, ...named, ...visit } as const;
			audit.write(
				outcome.ok ? { ...event, outcome: 'ok' } : { ...event, outcome: 'refused', reason: outcome.refusal.kind },
			);
			return outcome;
		},
	};
}
