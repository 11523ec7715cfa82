import type { Brand } from './brand.ts';
import type { Instant } from './clock.ts';
import type { CredentialStamp, IdentityId } from './identity.ts';

/** The secret in the cookie: 256 random bits, base64url. Never logged; never stored as it is. */
export type SessionToken = Brand<string, 'SessionToken'>;

/** SHA-256 of a SessionToken, its channel, and the host of a child session, hex. What stores keep, logs show and operators type. */
export type SessionKey = Brand<string, 'SessionKey'>;

/** A UUID: the second secret, in `X-XSRF-Token`. */
export type XsrfToken = Brand<string, 'XsrfToken'>;

/** The protocol a session was opened by, as `kura`. */
export type DialectName = Brand<string, 'DialectName'>;

/** A client certificate: its DER in base64. Kept beside the session that it opened, to be judged again. Never logged. */
export type ClientCertificate = Brand<string, 'ClientCertificate'>;

/** SHA-256 of a client certificate in DER, hex. Names a certificate and proves nothing. */
export type CertificateDigest = Brand<string, 'CertificateDigest'>;

/** A number that a dialect shows to its clients in place of the key (1010data's `sid`). Opens nothing. */
export type SessionNumber = Brand<number, 'SessionNumber'>;

/** The name of a host in its one spelling, without a port: cookies know no ports. */
export type HostName = Brand<string, 'HostName'>;

/**
 * Kinds of credentials. A session was opened by a `password`, a `passkey` or a `certificate`; a `certificate` or `basic` comes along with
 * the request itself, an API token (`token`) or an access token (`jwt`), too.
 */
export type CredentialKind = 'password' | 'passkey' | 'certificate' | 'basic' | 'token' | 'jwt';

/** Kinds of second factors; see `core/factor.ts`. */
export type FactorKind = 'passkey' | 'totp' | 'recovery-code';

/** What was used to prove who somebody is: a password, one-time code, key in hardware, key in software, touch or PIN, certificate. Source: RFC 8176. */
export type AuthenticationMethod = 'pwd' | 'otp' | 'hwk' | 'swk' | 'user' | 'pop';

/** How sure we are who somebody is: 1, one factor; 2, two of them, or one that counts for two. Source: NIST SP 800-63B-4, AAL. */
export type AssuranceLevel = 1 | 2;

/** What a locked session waits for. Where several are missing: the first of them, in this order. */
export type SessionNeed = 'second-factor' | 'password-change' | 'enrolment';

/** What was proved in a session. */
export interface Assurance {
	/** All that were used, each once. */
	readonly methods: readonly AuthenticationMethod[];
	readonly level: AssuranceLevel;
	/** When something was proved last, whatever it was. */
	readonly provedAt: Instant;
	/**
	 * When something that reaches `level` was proved last. Both moments are needed: a fresh password must not make an old
	 * second factor fresh, and need not be shown again where the first factor is enough.
	 */
	readonly leveledAt: Instant;
}

/** Where a token travels. A token is worth something on the channel that it was issued on, and on no other. */
export interface Channel {
	readonly dialect: DialectName;
	/** Over TLS, ours or a trusted proxy's. */
	readonly secure: boolean;
	/** The host that was asked; counts for tokens of child sessions alone. `undefined`: not known for sure. */
	readonly host?: HostName | undefined;
}

interface SessionFacts extends Assurance {
	readonly key: SessionKey;
	readonly dialect: DialectName;
	readonly identityId: IdentityId;
	/** One for each key: a session that is raised gets another. */
	readonly xsrfToken: XsrfToken;
	readonly openedAt: Instant;
	readonly lastActivityAt: Instant;
	/** `Identity.credentialStamp` at login. */
	readonly credentialStamp: CredentialStamp;
	/** Which credential opened it. */
	readonly openedBy: 'password' | 'passkey' | 'certificate';
	/** Requests must show this certificate, too. Absent: it is bound to none. See `core/session-binding.ts`. */
	readonly boundTo?: CertificateDigest;
	/** Only where the dialect numbers its sessions. */
	readonly number?: SessionNumber;
	/** For people who look at the list of their sessions: the address, and a short name of the device ("Firefox on Linux"). */
	readonly address: string;
	readonly device: string;
	/**
	 * It was shown by the token of a child session on this host, and has that one's XSRF token; all else, the key too, is the
	 * parent's. Never kept.
	 */
	readonly host?: HostName;
}

/** May use whatever its identity may use. */
export interface OpenSession extends SessionFacts {
	readonly state: 'open';
}

