import type { Audit, AuditEvent } from './audit.ts';
import { auditedOutcome } from './audit.ts';
import type { Credentials } from './authentication.ts';
import type { Clock, Instant } from './clock.ts';
import { createCredentialChanges } from './credential-change.ts';
import { isSameStamp } from './credential-stamp.ts';
import type { Factors } from './factor.ts';
import type { Identity, IdentityId } from './identity.ts';
import { isActive } from './identity.ts';
import type { Invitation, InvitationCode, InvitationPurpose, InvitationStore } from './invitation.ts';
import { invitationKeyOf, isOver, newInvitationCode, parseInvitationCode } from './invitation.ts';
import { createNewIdentity } from './new-identity.ts';
import type { NewSession } from './opened-session.ts';
import type { Password, Passwords } from './password.ts';
import type { Outcome, Refusal } from './refusal.ts';
import { ok, refuse } from './refusal.ts';
import type { Origin, RequestContext } from './request.ts';
import { auditFieldsOf } from './request.ts';
import type { AuditFields } from './session-ends.ts';
import type { Sessions } from './sessions.ts';
import type { IdentityStore } from './stores.ts';
import { newCredentialStamp } from './token.ts';
import type { WrongTokens } from './wrong-tokens.ts';

/** An invitation just made, with the one thing that is shown once: its code. */
export interface MadeInvitation {
	readonly invitation: Invitation;
	readonly code: InvitationCode;
}

/** An invitation that was judged, and whom it invites. */
export interface OpenInvitation {
	readonly invitation: Invitation;
	readonly identity: Identity;
}

/** The verbs of an invitation's life. All but `endOf` and `sweep` write to the audit, refused or not. They reject where a store is away. */
export interface Invitations {
	/**
	 * Invites an identity, in place of an invitation before. `purpose` absent: `first-sign-in` where it has no password,
	 * else `new-password`. `by`: the administrator; absent: an operator. Refusals: `own-password` (oneself),
	 * `service-identity`, `identity-disabled`; for a new factor `password-missing` and `no-factor`, where there is none.
	 */
	make(
		identity: Identity,
		wanted: { readonly purpose?: InvitationPurpose | undefined; readonly expiresInMs: number },
		fields: AuditFields,
		by?: Identity,
	): Promise<Outcome<MadeInvitation>>;
	/**
	 * Whom a code invites; uses nothing up. Refusals: `invitation-over`, whatever it is that is wrong with it;
	 * `too-many-attempts` in its place where too many came from that address.
	 */
	look(code: string, origin: Origin): Promise<Outcome<OpenInvitation>>;
	/**
	 * Sets the password, ends every session of the identity and the one that the request carries, and opens one as a login
	 * does. Of many at once one succeeds. Refusals: those of `look`; `weak-password`, `same-password` (one that was to be
	 * changed) and `too-busy`, after which the invitation is as before; those of `Sessions.open`.
	 *
	 * For a new factor it is the present password, tried and counted as at a login: `bad-credentials`, `password-expired`,
	 * `too-many-attempts` and `too-busy` leave the invitation as before. The code stands in for the second factor, and the session
	 * waits until another one is set up. Nothing else of the identity ends before that.
	 */
	accept(code: string, password: Password, request: RequestContext): Promise<Outcome<NewSession>>;
	/** Returns whether there was one. */
	endOf(id: IdentityId): Promise<boolean>;
	/** Forgets those that are over by their time. Housekeeping: no judgement waits for it. */
	sweep(): Promise<void>;
}

export interface InvitationParts {
	readonly invitations: InvitationStore;
	readonly identities: Pick<IdentityStore, 'find' | 'changeCredentials'>;
	readonly sessions: Pick<Sessions, 'open' | 'endOf' | 'endPresented'>;
	readonly passwords: Passwords;
	readonly credentials: Pick<Credentials, 'byPassword'>;
	readonly factors?: Pick<Factors, 'levelOf'>;
	readonly wrongCodes: WrongTokens;
	readonly clock: Clock;
	readonly audit: Audit;
}

/** What an invitation to a new factor has proved: a password, and a code that was good once. */
const forFactor = { by: 'password', proved: { methods: ['pwd', 'otp'], level: 2 }, needs: 'enrolment' } as const;

