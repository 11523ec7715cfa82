import type { Audit } from './audit.ts';
import type { Credentials } from './authentication.ts';
import type { Clock } from './clock.ts';
import { hasSameRoot, isSameStamp } from './credential-stamp.ts';
import type { Factors } from './factor.ts';
import { createHandover, type Handover } from './handover.ts';
import type { Identity, IdentityId, IdentityName } from './identity.ts';
import { isActive } from './identity.ts';
import type { SignIns } from './identity-page.ts';
import { createJudgement, type Judgement } from './judgement.ts';
import type { Activity } from './last-activity.ts';
import { createConfirm, createOpen } from './open-session.ts';
import type { AuthenticatedSession, NewSession, OpenOptions, ShownCertificate } from './opened-session.ts';
import type { Password } from './password.ts';
import type { Outcome, Refusal } from './refusal.ts';
import { refuse } from './refusal.ts';
import type { RequestContext } from './request.ts';
import { auditFieldsOf } from './request.ts';
import type { Requirements } from './requirements.ts';
import type {
	AssuranceLevel,
	DialectName,
	Limits,
	OpenSession,
	Session,
	SessionKey,
	SessionToken,
	TimeLeft,
} from './session.ts';
import { isExpired, timeLeft } from './session.ts';
import { isStolen, theftOf } from './session-binding.ts';
import type { AuditFields, SessionEnds } from './session-ends.ts';
import { createSessionEnds } from './session-ends.ts';
import type { CarryOn, Prove } from './session-proof.ts';
import { createProofs } from './session-proof.ts';
import type { IdentityStore, SessionStore } from './stores.ts';
import { isChildToken, keyOf } from './token.ts';

export type { AuthenticatedSession, NewSession, ShownCertificate } from './opened-session.ts';

/**
 * The verbs of a session's life. All times are milliseconds. A refusal is a value, and stands in the audit unless it is
 * `no-session`. A verb rejects only where a store is away.
 */
export interface Sessions
	extends Judgement,
		Pick<SessionEnds, 'drop' | 'end' | 'endOf' | 'endAll' | 'endPresented' | 'endRefused' | 'sweep'> {
	/**
	 * A login always revokes the presented session, on either channel, even if it fails; but for one that is bound to a certificate
	 * which the request does not show. A login that was not tried (`too-many-attempts`, `too-busy`, a store that is away) revokes
	 * nothing. Refusals: `bad-credentials` besides these,
	 * `credentials-changed` where they changed meanwhile. Rule: Kura, `login/password`.
	 */
	login(name: IdentityName, password: Password, request: RequestContext): Promise<Outcome<NewSession>>;
	/**
	 * `undefined`: no certificate came along, or one that is not trusted: `bad-certificate`. Other refusals: `bad-credentials`
	 * (nobody of that name), `too-many-attempts`, `credentials-changed`. Rule: Kura, `login/certificate`.
	 */
	loginByCertificate(shown: ShownCertificate | undefined, request: RequestContext): Promise<Outcome<NewSession>>;
	/**
	 * For an identity that has just proved itself. At the session limit of the identity the oldest ends. Refusals:
	 * `second-factor-needed` or `password-change-needed` where `neverLocked` and it would be; `credentials-changed` where it is not the same any more;
	 * `bad-certificate` where that is not trusted any more.
	 */
	open(identity: Identity, request: RequestContext, opening: OpenOptions): Promise<Outcome<NewSession>>;
	/**
	 * Judges a token for one request: the hot path. Refusals, in this order: `no-session` (unknown, or of another channel);
	 * `session-expired` and `credentials-changed`, told once, since they end the session; `bad-certificate` (it is bound to a
	 * certificate that the request does not show), which ends nothing; then those of `firstUnmet`
	 * (`core/requirements.ts`). Rule: Kura, `RestSessionHelper`; which of them looks alike to clients is the dialect's to say.
	 */
	check(
		token: SessionToken,
		request: RequestContext,
		requirements: Requirements & { session: 'open' },
	): Promise<Outcome<AuthenticatedSession<OpenSession>>>;
	check(
		token: SessionToken,
		request: RequestContext,
		requirements: Requirements,
	): Promise<Outcome<AuthenticatedSession>>;
	/** See `core/session-proof.ts`. */
	prove: Prove;
	carryOn: CarryOn;
	/** How long a living session still has. */
	timeLeft(session: Session): TimeLeft;
	/** Nothing is refused: a session that was ended meanwhile is over all the same. */
	logout(session: Session, identity: Identity, request: RequestContext): Promise<void>;
	/** Those that are not expired, newest first; of all identities where none is named. */
	list(of: IdentityId | undefined, limit: number): Promise<readonly Session[]>;
	/** `undefined`: unknown, or expired. Whose it is, is not looked at. */
	find(key: SessionKey): Promise<Session | undefined>;
	/** The identity of a session that lives. Counts as no activity, and ends nothing: for what the session let in before. */
	ownerOf(key: SessionKey): Promise<Identity | undefined>;
	/** See `core/handover.ts`. */
	readonly handover: Handover;
}

export interface SessionParts {
	readonly sessions: SessionStore;
	readonly identities: Pick<IdentityStore, 'find'>;
	readonly credentials: Credentials;
	readonly factors: Factors;
	/** Config: `auth.certificateLevel`. */
	readonly certificateLevel: AssuranceLevel;
	/** Sessions that a certificate opens, or raises, are bound to it. Config: `session.bindCertificate`. */
	readonly bindCertificate: boolean;
	readonly activity: Activity;
	readonly clock: Clock;
	readonly signIns: Pick<SignIns, 'record'>;
	readonly limits: Limits;
	/** Sessions of one identity that may live at once, but for those that wait for a second factor; the oldest ends. */
	readonly mostPerIdentity: number;
	/** The dialects whose sessions outlive a change of credentials that keeps the stamp's root (`core/credential-stamp.ts`). */
	readonly survivesPasswordChange: ReadonlySet<DialectName>;
	readonly audit: Audit;
}

