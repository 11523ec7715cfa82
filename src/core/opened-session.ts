import type { Instant } from './clock.ts';
import type { Proved } from './factor.ts';
import type { Identity, IdentityName } from './identity.ts';
import type { CertificateDigest, ClientCertificate, Session, SessionNumber, SessionToken } from './session.ts';

/** A session just opened, with the one thing that is told once: its token. */
export interface NewSession {
	readonly session: Session;
	readonly token: SessionToken;
	readonly identity: Identity;
}

/** A session that was judged, and whose it is, for one request. */
export interface AuthenticatedSession<S extends Session = Session> {
	readonly session: S;
	readonly identity: Identity;
}

/** A certificate that came along with a request, and is trusted. */
export interface ShownCertificate {
	readonly name: IdentityName;
	readonly certificate: ClientCertificate;
	/** Judges it again: what is trusted may change while a login is under way. */
	isTrusted(): boolean;
}

/** How a new session is opened, besides whose it is. */
export interface OpenOptions {
	readonly by: 'password' | 'passkey' | ShownCertificate;
	/** Absent: the one factor that `by` names. `leveledAt`: where its level was proved in a session before. */
	readonly proved?: Proved & { readonly leveledAt?: Instant };
	/** It waits for this, whatever else is missing: who has proved enough by something that is good once. */
	readonly needs?: 'enrolment';
	/** What the session is bound to that this one follows. Absent: it is bound by `by` alone. */
	readonly boundTo?: CertificateDigest | undefined;
	/** `alone`: every other session of that identity and dialect ends. */
	readonly alone?: true;
	readonly number?: SessionNumber;
	/**
	 * The protocol has no way to do what a session may wait for: where that is needed, no session, and `second-factor-needed`
	 * or `password-change-needed`.
	 */
	readonly neverLocked?: true;
}
