import type { Audit } from './audit.ts';
import type { Credentials } from './authentication.ts';
import type { Clock } from './clock.ts';
import type { FactorKind, FactorProof, Factors, Proved } from './factor.ts';
import type { CredentialStamp } from './identity.ts';
import type { Confirm } from './open-session.ts';
import type { AuthenticatedSession, NewSession, ShownCertificate } from './opened-session.ts';
import type { Password } from './password.ts';
import type { Outcome } from './refusal.ts';
import { ok, refuse } from './refusal.ts';
import type { RequestContext } from './request.ts';
import { auditFieldsOf } from './request.ts';
import { refusalOfLocked } from './requirements.ts';
import type { AssuranceLevel, Session, SessionKey } from './session.ts';
import { mostOf, stateOf } from './session.ts';
import { digestOfShown } from './session-binding.ts';
import type { SessionEnds } from './session-ends.ts';
import type { SessionStore } from './stores.ts';
import { keyOf, newSessionToken, newXsrfToken } from './token.ts';

/**
 * How long ago somebody may have proved who they are before they change who may log in, or end the sessions of others. A
 * script in an application behind us has the session of the person who looks at it, but not their password. Ours; source: OWASP
 * ASVS 5.0, 7.5.1 and 7.5.3.
 */
export const proofMs = 300_000;

/** By a certificate: `undefined` where none came along, or one that is not trusted. */
export type Proof =
	| { readonly by: 'password'; readonly password: Password }
	| { readonly by: 'certificate'; readonly shown: ShownCertificate | undefined }
	| FactorProof;

/**
 * Proves more in a session, or once more. Right: the session is raised. It gets another token and another XSRF token, and
 * with them another key: to a holder of the old ones it is over, also to a request that is under way, and to a Latchkey of a
 * version before. All else goes on: its age, its number, what it is bound to, its child sessions, which rise with it. Where it
 * waited for a second factor, and there are more now than may live at once, the oldest of the others end. Wrong: it lives on as
 * it was.
 *
 * An open session proves by anything; a locked one that waits for a second factor, or to enrol one, by a factor alone. Then it
 * waits for what comes next, or is open.
 *
 * Refusals: `bad-credentials`, `bad-certificate`; `too-many-attempts`, `too-busy` (a wrong proof counts as a wrong
 * login); `no-session` where the session was ended or raised meanwhile, which a proof does not undo; `credentials-changed`; those
 * of a locked session. Source: OWASP ASVS 5.0, 7.2.4 and 7.5.1.
 */
export type Prove = (
	checked: AuthenticatedSession,
	proof: Proof,
	request: RequestContext,
) => Promise<Outcome<NewSession>>;

/** A change of the second factors of an identity, by one of its sessions. */
export interface FactorChange {
	readonly method: FactorKind;
	/** The stamp that the identity gets by it. */
	readonly stamp: CredentialStamp;
	/** What was proved with it. */
	readonly proved?: Proved;
	/** `next`: the session that goes on. */
	make(next: SessionKey): Promise<Outcome<unknown>>;
	/** Where the session was ended while it was made. Absent: then it was made before that. */
	undo?(): Promise<unknown>;
}

/**
 * Makes a change, and goes on with the session that asked. It gets another token and another XSRF token, as by a proof; of what was
 * proved in it nothing gets fresher, unless something was `proved` with the change. It is taken before anything is changed, so that one
 * that was ended or raised meanwhile changes nothing; if the change is refused then, or a store is away, the session is over. Refusals:
 * `no-session`, `credentials-changed`; those of the change.
 */
export type CarryOn = (
	checked: AuthenticatedSession,
	change: FactorChange,
	request: RequestContext,
) => Promise<Outcome<NewSession>>;

export interface ProveParts {
	readonly credentials: Credentials;
	readonly sessions: Pick<SessionStore, 'find' | 'replace'>;
	readonly factors: Factors;
	/** Config: `auth.certificateLevel`. */
	readonly certificateLevel: AssuranceLevel;
	/** Config: `session.bindCertificate`. */
	readonly bindCertificate: boolean;
	readonly ends: Pick<SessionEnds, 'drop' | 'tell'>;
	readonly confirm: Confirm;
	/** Sessions of one identity that may live at once, but for those that wait for a second factor; the oldest ends. */
	readonly mostPerIdentity: number;
	readonly clock: Clock;
	readonly audit: Audit;
}