export function createSessions(parts: SessionParts): Sessions {
	const { sessions, identities, credentials, activity, clock, limits, survivesPasswordChange, audit } = parts;
	const ends = createSessionEnds(parts);
	const open = createOpen({ ...parts, ends });
	const judgement = createJudgement(parts);
	const handover = createHandover({ sessions, living, clock, limits, audit });

	/** The identity is still the one that opened this session. */
	function isOf(session: Session, identity: Identity | undefined): identity is Identity {
		if (identity === undefined || !isActive(identity, clock.now())) return false;
		const holds = survivesPasswordChange.has(session.dialect) ? hasSameRoot : isSameStamp;
		return holds(session.credentialStamp, identity.credentialStamp);
	}

	/** A session's times, with the activity that no store has heard of yet. */
	const timesOf = (session: Session) => ({ openedAt: session.openedAt, lastActivityAt: activity.lastOf(session) });

	function isOver(session: Session, now = clock.now()): boolean {
		return isExpired(timesOf(session), now, limits);
	}

	async function openIf(
		proved: Outcome<Identity>,
		request: RequestContext,
		by: OpenOptions['by'],
	): Promise<Outcome<NewSession>> {
		if (proved.ok || wasTried(proved.refusal)) await ends.endPresented(request);
		return proved.ok ? open(proved.value, request, { by }) : proved;
	}

	/** A session that lives, and whose it is. */
	async function living(key: SessionKey): Promise<AuthenticatedSession | undefined> {
		const session = await sessions.find(key);
		if (session === undefined || isOver(session)) return undefined;
		const identity = await identities.find(session.identityId);
		return isOf(session, identity) ? { session, identity } : undefined;
	}

	async function check(
		token: SessionToken,
		request: RequestContext,
		requirements: Requirements,
	): Promise<Outcome<AuthenticatedSession>> {
		const session = await (isChildToken(token)
			? handover.parentOf(token, request)
			: sessions.find(keyOf(token, request)));
		if (session === undefined) return refuse({ kind: 'no-session' });
		const identity = await identities.find(session.identityId);
		const now = clock.now();
		if (isOver(session, now)) {
			await ends.drop(session, 'session-expiry', about(identity, request));
			return refuse({ kind: 'session-expired' });
		}
		if (!isOf(session, identity)) {
			// While factors change, a parent is a step ahead of its identity (`carryOn`): its own token ends it, if it is over.
			if (!isChildToken(token)) await ends.drop(session, 'session-end', about(identity, request));
			return refuse({ kind: 'credentials-changed' });
		}
		if (isStolen(session, request)) {
			audit.write(theftOf(session, request, { identity: identity.name }));
			return refuse({ kind: 'bad-certificate' });
		}
		const checked = { session, identity };
		const isKnown = requirements.assuranceLevel !== 'highest';
		const needed = isKnown ? requirements : await judgement.resolve(requirements, identity);
		const judged = judgement.judge(checked, needed, request, now);
		if (!judged.ok) return refuse(await judgement.withMethods(judged.refusal, checked));
		if (requirements.countsAsActivity) activity.record(session, now);
		return judged;
	}

	return {
		async login(name, password, request) {
			const proved = await credentials.byPassword(name, password, request, { act: 'login', method: 'password' });
			return openIf(proved, request, 'password');
		},
		async loginByCertificate(shown, request) {
			const login = { act: 'login', method: 'certificate' } as const;
			if (shown === undefined) {
				audit.write({ ...login, outcome: 'refused', reason: 'bad-certificate', ...auditFieldsOf(request) });
				await ends.endPresented(request);
				return refuse({ kind: 'bad-certificate' });
			}
			const proved = await credentials.byCertificate(shown.name, request, login);
			return openIf(proved, request, shown);
		},
		open,
		...judgement,
		...createProofs({ ...parts, ends, confirm: createConfirm(parts) }),
		check: check as Sessions['check'],
		timeLeft: (session) => timeLeft(timesOf(session), clock.now(), limits),
		async logout(session, identity, request) {
			await ends.dropRaised(session, 'logout', { identity: identity.name, ...auditFieldsOf(request) });
		},
		async list(of, limit) {
			const kept = await sessions.list(of, limit);
			const alive = kept.filter((session) => !isOver(session));
			return alive.map((session) => ({ ...session, lastActivityAt: activity.lastOf(session) }));
		},
		async find(key) {
			const session = await sessions.find(key);
			return session === undefined || isOver(session) ? undefined : session;
		},
		ownerOf: async (key) => (await living(key))?.identity,
		handover,
		drop: ends.drop,
		end: ends.end,
		endOf: ends.endOf,
		endPresented: ends.endPresented,
		endRefused: ends.endRefused,
		endAll: ends.endAll,
		sweep: ends.sweep,
	};
}

/** Where no credential was tried, nothing has happened: a client that asks again with the same session must find it alive. */
function wasTried({ kind }: Refusal): boolean {
	return kind !== 'too-many-attempts' && kind !== 'too-busy';
}

/** Without a name where the identity was removed. */
function about(identity: Identity | undefined, request: RequestContext): AuditFields {
	return { ...(identity && { identity: identity.name }), ...auditFieldsOf(request) };
}