export function createInvitations(parts: InvitationParts): Invitations {
	const { invitations: store, identities, sessions, passwords, credentials, factors, wrongCodes, clock, audit } = parts;
	const { verifierFor } = createNewIdentity(parts);
	const { change } = createCredentialChanges(parts);

	function tell<T>(
		act: AuditEvent['act'],
		fields: AuditFields & Pick<AuditEvent, 'purpose'>,
		outcome: Outcome<T>,
	): Outcome<T> {
		audit.write({ act, ...fields, ...auditedOutcome(outcome) });
		return outcome;
	}

	const over = () => refuse({ kind: 'invitation-over' });

	/** The invitation of a code, and whom it invites, where it is not over. */
	async function open(text: string): Promise<{ readonly found?: OpenInvitation; readonly identity?: Identity }> {
		const code = parseInvitationCode(text);
		const invitation = code && (await store.find(invitationKeyOf(code)));
		const identity = invitation && (await identities.find(invitation.identityId));
		if (invitation === undefined || identity === undefined) return {};
		const maker = invitation.madeBy && (await identities.find(invitation.madeBy));
		if (!isOver(invitation, identity, maker, clock.now())) return { found: { invitation, identity }, identity };
		// Put down where it is noticed: a clock that goes back afterwards revives nothing.
		await store.take(invitation.key);
		return { identity };
	}

	async function look(text: string, origin: Origin): Promise<Outcome<OpenInvitation>> {
		const { found, identity } = await open(text);
		if (found !== undefined) return ok(found);
		const counted = await wrongCodes.count(origin.address);
		const fields = { ...(identity && { identity: identity.name }), ...auditFieldsOf(origin) };
		return tell('invitation-use', fields, counted.ok ? over() : refuse(counted.refusal));
	}

	async function refusalToMake(
		identity: Identity,
		purpose: InvitationPurpose,
		by: Identity | undefined,
	): Promise<Refusal | undefined> {
		// A session alone, left open or stolen, must not be enough to take an identity over.
		if (by?.id === identity.id) return { kind: 'own-password' };
		if (identity.service) return { kind: 'service-identity' };
		if (!isActive(identity, clock.now())) return { kind: 'identity-disabled' };
		if (purpose !== 'new-factor') return undefined;
		if (identity.passwordVerifier === undefined) return { kind: 'password-missing' };
		const hasFactor = factors !== undefined && (await factors.levelOf(identity)) > 1;
		return hasFactor ? undefined : { kind: 'no-factor' };
	}

	/** A password that was to be changed may be known to others: it does not stay. */
	async function judgeNew({ passwordChangeNeeded, passwordVerifier, name }: Identity, password: Password) {
		if (!passwordChangeNeeded || passwordVerifier === undefined) return ok(undefined);
		const isSame = await passwords.check(passwordVerifier, password, name);
		if (!isSame.ok) return isSame;
		return isSame.value ? refuse({ kind: 'same-password' }) : ok(undefined);
	}

	async function setPassword(
		{ invitation, identity }: OpenInvitation,
		password: Password,
		request: RequestContext,
	): Promise<Outcome<Identity>> {
		const judged = await judgeNew(identity, password);
		if (!judged.ok) return judged;
		const made = await verifierFor(password, identity.name, { policy: true, of: identity });
		if (!made.ok) return made;
		// Whatever ends it meanwhile takes it away before, or changes the stamp: then nothing is changed here.
		const taken = await store.take(invitation.key);
		if (taken === undefined) return over();
		const invited = { ...identity, credentialStamp: taken.credentialStamp };
		const credentials = {
			passwordVerifier: made.value,
			passwordChangeNeeded: false,
			credentialStamp: newCredentialStamp(),
		};
		const changed = await change(invited, credentials, { identity: identity.name, ...auditFieldsOf(request) });
		return changed.ok || changed.refusal.kind !== 'credentials-changed' ? changed : over();
	}

	/** The password first: who has the link alone uses nothing up. */
	async function showPassword(
		{ invitation, identity }: OpenInvitation,
		password: Password,
		request: RequestContext,
	): Promise<Outcome<Identity>> {
		const proved = await credentials.byPassword(identity.name, password, request, { act: 'login', method: 'password' });
		if (!proved.ok) return proved;
		const taken = await store.take(invitation.key);
		const { id, credentialStamp } = proved.value;
		const isSame = taken?.identityId === id && isSameStamp(taken.credentialStamp, credentialStamp);
		return isSame ? proved : over();
	}

	return {
		async make(identity, { purpose, expiresInMs }, fields, by) {
			const meant = purpose ?? (identity.passwordVerifier === undefined ? 'first-sign-in' : 'new-password');
			const refusal = await refusalToMake(identity, meant, by);
			const about = { identity: identity.name, purpose: meant, ...fields };
			if (refusal !== undefined) return tell('invitation-add', about, refuse(refusal));
			const code = newInvitationCode();
			const madeAt = clock.now();
			const invitation: Invitation = {
				key: invitationKeyOf(code),
				identityId: identity.id,
				purpose: meant,
				credentialStamp: identity.credentialStamp,
				madeAt,
				expiresAt: (madeAt + expiresInMs) as Instant,
				...(by && { madeBy: by.id }),
			};
			await store.put(invitation);
			return tell('invitation-add', about, ok({ invitation, code }));
		},
		look,
		async accept(text, password, request) {
			const found = await look(text, request);
			if (!found.ok) return found;
			const { invitation, identity } = found.value;
			const isForFactor = invitation.purpose === 'new-factor';
			const accepted = await (isForFactor ? showPassword : setPassword)(found.value, password, request);
			const about = { identity: identity.name, purpose: invitation.purpose, ...auditFieldsOf(request) };
			tell('invitation-use', about, accepted);
			if (!accepted.ok) return accepted;
			await sessions.endPresented(request);
			return sessions.open(accepted.value, request, isForFactor ? forFactor : { by: 'password' });
		},
		endOf: (id) => store.endOf(id),
		sweep: () => store.sweep(clock.now()),
	};
}
