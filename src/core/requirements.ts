import type { ApiToken } from './api-token.ts';
import type { Instant } from './clock.ts';
import { isSameStamp } from './credential-stamp.ts';
import type { Identity, IdentityName, Permission } from './identity.ts';
import { mayUse } from './identity.ts';
import type { AuthenticatedSession } from './opened-session.ts';
import type { Refusal } from './refusal.ts';
import type { RequestContext } from './request.ts';
import type { AssuranceLevel, CredentialKind, LockedSession, Session, SessionNeed, SessionNumber } from './session.ts';
import { isSameSecret } from './token.ts';

/** One of `any`, and each of `all`. Nothing named: being logged in is enough. `kura.admin` holds all others. */
export interface RequiredPermissions {
	readonly any?: readonly Permission[] | undefined;
	readonly all?: readonly Permission[] | undefined;
}

/** What a request must satisfy. Routes, the rules of the gateway and the guards of an app around us all say it in this form. */
export interface Requirements {
	/** `open`: a locked one is not enough. */
	readonly session: 'open' | 'any';
	/** Where any will do: of the locked ones, those that wait for one of these. Absent: all. */
	readonly lockedFor?: readonly SessionNeed[] | undefined;
	/** One that was handed over to the host that is asked is enough, too. Absent: it is not. */
	readonly childSession?: 'accepted' | undefined;
	/**
	 * `token`: a request made with a session brings its XSRF token. `failed`: it had to come from a page of the host that
	 * it asks, and does not; no session is enough then, a credential that comes along is.
	 */
	readonly xsrf: 'token' | 'exempt' | 'failed';
	/** Of the session. A refused request never counts. */
	readonly countsAsActivity: boolean;
	readonly permissions?: RequiredPermissions | undefined;
	/** Absent: every kind. */
	readonly credentials?: readonly CredentialKind[] | undefined;
	/** Of the session. `highest`: the highest that its identity can reach. Absent: 1. */
	readonly assuranceLevel?: AssuranceLevel | 'highest' | undefined;
	/** How long ago that level may have been proved in the session, in milliseconds; at exactly that it is fresh. */
	readonly provedWithinMs?: number | undefined;
	/** Of a session that outlives a change of credentials: they are still those that opened it. Absent: they need not be. */
	readonly presentCredentials?: true | undefined;
	/** Whose session it is and which, where the request says so besides the token (1010data's cookie). */
	readonly claimed?: { readonly name: IdentityName; readonly number: SessionNumber } | undefined;
}

/** Whom a request acts for, by a credential that came along with the request itself. */
export interface DirectAccess {
	readonly identity: Identity;
	readonly session?: never;
	readonly credential: 'certificate' | 'basic' | 'token' | 'jwt';
	/** Absent: 1. */
	readonly level?: AssuranceLevel;
	/** Judges the certificate or the access token again that came along. Absent: there was neither. */
	readonly isStillTrusted?: () => boolean;
	/** The API token that came along, and from where; `identity` holds what it opens. Absent: there was none. */
	readonly apiToken?: { readonly token: ApiToken; readonly address: string };
}

/** Whom a request acts for: by its session, or by a credential that came along. */
export type Access = AuthenticatedSession | DirectAccess;

/**
 * The first requirement that the access does not meet, as the refusal for it. In this order: `no-session` (another one is
 * claimed), `xsrf-token-mismatch`, `session-locked` and what else a locked session is refused by, `portal-only`, `cross-site`, `credential-not-accepted`, `permission-missing`,
 * `proof-needed`, `credentials-changed`. `undefined`: all are met.
 */
export function firstUnmet(
	requirements: Requirements,
	access: Access,
	presented: Pick<RequestContext, 'xsrfToken'>,
	now: Instant,
): Refusal | undefined {
	const { permissions, credentials } = requirements;
	const { session, identity } = access;
	const refusal = session && firstUnmetBySession(requirements, session, identity, presented.xsrfToken);
	if (refusal !== undefined) return refusal;
	if (credentials !== undefined && !credentials.includes(kindOf(access))) {
		return { kind: 'credential-not-accepted', credentials, identity: identity.name };
	}
	const permission = permissions && lackedBy(identity, permissions);
	if (permission !== undefined) return { kind: 'permission-missing', permission, identity: identity.name };
	// Asked of each request, and of most nothing.
	if (requirements.assuranceLevel !== undefined || requirements.provedWithinMs !== undefined) {
		const needed = proofNeeded(requirements, access, now);
		if (needed !== undefined) return needed;
	}
	const isAsked = requirements.presentCredentials && session;
	const isMet = !isAsked || isSameStamp(session.credentialStamp, identity.credentialStamp);
	return isMet ? undefined : { kind: 'credentials-changed' };
}

