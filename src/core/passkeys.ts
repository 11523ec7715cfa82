import type { Audit, AuditEvent } from './audit.ts';
import type { AuthenticatorId, CredentialId, WebAuthnAuthenticator } from './authenticator.ts';
import { isUsable, mostAuthenticators } from './authenticator.ts';
import type { AuthenticatorStore } from './authenticator-store.ts';
import { type Ceremonies, ceremonyLifetimeMs } from './ceremonies.ts';
import type { Clock } from './clock.ts';
import { createChangeFactors, type ToldChange } from './factor-changes.ts';
import { type Identity, isActive } from './identity.ts';
import type { AuthenticatedSession, NewSession } from './opened-session.ts';
import {
	type CredentialDescriptor,
	creationOptions,
	type NewPasskey,
	type PasskeyFlaw,
	type PasskeyVerifier,
	type RelyingParty,
	requestOptions,
	type ShownRegistration,
} from './passkey.ts';
import { type JudgeAssertion, provedByPasskey, type ShownPasskey, userHandleOf } from './passkey-assertions.ts';
import type { Outcome } from './refusal.ts';
import { ok, refuse } from './refusal.ts';
import type { RequestContext } from './request.ts';
import { auditFieldsOf } from './request.ts';
import { isInPlaceOfLost } from './session.ts';
import type { Sessions } from './sessions.ts';
import type { IdentityStore } from './stores.ts';
import type { BrowserNonce, NonceDigest } from './ticket.ts';
import { newIdentityId, newStampOfSameRoot } from './token.ts';

export interface Passkeys {
	/** For a browser that shows no session: the same for everybody. */
	challengeBrowser(relyingParty: RelyingParty, browser: NonceDigest): Promise<ReturnType<typeof requestOptions>>;
	/** For a locked session, or for an open one that proves once more: names the passkeys of its identity. */
	challengeSession(
		relyingParty: RelyingParty,
		checked: AuthenticatedSession,
	): Promise<ReturnType<typeof requestOptions>>;
	challengeRegistration(
		relyingParty: RelyingParty,
		checked: AuthenticatedSession,
	): Promise<ReturnType<typeof creationOptions>>;
	/**
	 * A login by a passkey alone, which must have verified the person. It revokes the presented session, even if it fails. Refusals:
	 * `bad-credentials`, whatever is wrong; those of `Sessions.open`.
	 */
	login(shown: ShownPasskey, nonces: readonly BrowserNonce[], request: RequestContext): Promise<Outcome<NewSession>>;
	/**
	 * Adds a passkey to the identity of a session (see `isInPlaceOfLost`). All its other sessions end; this one is raised, with another token and XSRF token.
	 * One that was ended or raised meanwhile adds none: `no-session`.
	 * Refusals: `passkey-refused`; `passkey-taken`; `too-many-authenticators`; those of `Sessions.carryOn`.
	 */
	register(
		checked: AuthenticatedSession,
		shown: { readonly name: string; readonly credential: ShownRegistration; readonly relyingParty: RelyingParty },
		request: RequestContext,
	): Promise<Outcome<NewSession & { readonly id: AuthenticatorId }>>;
}

export interface PasskeyParts {
	readonly store: Pick<AuthenticatorStore, 'list' | 'findByCredential' | 'insert' | 'remove'>;
	readonly identities: Pick<IdentityStore, 'find'>;
	readonly ceremonies: Ceremonies;
	readonly verifier: PasskeyVerifier;
	judge: JudgeAssertion;
	readonly sessions: Pick<Sessions, 'open' | 'carryOn' | 'endOf' | 'endPresented'>;
	/** By its AAGUID. Config: `auth.passkey`. */
	isAllowedModel(aaguid: string): boolean;
	readonly clock: Clock;
	readonly audit: Audit;
}