/**
 * May fetch its XSRF token, log out, and do what it waits for (`Requirements.lockedFor`); nothing else. Rule: Kura `RestService`;
 * logout and `needs`: ours.
 */
export interface LockedSession extends SessionFacts {
	readonly state: 'locked';
	readonly needs: SessionNeed;
}

export type Session = OpenSession | LockedSession;

/**
 * What is set up in a session that waits for it takes the place of all that there was: who was let in without any has lost them
 * (`Invitations.accept`), or has none.
 */
export function isInPlaceOfLost(session: Session): boolean {
	return session.state === 'locked' && session.needs === 'enrolment';
}

/**
 * What the password alone has opened of an identity with a second factor. Such sessions are counted by themselves: with the password
 * alone nobody pushes out a session that the factor has opened.
 */
export function waitsForFactor(session: Session): boolean {
	return session.state === 'locked' && session.needs === 'second-factor';
}

/** How many of them one identity has at the most; the oldest ends. */
const mostWaiting = 100;

/** How many there may be of a session's kind, with it. `most`: of those that wait for no factor. */
export function mostOf(session: Session, most: number): number {
	return waitsForFactor(session) ? mostWaiting : most;
}

/** The session as one of its children shows it. */
export function asShownBy(child: ChildSession, parent: Session): Session {
	return { ...parent, xsrfToken: child.xsrfToken, host: child.host };
}

/**
 * What a session is on another host than the one that it was opened on: a token of that host's own. Everything else is the
 * parent's: it lives while the parent lives, and is used when the parent is.
 */
export interface ChildSession {
	readonly key: SessionKey;
	readonly parent: SessionKey;
	readonly host: HostName;
	readonly xsrfToken: XsrfToken;
	readonly openedAt: Instant;
}

export interface Limits {
	/** Milliseconds without a request; 0 is no limit. Config: `session.inactivityInterval`. */
	readonly inactivityMs: number;
	/** Milliseconds since login; 0 is no limit. Config: `session.absoluteLifetime`. */
	readonly lifetimeMs: number;
}

/** By silence or by age. At exactly the limit it still lives. Rule: Kura `RestSessionHelper.isSessionExpired`. */
export function isExpired(
	session: Pick<Session, 'openedAt' | 'lastActivityAt'>,
	now: Instant,
	limits: Limits,
): boolean {
	const exceeds = (ms: number, limitMs: number) => limitMs > 0 && ms > limitMs;
	return (
		exceeds(now - session.lastActivityAt, limits.inactivityMs) || exceeds(now - session.openedAt, limits.lifetimeMs)
	);
}

/** What opened a session, as a method. */
export function firstMethodOf(openedBy: Session['openedBy']): AuthenticationMethod {
	return openedBy === 'certificate' ? 'pop' : openedBy === 'passkey' ? 'hwk' : 'pwd';
}

/** `undefined`: a session waits for nothing. */
export function stateOf(
	need: SessionNeed | undefined,
): Pick<OpenSession, 'state'> | Pick<LockedSession, 'state' | 'needs'> {
	return need === undefined ? { state: 'open' } : { state: 'locked', needs: need };
}

/** A session as a store has it: what says nothing new may be left out, and a version before knew none of it. */
export type Kept = Omit<SessionFacts, keyof Assurance> &
	Partial<Assurance> & { readonly state: Session['state']; readonly needs?: SessionNeed };

/** A session that says nothing of it was opened by one factor, and proved when it was opened; locked, it waits for another password. */
export function completed({ state, needs = 'password-change', ...facts }: Kept): Session {
	const { openedAt, openedBy } = facts;
	const { methods = [firstMethodOf(openedBy)], level = 1, provedAt = openedAt, leveledAt = openedAt } = facts;
	const session = { ...facts, methods, level, provedAt, leveledAt };
	return { ...session, ...stateOf(state === 'locked' ? needs : undefined) };
}

/** Until a session is over, should nobody use it. Milliseconds; absent where there is no such limit. */
export interface TimeLeft {
	readonly inactivityIntervalMs?: number;
	readonly untilInactiveMs?: number;
	readonly untilTooOldMs?: number;
}

export function timeLeft(
	session: Pick<Session, 'openedAt' | 'lastActivityAt'>,
	now: Instant,
	{ inactivityMs, lifetimeMs }: Limits,
): TimeLeft {
	const until = (end: number) => Math.max(0, end - now);
	return {
		...(inactivityMs > 0 && {
			inactivityIntervalMs: inactivityMs,
			untilInactiveMs: until(session.lastActivityAt + inactivityMs),
		}),
		...(lifetimeMs > 0 && { untilTooOldMs: until(session.openedAt + lifetimeMs) }),
	};
}
