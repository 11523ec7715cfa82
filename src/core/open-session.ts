import type { Audit, AuditEvent } from './audit.ts';
import type { Clock } from './clock.ts';
import { isSameStamp } from './credential-stamp.ts';
import type { Factors } from './factor.ts';
import { type Identity, isActive } from './identity.ts';
import type { SignIns } from './identity-page.ts';
import type { NewSession, OpenOptions, ShownCertificate } from './opened-session.ts';
import type { Outcome, Refusal } from './refusal.ts';
import { ok, refuse } from './refusal.ts';
import type { RequestContext } from './request.ts';
import { auditFieldsOf } from './request.ts';
import type { AssuranceLevel, Session, SessionNeed } from './session.ts';
import { firstMethodOf, mostOf, stateOf } from './session.ts';
import { digestOfShown } from './session-binding.ts';
import type { SessionEnds } from './session-ends.ts';
import type { IdentityStore, SessionStore } from './stores.ts';
import { keyOf, newSessionToken, newXsrfToken } from './token.ts';

export interface OpenParts {
	readonly sessions: SessionStore;
	readonly identities: Pick<IdentityStore, 'find'>;
	readonly factors: Factors;
	/** Config: `auth.certificateLevel`. */
	readonly certificateLevel: AssuranceLevel;
	/** Config: `session.bindCertificate`. */
	readonly bindCertificate: boolean;
	readonly ends: Pick<SessionEnds, 'tell'>;
	readonly clock: Clock;
	readonly signIns: Pick<SignIns, 'record'>;
	/** Sessions of one identity that may live at once, but for those that wait for a second factor; the oldest ends. */
	readonly mostPerIdentity: number;
	readonly audit: Audit;
}

/** Opens a session for an identity that has just proved itself. See `Sessions.open`. */
export type Open = (identity: Identity, request: RequestContext, opening: OpenOptions) => Promise<Outcome<NewSession>>;

export function createOpen(parts: OpenParts): Open {
	const { sessions, factors, certificateLevel, bindCertificate, ends, clock, mostPerIdentity, audit } = parts;
	const confirm = createConfirm(parts);

	return async (identity, request, opening) => {
		const { by, alone, number, neverLocked } = opening;
		const shown = typeof by === 'string' ? undefined : by;
		const openedBy = typeof by === 'string' ? by : 'certificate';
		const proved = opening.proved ?? { methods: [firstMethodOf(openedBy)], level: shown ? certificateLevel : 1 };
		// Rule: Kura never locks a certificate session.
		const need = shown ? undefined : (opening.needs ?? (await factors.needOf(identity, proved)));
		const about = { act: 'login', method: openedBy, identity: identity.name, ...auditFieldsOf(request) } as const;
		const login = { ...about, device: request.device, ...(need && { needs: need }) };
		if (neverLocked && need !== undefined) {
			const refusal = withoutSession(need);
			audit.write({ ...login, outcome: 'refused', reason: refusal.kind });
			return refuse(refusal);
		}
		const boundTo = opening.boundTo ?? (bindCertificate && shown ? digestOfShown(shown) : undefined);
		const token = newSessionToken();
		const now = clock.now();
		const session: Session = {
			key: keyOf(token, request),
			dialect: request.dialect,
			identityId: identity.id,
			xsrfToken: newXsrfToken(),
			openedAt: now,
			lastActivityAt: now,
			credentialStamp: identity.credentialStamp,
			openedBy,
			methods: proved.methods,
			level: proved.level,
			provedAt: now,
			leveledAt: opening.proved?.leveledAt ?? now,
			address: request.address,
			device: request.device,
			...(boundTo !== undefined && { boundTo }),
			...(number !== undefined && { number }),
			...stateOf(need),
		};
		const keep = alone ? 'alone' : mostOf(session, mostPerIdentity);
		for (const ended of await sessions.insert(session, keep, shown?.certificate)) {
			ends.tell(ended, 'session-end', { identity: identity.name, ...auditFieldsOf(request) });
		}
		return confirm({ session, token, identity }, shown, login);
	};
}

/** What an opened session that waits for something is refused by, in a protocol that cannot give it. */
function withoutSession(need: SessionNeed): Refusal {
	return { kind: need === 'password-change' ? 'password-change-needed' : 'second-factor-needed' };
}

/** Looks again at what a session that was just kept rests upon, and takes it back where that is over. Writes to the audit which it was. */
export type Confirm = (
	opened: NewSession,
	shown: ShownCertificate | undefined,
	event: Omit<AuditEvent, 'outcome'>,
) => Promise<Outcome<NewSession>>;

export function createConfirm({
	sessions,
	identities,
	clock,
	signIns,
	audit,
}: Pick<OpenParts, 'sessions' | 'identities' | 'clock' | 'signIns' | 'audit'>): Confirm {
	return async ({ session, token, identity }, shown, event) => {
		async function takeBack(kind: 'credentials-changed' | 'bad-certificate') {
			await sessions.delete(session.key);
			audit.write({ ...event, session: session.key, outcome: 'refused', reason: kind });
			return refuse({ kind });
		}
		// The credentials may have changed while the password was tried: a session of the old ones must not stay.
		const present = await identities.find(identity.id);
		const mayEnter = present !== undefined && isActive(present, clock.now());
		if (!mayEnter || !isSameStamp(identity.credentialStamp, present.credentialStamp)) {
			return takeBack('credentials-changed');
		}
		// Nor one of a certificate that was revoked meanwhile: the look that ends those may have come before it was stored.
		if (shown && !shown.isTrusted()) return takeBack('bad-certificate');
		audit.write({ ...event, session: session.key, outcome: 'ok' });
		// A proof changes nothing: the session is as old as it was.
		if (session.state === 'open') signIns.record(identity.id, session.openedAt);
		return ok({ session, token, identity: present });
	};
}
