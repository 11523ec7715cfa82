import type { Audit } from './audit.ts';
import type { Clock } from './clock.ts';
import { isSameStamp } from './credential-stamp.ts';
import { type Identity, isActive } from './identity.ts';
import type { NewSession, OpenOptions } from './opened-session.ts';
import type { Outcome } from './refusal.ts';
import { ok, refuse } from './refusal.ts';
import type { RequestContext } from './request.ts';
import { auditFieldsOf } from './request.ts';
import type { Session } from './session.ts';
import type { SessionEnds } from './session-ends.ts';
import type { IdentityStore, SessionStore } from './stores.ts';
import { keyOf, newSessionToken, newXsrfToken } from './token.ts';

export interface OpenParts {
	readonly sessions: SessionStore;
	readonly identities: Pick<IdentityStore, 'find'>;
	readonly ends: Pick<SessionEnds, 'tell'>;
	readonly clock: Clock;
	/** Sessions of one identity that may live at once; the oldest ends. */
	readonly mostPerIdentity: number;
	readonly audit: Audit;
}

/** Opens a session for an identity that has just proved itself. See `Sessions.open`. */
export type Open = (identity: Identity, request: RequestContext, opening: OpenOptions) => Promise<Outcome<NewSession>>;

export function createOpen({ sessions, identities, ends, clock, mostPerIdentity, audit }: OpenParts): Open {
	return async (identity, request, opening) => {
		const { by, act = 'login', alone, number, neverLocked } = opening;
		const shown = by === 'password' ? undefined : by;
		const openedBy = shown ? 'certificate' : 'password';
		const login = { act, method: openedBy, identity: identity.name, ...auditFieldsOf(request) } as const;
		// Rule: Kura never locks a certificate session.
		const state = !shown && identity.passwordChangeNeeded ? 'locked' : 'open';
		if (neverLocked && state === 'locked') {
			audit.write({ ...login, outcome: 'refused', reason: 'password-change-needed' });
			return refuse({ kind: 'password-change-needed' });
		}
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
			address: request.address,
			device: request.device,
			state,
			...(number !== undefined && { number }),
		};
		for (const ended of await sessions.insert(session, alone ? 'alone' : mostPerIdentity, shown?.certificate)) {
			ends.tell(ended, 'session-end', { identity: identity.name, ...auditFieldsOf(request) });
		}
		// The credentials may have changed while the password was tried: a session of the old ones must not stay.
		const present = await identities.find(identity.id);
		const mayEnter = present !== undefined && isActive(present, clock.now());
		if (!mayEnter || !isSameStamp(identity.credentialStamp, present.credentialStamp)) {
			await sessions.delete(session.key);
			audit.write({ ...login, session: session.key, outcome: 'refused', reason: 'credentials-changed' });
			return refuse({ kind: 'credentials-changed' });
		}
		// Nor one of a certificate that was revoked meanwhile: the look that ends those may have come before it was stored.
		if (shown && !shown.isTrusted()) {
			await sessions.delete(session.key);
			audit.write({ ...login, session: session.key, outcome: 'refused', reason: 'bad-certificate' });
			return refuse({ kind: 'bad-certificate' });
		}
		audit.write({ ...login, session: session.key, outcome: 'ok' });
		return ok({ session, token, identity: present });
	};
}
