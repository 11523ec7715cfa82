import type { Audit, AuditEvent } from './audit.ts';
import {
	type Authenticator,
	type AuthenticatorId,
	isUsable,
	mostAuthenticators,
	type TotpStep,
} from './authenticator.ts';
import type { AuthenticatorStore, Outdated } from './authenticator-store.ts';
import type { Clock } from './clock.ts';
import { createChangeFactors, type ToldChange } from './factor-changes.ts';
import type { Identity, IdentityId } from './identity.ts';
import { createMakeRecoveryCodes, type MakeRecoveryCodes } from './make-recovery-codes.ts';
import type { CodeHashing } from './recovery-codes.ts';
import type { Outcome, Refusal } from './refusal.ts';
import { ok, refuse } from './refusal.ts';
import type { RequestContext } from './request.ts';
import { auditFieldsOf } from './request.ts';
import type { Sealing } from './sealing.ts';
import { isInPlaceOfLost } from './session.ts';
import type { AuditFields } from './session-ends.ts';
import type { AuthenticatedSession, NewSession, Sessions } from './sessions.ts';
import type { IdentityStore } from './stores.ts';
import { newCredentialStamp, newIdentityId } from './token.ts';
import { newTotpSecret, otpauthUri, stepOf, toBase32 } from './totp.ts';
import type { SealingSource } from './totp-factor.ts';

/** What an app is to know, told once. */
export interface NewTotp {
	readonly id: AuthenticatorId;
	/** Base32. */
	readonly secret: string;
	readonly uri: string;
}

/**
 * The second factors of an identity, as itself and administrators manage them. Who asks has proved who they are at the highest
 * level of the identity: the routes see to that. What adds or removes a factor changes the credential stamp: all other sessions
 * of the identity end, and the one that did it goes on under another token.
 */
export interface SecondFactors {
	/** Oldest first; those that were never confirmed are left out. */
	list(of: IdentityId): Promise<readonly Authenticator[]>;
	/** How many are not used. */
	recoveryCodesLeft(of: IdentityId): Promise<number>;
	/** Not usable until it is confirmed; the one before that was not goes. Refusals: `not-found` (switched off, or no key), `too-many-authenticators`. */
	addTotp(identity: Identity, name: string): Promise<Outcome<NewTotp>>;
	/**
	 * By its first code, within a quarter of an hour. See `isInPlaceOfLost`. Refusals: `not-found`, `bad-credentials`, `credentials-changed`;
	 * `no-session` where it was ended or raised meanwhile, and nothing is confirmed.
	 */
	confirmTotp(
		checked: AuthenticatedSession,
		id: AuthenticatorId,
		code: string,
		request: RequestContext,
	): Promise<Outcome<NewSession>>;
	/** Refusals: `not-found`. */
	rename(identity: Identity, id: AuthenticatorId, name: string): Promise<Outcome<void>>;
	/**
	 * With the last one go the recovery codes. Refusals: `not-found`, `last-factor`, `credentials-changed`; `no-session` where it was ended
	 * or raised meanwhile, and nothing is removed.
	 */
	remove(checked: AuthenticatedSession, id: AuthenticatorId, request: RequestContext): Promise<Outcome<NewSession>>;
	readonly makeRecoveryCodes: MakeRecoveryCodes;
	/** Takes all away; all sessions end. Returns how many authenticators there were. Refusals: `not-found`. */
	reset(id: IdentityId, fields: AuditFields): Promise<Outcome<number>>;
}

export interface SecondFactorParts {
	readonly identities: Pick<IdentityStore, 'find'>;
	readonly store: AuthenticatorStore;
	readonly sessions: Pick<Sessions, 'carryOn' | 'endOf' | 'find'>;
	/** `undefined`: nobody gets codes of the time. `making`: a key is made where there is none. */
	readonly sealing: (SealingSource & { making(): Promise<Sealing> }) | undefined;
	readonly hashing: CodeHashing;
	/** What apps call the service. */
	readonly issuer: string;
	/** Whether an identity must have a factor. */
	isRequired(identity: Identity): boolean;
	readonly clock: Clock;
	readonly audit: Audit;
}

/** Milliseconds for a new one to be confirmed. */
const confirmationMs = 900_000;
const never = -1 as TotpStep;
const notFound = () => refuse({ kind: 'not-found' });

type Change = Omit<ToldChange, 'event' | 'id'>;

/** What a store says of a change. */
function doneAs(done: 'confirmed' | 'removed' | number | 'absent' | Outdated): Outcome<undefined> {
	if (done === 'absent') return notFound();
	return done === 'outdated' ? refuse({ kind: 'credentials-changed' }) : ok(undefined);
}