export function createProofs(parts: ProveParts): { readonly prove: Prove; readonly carryOn: CarryOn } {
	const { credentials, sessions, factors, ends, confirm, clock, audit } = parts;

	async function tryProof(
		{ session, identity }: AuthenticatedSession,
		proof: Proof,
		request: RequestContext,
	): Promise<Outcome<Proved>> {
		const { name, id } = identity;
		const act = { act: 'proof', method: proof.by } as const;
		const refused = { ...act, outcome: 'refused', identity: name, ...auditFieldsOf(request) } as const;
		if (isByFactor(proof)) {
			const purpose = session.state === 'locked' ? 'login' : 'proof';
			const proved = await proof.check(identity, { purpose, session: session.key, request });
			if (!proved.ok) audit.write({ ...refused, session: session.key, reason: proved.refusal.kind });
			return proved;
		}
		if (proof.by === 'certificate' && proof.shown?.name !== name) {
			audit.write({ ...refused, reason: 'bad-certificate' });
			return refuse({ kind: 'bad-certificate' });
		}
		const proved =
			proof.by === 'password'
				? await credentials.byPassword(name, proof.password, request, act)
				: await credentials.byCertificate(name, request, act);
		if (!proved.ok) return proved;
		// The name may have gone over to somebody else meanwhile.
		if (proved.value.id !== id) return refuse({ kind: 'credentials-changed' });
		return ok(
			proof.by === 'password' ? { methods: ['pwd'], level: 1 } : { methods: ['pop'], level: parts.certificateLevel },
		);
	}

	/** Puts the session, raised, in the place of what it was: with a token and an XSRF token of its own. */
	async function takePlace(
		{ session, identity }: AuthenticatedSession,
		raised: Raised,
		request: RequestContext,
		{ shown, hasFactor }: { readonly shown?: ShownCertificate | undefined; readonly hasFactor?: true },
	): Promise<Outcome<NewSession>> {
		const token = newSessionToken();
		const need = session.state === 'locked' ? await factors.needOf(identity, raised, hasFactor) : undefined;
		const { state: _, host: __, ...facts } = session;
		const next: Session = {
			...(shown && parts.bindCertificate && { boundTo: digestOfShown(shown) }),
			...withoutNeeds(facts),
			...raised,
			lastActivityAt: clock.now(),
			key: keyOf(token, request),
			xsrfToken: newXsrfToken(),
			credentialStamp: identity.credentialStamp,
			...stateOf(need),
		};
		// Only one takes the place of the old session; what was ended elsewhere meanwhile stays ended.
		const keep = mostOf(next, parts.mostPerIdentity);
		const { isDone, ended } = await sessions.replace(session.key, next, keep, shown?.certificate);
		for (const over of isDone ? [session, ...ended] : ended)
			ends.tell(over, 'session-end', { identity: identity.name, ...auditFieldsOf(request) });
		if (!isDone) return refuse({ kind: 'no-session' });
		return ok({ session: next, token, identity });
	}

	function confirmRaised(raised: NewSession, request: RequestContext, method: Proof['by'], shown?: ShownCertificate) {
		const { session, identity } = raised;
		const needs = session.state === 'locked' && { needs: session.needs };
		const { device } = request;
		const about = { ...needs, identity: identity.name, ...auditFieldsOf(request), device };
		return confirm(raised, shown, { act: 'proof', method, ...about });
	}

	return {
		async prove(checked, proof, request) {
			const { session } = checked;
			if (session.state === 'locked' && (session.needs === 'password-change' || !isByFactor(proof))) {
				return refuse(refusalOfLocked(session));
			}
			const proved = await tryProof(checked, proof, request);
			if (!proved.ok) return proved;
			const raised = raisedBy(session, proved.value, clock.now());
			const shown = proof.by === 'certificate' ? proof.shown : undefined;
			const taken = await takePlace(checked, raised, request, { shown });
			return taken.ok ? confirmRaised(taken.value, request, proof.by, shown) : taken;
		},
		async carryOn({ session, identity }, change, request) {
			const { stamp: credentialStamp, method, proved } = change;
			const { methods, level, provedAt, leveledAt } = session;
			const raised = proved ? raisedBy(session, proved, clock.now()) : { methods, level, provedAt, leveledAt };
			const changed = { session, identity: { ...identity, credentialStamp } };
			const taken = await takePlace(changed, raised, request, { hasFactor: true });
			if (!taken.ok) return taken;
			const next = taken.value.session;
			const giveUp = () => ends.drop(next, 'session-end', { identity: identity.name, ...auditFieldsOf(request) });
			const made = await change.make(next.key).catch(async (fault: unknown) => {
				// The first fault tells more than a store that is away for this one, too.
				await giveUp().catch(() => undefined);
				throw fault;
			});
			if (!made.ok) {
				await giveUp();
				return made;
			}
			if (change.undo && (await sessions.find(next.key)) === undefined) {
				await change.undo();
				return refuse({ kind: 'no-session' });
			}
			return confirmRaised(taken.value, request, method);
		},
	};
}

const factorKinds: ReadonlySet<string> = new Set<FactorKind>(['passkey', 'totp', 'recovery-code']);

function isByFactor(proof: Proof): proof is FactorProof {
	return factorKinds.has(proof.by);
}

type Raised = Pick<Session, 'methods' | 'level' | 'provedAt' | 'leveledAt'>;

/** A weaker proof makes nothing fresh but itself. Source: GHSA-wc43-73w7-x2f5, where it did. */
function raisedBy(session: Session, { methods, level }: Proved, now: Session['provedAt']): Raised {
	return {
		methods: [...new Set([...session.methods, ...methods])],
		level: level > session.level ? level : session.level,
		provedAt: now,
		leveledAt: level >= session.level ? now : session.leveledAt,
	};
}

function withoutNeeds<Facts extends object>(facts: Facts & { readonly needs?: unknown }): Omit<Facts, 'needs'> {
	const { needs: _, ...rest } = facts;
	return rest;
}