export function createPasskeys(parts: PasskeyParts): Passkeys {
	const { store, identities, ceremonies, verifier, judge, sessions, isAllowedModel, clock, audit } = parts;
	const changeFactors = createChangeFactors(parts);

	async function passkeysOf({ id }: Identity): Promise<readonly WebAuthnAuthenticator[]> {
		return (await store.list(id)).flatMap((one) => (one.kind === 'webauthn' ? one : []));
	}

	function asking({ session, identity }: AuthenticatedSession) {
		return { session: session.key, identityId: identity.id } as const;
	}

	/** The identity that a passkey proves by itself, or what is wrong. */
	async function prove(shown: ShownPasskey, nonces: readonly BrowserNonce[], request: RequestContext) {
		const judged = await judge(shown, { purpose: 'login', answering: { nonces }, isAlone: true, request });
		if (!judged.ok) return { flaw: judged.flaw };
		const { authenticator, proved } = judged.value;
		const identity = await identities.find(authenticator.identityId);
		if (identity === undefined || identity.service || !isActive(identity, clock.now())) {
			return { flaw: 'passkey-owner' as const, name: identity?.name };
		}
		// One that was removed before its identity was read; a later removal changes the stamp, which `open` looks at again.
		const isStillThere = (await passkeysOf(identity)).some(({ id }) => id === authenticator.id);
		return isStillThere ? { identity, proved } : { flaw: 'passkey-unknown' as const, name: identity.name };
	}

	async function read(
		checked: AuthenticatedSession,
		credential: ShownRegistration,
		relyingParty: RelyingParty,
	): Promise<NewPasskey | PasskeyFlaw> {
		const challenge = await ceremonies.finish('register', credential, asking(checked));
		if (challenge === undefined) return 'passkey-challenge';
		const verified = await verifier.registration(credential, { challenge, relyingParty });
		if (!verified.ok) return verified.flaw;
		return isAllowedModel(verified.value.aaguid) ? verified.value : 'passkey-model';
	}

	/** What can be known before a session is taken for it. `beside`: how many there are besides. */
	async function obstacleTo({ credentialId }: NewPasskey, beside: number) {
		if ((await store.findByCredential(credentialId as CredentialId)) !== undefined) return refusals.taken;
		return beside >= mostAuthenticators ? refusals.full : undefined;
	}

	return {
		async challengeBrowser(relyingParty, browser) {
			verifier.prepare();
			return requestOptions(relyingParty, await ceremonies.begin('login', { browser }), ceremonyLifetimeMs);
		},
		async challengeSession(relyingParty, checked) {
			verifier.prepare();
			const usable = (await passkeysOf(checked.identity))
				.filter(isUsable)
				.filter(({ rpId }) => rpId === relyingParty.id);
			const purpose = checked.session.state === 'locked' ? 'login' : 'proof';
			const challenge = await ceremonies.begin(purpose, asking(checked));
			return requestOptions(relyingParty, challenge, ceremonyLifetimeMs, usable.map(descriptorOf));
		},
		async challengeRegistration(relyingParty, checked) {
			verifier.prepare();
			const { id, name } = checked.identity;
			const taken = (await passkeysOf(checked.identity)).map(descriptorOf);
			const challenge = await ceremonies.begin('register', asking(checked));
			return creationOptions(relyingParty, challenge, ceremonyLifetimeMs, { id: userHandleOf(id), name }, taken);
		},
		async login(shown, nonces, request) {
			const { identity, proved, flaw, name } = await prove(shown, nonces, request);
			await sessions.endPresented(request);
			if (identity !== undefined) return sessions.open(identity, request, { by: 'passkey', proved });
			const event = { act: 'login', method: 'passkey', outcome: 'refused', reason: flaw } as const;
			audit.write({ ...event, ...(name !== undefined && { identity: name }), ...auditFieldsOf(request) });
			return refuse({ kind: 'bad-credentials' });
		},
		async register(checked, { name, credential, relyingParty }, request) {
			const { identity, session } = checked;
			const event = { act: 'authenticator-add', method: 'passkey' } as const;
			const deny = (reason: NonNullable<AuditEvent['reason']>) =>
				audit.write({ ...event, identity: identity.name, ...auditFieldsOf(request), outcome: 'refused', reason });
			const passkey = await read(checked, credential, relyingParty);
			if (typeof passkey === 'string') {
				deny(passkey);
				return refuse({ kind: 'passkey-refused' });
			}
			const alone = isInPlaceOfLost(session);
			const there = await store.list(identity.id);
			const kind = await obstacleTo(passkey, alone ? 0 : there.length);
			if (kind !== undefined) {
				deny(kind);
				return refuse({ kind });
			}
			const id = newIdentityId() as string as AuthenticatorId;
			const stamp = newStampOfSameRoot(identity.credentialStamp);
			const added = authenticatorOf(passkey, id, identity, { name, credential, relyingParty }, clock);
			const change: ToldChange = {
				...{ event, id, stamp, method: 'passkey', proved: provedByPasskey(passkey) },
				async make() {
					const by = { from: identity.credentialStamp, to: stamp, alone };
					const done = await store.insert(added, mostAuthenticators, by);
					return done === 'inserted' ? ok(undefined) : refuse({ kind: refusals[done] });
				},
				// What took the place of others stays: they are gone.
				isUndone: !(alone && there.length > 0),
			};
			const raised = await changeFactors(checked, change, request);
			return raised.ok ? ok({ ...raised.value, id }) : raised;
		},
	};
}

const refusals = {
	full: 'too-many-authenticators',
	taken: 'passkey-taken',
	absent: 'credentials-changed',
	outdated: 'credentials-changed',
} as const;

function descriptorOf({ credentialId, transports }: WebAuthnAuthenticator): CredentialDescriptor {
	return { type: 'public-key', id: credentialId, ...(transports.length > 0 && { transports }) };
}

function authenticatorOf(
	passkey: NewPasskey,
	id: AuthenticatorId,
	{ id: identityId }: Identity,
	{ name, credential, relyingParty }: Parameters<Passkeys['register']>[1],
	clock: Clock,
): WebAuthnAuthenticator {
	const { credentialId, publicKey, signCount, aaguid, userVerified: uv, backupEligible, backedUp } = passkey;
	const now = clock.now();
	return {
		...{ kind: 'webauthn', id, identityId, name, createdAt: now, confirmedAt: now, failures: 0 },
		...{ credentialId: credentialId as CredentialId, publicKey, signCount, aaguid, uv, backupEligible, backedUp },
		transports: credential.response.transports ?? [],
		rpId: relyingParty.id,
	};
}