/** A credential that comes along proves who asks at this moment; a token, which no person shows, never does. */
function proofNeeded(requirements: Requirements, access: Access, now: Instant): Refusal | undefined {
	const { assuranceLevel = 1, provedWithinMs } = requirements;
	const { session } = access;
	// `Sessions.check` puts the highest in its place; where nobody did, nothing less will do. A credential that can carry no second
	// factor is taken of nobody who has one (`core/authentication.ts`).
	const level = assuranceLevel === 'highest' ? (session ? 2 : 1) : assuranceLevel;
	const reached = session ? session.level : (access.level ?? 1);
	const isFresh = (at: Instant) => provedWithinMs === undefined || now - at <= provedWithinMs;
	const isMet = session
		? isFresh(level === 1 ? session.provedAt : session.leveledAt)
		: provedWithinMs === undefined || (access.credential !== 'token' && access.credential !== 'jwt');
	if (reached >= level && isMet) return undefined;
	return { kind: 'proof-needed', level, ...(provedWithinMs !== undefined && { withinMs: provedWithinMs }) };
}

/** What a locked session is refused by, where an open one is needed. */
export function refusalOfLocked({ needs }: LockedSession): Refusal {
	const kinds = {
		'second-factor': 'session-needs-factor',
		'password-change': 'session-locked',
		enrolment: 'session-needs-enrolment',
	} as const satisfies Record<SessionNeed, Refusal['kind']>;
	return { kind: kinds[needs] };
}

function firstUnmetBySession(
	{ session: needed, lockedFor, childSession, xsrf, claimed }: Requirements,
	session: Session,
	identity: Identity,
	xsrfToken: string | undefined,
): Refusal | undefined {
	if (claimed !== undefined) {
		const isName = isSameSecret(claimed.name, identity.name);
		const isNumber = isSameSecret(String(claimed.number), String(session.number));
		if (!isName || !isNumber) return { kind: 'no-session' };
	}
	if (xsrf === 'token' && !(xsrfToken !== undefined && isSameSecret(xsrfToken, session.xsrfToken))) {
		return { kind: 'xsrf-token-mismatch' };
	}
	if (session.state === 'locked' && (needed === 'open' || lockedFor?.includes(session.needs) === false)) {
		return refusalOfLocked(session);
	}
	if (session.host !== undefined && childSession !== 'accepted') return { kind: 'portal-only' };
	return xsrf === 'failed' ? { kind: 'cross-site' } : undefined;
}

function kindOf(access: Access): CredentialKind {
	return access.session ? access.session.openedBy : access.credential;
}

/** What an identity lacks, as a refusal names it: `a or b` where one of them would do. */
function lackedBy(identity: Identity, { any = [], all = [] }: RequiredPermissions): Permission | undefined {
	const missing = all.find((permission) => !mayUse(identity, permission));
	if (missing !== undefined) return missing;
	if (any.length === 0 || any.some((permission) => mayUse(identity, permission))) return undefined;
	return any.join(' or ') as Permission;
}

/** Whether a credential of this kind is worth trying. */
export function accepts({ credentials }: Requirements, kind: CredentialKind): boolean {
	return credentials === undefined || credentials.includes(kind);
}

/** The same, for a protocol that knows no XSRF tokens. */
export function withoutXsrfToken(requirements: Requirements): Requirements {
	return requirements.xsrf === 'token' ? { ...requirements, xsrf: 'exempt' } : requirements;
}

/**
 * Whether somebody was recognised, and lacks what is needed. Then no other session or credential of the same request may
 * let it in: who acts must not depend on what each of them is allowed. A session without its certificate is recognised, too:
 * who has copied one does not go on as somebody else.
 */
export function isConclusive({ kind }: Refusal): boolean {
	return kind === 'permission-missing' || kind === 'proof-needed' || kind === 'bad-certificate';
}
