import type { Audit, AuditEvent } from './audit.ts';
import type { Clock, Instant } from './clock.ts';
import type { IdentityId } from './identity.ts';
import type { Activity } from './last-activity.ts';
import type { RequestContext } from './request.ts';
import { auditFieldsOf } from './request.ts';
import type { ClientCertificate, DialectName, Limits, Session, SessionKey } from './session.ts';
import { isExpired } from './session.ts';
import { isStolen, theftOf } from './session-binding.ts';
import type { CertifiedPage, IdentityStore, SessionStore } from './stores.ts';
import { isChildToken, keyOf } from './token.ts';

/** What the audit says of an end besides the session itself. */
export type AuditFields = Pick<AuditEvent, 'identity' | 'actor' | 'address' | 'requestId' | 'traceId' | 'reason'>;

/** Every way a session ends but by a check; each end is one line of the audit, which names the identity. */
export interface SessionEnds {
	/** Ends a session that was just read. Returns whether this call was the one that ended it. */
	drop(session: Session, act: AuditEvent['act'], fields: AuditFields): Promise<boolean>;
	/** The same for an end that somebody asks for. Where a proof has just put another session in its place, that one ends. */
	dropRaised(session: Session, act: AuditEvent['act'], fields: AuditFields): Promise<boolean>;
	/** For sessions that a store has ended already. */
	tell(session: Session, act: AuditEvent['act'], fields: AuditFields): void;
	/**
	 * Ends the session that the request carries, whichever channel it was opened on: the cookie proves it, and a client
	 * that changes from http to https sends the cookie of the one to the other. Nothing else is opened by it there. Of a
	 * child session, the parent. One that is bound to a certificate which the request does not show lives on; the audit has it.
	 */
	endPresented(request: RequestContext): Promise<void>;
	/** Returns whether it was alive. */
	end(key: SessionKey, fields: AuditFields): Promise<boolean>;
	/** Ends an identity's sessions, all but those named. Returns how many. */
	endOf(
		id: IdentityId,
		but: { except?: SessionKey; exceptDialects?: readonly DialectName[] },
		fields: AuditFields,
	): Promise<number>;
	/**
	 * Judges again what opened sessions by certificate, and ends those whose certificate is refused now, or was not kept.
	 * `pause`: awaited between two pages. Returns how many it ended; rejects where a store is away: to be run again.
	 */
	endRefused(isRefused: (certificate: ClientCertificate) => boolean, pause?: () => Promise<unknown>): Promise<number>;
	/**
	 * Ends every session but `except`, those of removed identities among them, whatever clock they were opened by. Returns how many.
	 */
	endAll(fields: AuditFields, except?: SessionKey): Promise<number>;
	/** Drops all that is expired, batch by batch. Returns how many. `pause`: awaited between two batches. */
	sweep(pause?: () => Promise<unknown>): Promise<number>;
}

export interface SessionEndParts {
	readonly sessions: SessionStore;
	readonly identities: Pick<IdentityStore, 'find'>;
	readonly activity: Activity;
	readonly clock: Clock;
	readonly limits: Limits;
	readonly audit: Audit;
}

/** Each one that is over costs a line of the audit: so few at once that nobody else notices. */
const sweepBatch = 25;
/** A certificate takes some hundred microseconds. */
const judgedAtOnce = 25;
/** Looked at in one go, when all are to end. */
const listedAtOnce = 10_000;
/** Ended in one step then: requests beside it wait that long. */
const endedAtOnce = 250;

/** What stays the same where a session is raised. */
const traitsOf = ({ identityId, dialect, openedAt }: Session) => `${identityId} ${dialect} ${openedAt}`;