export function createSecondFactors(parts: SecondFactorParts): SecondFactors {
	const { identities, store, sessions, sealing, issuer, isRequired, clock, audit } = parts;
	const changeFactors = createChangeFactors(parts);

	const confirmedOf = async (id: IdentityId) =>
		(await store.list(id)).filter(({ confirmedAt }) => confirmedAt !== undefined);

	function tell(act: AuditEvent['act'], fields: AuditFields & Pick<AuditEvent, 'authenticator'>, refusal?: Refusal) {
		audit.write(
			refusal ? { act, outcome: 'refused', reason: refusal.kind, ...fields } : { act, outcome: 'ok', ...fields },
		);
	}

	/** A change by one's own session. A refusal of what is `read` first costs no session. */
	async function changing(
		checked: AuthenticatedSession,
		request: RequestContext,
		event: ToldChange['event'] & { readonly authenticator: AuthenticatorId },
		read: Outcome<Change>,
	) {
		if (read.ok) return changeFactors(checked, { ...read.value, event, id: event.authenticator }, request);
		const { act, ...fields } = event;
		tell(act, { ...fields, identity: checked.identity.name, ...auditFieldsOf(request) }, read.refusal);
		return read;
	}

	async function confirmation(
		{ session, identity }: AuthenticatedSession,
		id: AuthenticatorId,
		code: string,
	): Promise<Outcome<Change>> {
		const { id: of, credentialStamp: from } = identity;
		const now = clock.now();
		const there = await store.list(of);
		const pending = there.find((each) => each.id === id && each.confirmedAt === undefined);
		if (pending?.kind !== 'totp' || now - pending.createdAt > confirmationMs) return notFound();
		const secret = (await sealing?.present())?.unseal(pending.sealedSecret, pending);
		if (secret === undefined) return notFound();
		const step = stepOf(secret, code, now, never);
		if (step === undefined) return refuse({ kind: 'bad-credentials' });
		const stamp = newCredentialStamp();
		const alone = isInPlaceOfLost(session);
		return ok({
			...{ stamp, method: 'totp', proved: { methods: ['otp'], level: 2 } },
			make: async () => doneAs(await store.confirm(id, of, { step, at: now }, { from, to: stamp, alone })),
			// What took the place of others stays: they are gone.
			isUndone: !(alone && there.length > 1),
		});
	}

	/** With the last authenticator go the codes that stand in for it. */
	async function removal(identity: Identity, id: AuthenticatorId): Promise<Outcome<Change>> {
		const { id: of, credentialStamp: from } = identity;
		const confirmed = await confirmedOf(of);
		const found = confirmed.find((each) => each.id === id);
		if (found === undefined) return notFound();
		const others = confirmed.filter((each) => each.id !== id);
		if (isUsable(found) && !others.some(isUsable) && isRequired(identity)) return refuse({ kind: 'last-factor' });
		const change = { from, to: newCredentialStamp() };
		const make = async () => doneAs(await (others.length > 0 ? store.remove(id, of, change) : store.clear(of, change)));
		return ok({ stamp: change.to, method: found.kind === 'totp' ? 'totp' : 'passkey', make });
	}

	return {
		list: confirmedOf,
		recoveryCodesLeft: async (of) => (await store.recoveryCodes(of))?.left ?? 0,
		async addTotp({ id: identityId, name: account }, name) {
			const keys = await sealing?.making();
			if (keys === undefined) return notFound();
			const id = newIdentityId() as string as AuthenticatorId;
			const secret = newTotpSecret();
			const sealedSecret = keys.seal(secret, { id, identityId });
			const facts = { id, identityId, name, createdAt: clock.now(), failures: 0, lastStep: never };
			const done = await store.insert({ kind: 'totp', ...facts, sealedSecret }, mostAuthenticators);
			if (done === 'full') return refuse({ kind: 'too-many-authenticators' });
			if (done !== 'inserted') return notFound();
			const text = toBase32(secret);
			return ok({ id, secret: text, uri: otpauthUri(text, { issuer, account }) });
		},
		async confirmTotp(checked, id, code, request) {
			const event = { act: 'authenticator-add', method: 'totp', authenticator: id } as const;
			return changing(checked, request, event, await confirmation(checked, id, code));
		},
		async rename({ id: of }, id, name) {
			return (await store.rename(id, of, name)) ? ok(undefined) : notFound();
		},
		async remove(checked, id, request) {
			const event = { act: 'authenticator-remove', authenticator: id } as const;
			return changing(checked, request, event, await removal(checked.identity, id));
		},
		makeRecoveryCodes: createMakeRecoveryCodes(parts),
		async reset(id, fields) {
			for (;;) {
				const identity = await identities.find(id);
				if (identity === undefined) return notFound();
				const removed = await store.clear(id, { from: identity.credentialStamp, to: newCredentialStamp() });
				// Somebody was quicker: once more.
				if (removed === 'outdated') continue;
				const about = { identity: identity.name, ...fields };
				await sessions.endOf(id, {}, about);
				tell('authenticator-reset', about);
				return ok(removed);
			}
		},
	};
}