export function createSessionEnds(parts: SessionEndParts): SessionEnds {
	const { sessions, identities, activity, clock, limits, audit } = parts;

	function tell({ dialect, key }: Session, act: AuditEvent['act'], fields: AuditFields) {
		audit.write({ act, outcome: 'ok', dialect, session: key, ...fields });
	}

	async function drop(session: Session, act: AuditEvent['act'], fields: AuditFields) {
		const ended = await sessions.delete(session.key);
		if (ended) tell(session, act, fields);
		return ended;
	}

	async function dropRaised(session: Session, act: AuditEvent['act'], fields: AuditFields) {
		let ended = await drop(session, act, fields);
		// It may be raised once more meanwhile.
		for (let isGone = ended; !isGone; ) {
			const there = await sessions.list(session.identityId, listedAtOnce);
			const raised = there.filter((each) => traitsOf(each) === traitsOf(session));
			for (const next of raised) ended = (await drop(next, act, fields)) || ended;
			isGone = raised.length === 0;
		}
		return ended;
	}

	/** Absent where the identity was removed. */
	async function nameOf({ identityId }: Session): Promise<Pick<AuditFields, 'identity'>> {
		const identity = await identities.find(identityId);
		return identity ? { identity: identity.name } : {};
	}

	function isOver(session: Session): boolean {
		const { openedAt } = session;
		return isExpired({ openedAt, lastActivityAt: activity.lastOf(session) }, clock.now(), limits);
	}

	async function end(key: SessionKey, fields: AuditFields) {
		const session = await sessions.find(key);
		if (session === undefined) return false;
		const whose = await nameOf(session);
		return (await dropRaised(session, 'session-end', { ...whose, ...fields })) && !isOver(session);
	}

	async function endOf(
		id: IdentityId,
		but: { except?: SessionKey; exceptDialects?: readonly DialectName[] },
		fields: AuditFields,
	) {
		const ended = await sessions.deleteOf(id, but);
		for (const session of ended) tell(session, 'session-end', fields);
		return ended.length;
	}

	return {
		drop,
		dropRaised,
		tell,
		async endPresented(request) {
			const { presented = [], dialect, host } = request;
			const channels = [request.secure, !request.secure].map((secure) => ({ dialect, secure, host }));
			for (const [token, channel] of presented.flatMap((token) => channels.map((each) => [token, each] as const))) {
				const key = keyOf(token, channel);
				const parent = isChildToken(token) ? (await sessions.handover.find(key))?.parent : key;
				const session = parent && (await sessions.find(parent));
				if (!session) continue;
				const whose = await nameOf(session);
				if (isStolen(session, request) && !isOver(session)) audit.write(theftOf(session, request, whose));
				else await dropRaised(session, 'session-end', { ...whose, ...auditFieldsOf(request) });
			}
		},
		end,
		endOf,
		async endAll(fields, except) {
			const from = clock.now();
			let there = await sessions.list(undefined, listedAtOnce);
			// All of these are there now, also those that a process opened whose clock is ahead.
			let old = there.filter(({ key }) => key !== except);
			const newest = old.reduce((latest, { openedAt }) => Math.max(latest, openedAt), from as number);
			let count = 0;
			while (old.length > 0) {
				const left = new Map(old.map((session) => [session.key, session]));
				for (let at = 0; at < old.length; at += endedAtOnce) {
					const ended = await sessions.deleteMany(old.slice(at, at + endedAtOnce));
					for (const session of ended) tell(session, 'session-end', { ...(await nameOf(session)), ...fields });
					for (const { key } of ended) left.delete(key);
					count += ended.length;
				}
				// What was not there any more may have been raised. Who logs in meanwhile must not keep this from its end.
				const raised = new Set([...left.values()].map(traitsOf));
				const until = there.length < listedAtOnce ? from : newest;
				there = await sessions.list(undefined, listedAtOnce);
				old = there.filter((each) => each.key !== except && (each.openedAt <= until || raised.has(traitsOf(each))));
			}
			return count;
		},
		async endRefused(isRefused, pause) {
			const judged = new Map<ClientCertificate, boolean>();
			const isOut = (certificate: ClientCertificate) => {
				const refused = judged.get(certificate) ?? isRefused(certificate);
				judged.set(certificate, refused);
				return refused;
			};
			let count = 0;
			let from: string | undefined;
			do {
				const page: CertifiedPage = await sessions.certified(judgedAtOnce, from);
				for (const { key, certificate } of page.found) {
					const isEnded = certificate === undefined || isOut(certificate);
					if (isEnded && (await end(key, { reason: 'bad-certificate' }))) count += 1;
				}
				from = page.next;
				await pause?.();
			} while (from !== undefined);
			return count;
		},
		async sweep(pause) {
			// What this process has seen and not yet written must not look silent to the store. Once is enough: all batches
			// ask for what was over at this moment, and nothing that was over comes back.
			await activity.flush('everything');
			const now = clock.now();
			const since = (limitMs: number) => (limitMs > 0 ? now - limitMs : 0) as Instant;
			const over = { silentSince: since(limits.inactivityMs), openedBefore: since(limits.lifetimeMs) };
			for (let count = 0; ; await pause?.()) {
				const swept = await sessions.sweep(over, sweepBatch);
				for (const session of swept) tell(session, 'session-expiry', await nameOf(session));
				count += swept.length;
				if (swept.length < sweepBatch) return count;
			}
		},
	};
}
