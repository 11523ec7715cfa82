import type { Audit, AuditEvent } from './audit.ts';
import type { Clock } from './clock.ts';
import type { Identity } from './identity.ts';
import type { Outcome } from './refusal.ts';
import { ok, refuse } from './refusal.ts';
import type { RequestContext } from './request.ts';
import { auditFieldsOf } from './request.ts';
import type { Channel, ChildSession, Limits, Session, SessionKey, SessionToken } from './session.ts';
import { asShownBy } from './session.ts';
import { isStolen } from './session-binding.ts';
import type { HandoverStore, SessionStore } from './stores.ts';
import type { BrowserNonce, Ticket, TicketFlaw, TicketToken } from './ticket.ts';
import {
	isSameSecret,
	keyOf,
	newChildToken,
	newTicketToken,
	newXsrfToken,
	nonceDigestOf,
	parseTicketToken,
	ticketKeyOf,
} from './token.ts';

/*
 * How a session gets to another host than the one that it was opened on. A cookie is worth something on one host, so that one
 * that is stolen at an application opens nothing at another; and none has a `Domain`, which any host below could read or plant. The
 * browser goes there with a ticket, worth something once, for seconds, on that host, and in that browser alone. What it gets for
 * it is a child session: a token of that host's own, and nothing but a way to its parent.
 */

/** Milliseconds from the issue of a ticket; at exactly that it is taken. */
const ticketLifetimeMs = 30_000;

/** Of one session at once. More are of nobody: the oldest go. */
const ticketsLimit = 20;
const childrenLimit = 100;
/** Milliseconds that a child may be kept where sessions have no absolute lifetime. */
const childKeptMs = 400 * 86_400_000;

/** A child session just opened. */
export interface Entered {
	readonly token: SessionToken;
	/** Where the person wanted to go, as the ticket has it. */
	readonly url: string;
}

export interface Handover {
	/** `no-session`: the session was ended meanwhile. `to.url` is taken as it is: the caller has judged it. */
	issue(session: Session, to: Pick<Ticket, 'host' | 'browser' | 'url'>): Promise<Outcome<TicketToken>>;
	/**
	 * Uses a ticket up, whether it is right or wrong, and opens a child session on the host of the request. `nonces`: all
	 * that the browser shows. Refusals: `ticket-refused`. Both outcomes are in the audit.
	 */
	enter(ticket: string, nonces: readonly BrowserNonce[], request: RequestContext): Promise<Outcome<Entered>>;
	/** The session that a child's token shows: its parent, with what is the child's own. It may be expired, or of nobody. */
	parentOf(token: SessionToken, channel: Channel): Promise<Session | undefined>;
	hostsOf: HandoverStore['hostsOf'];
}

export interface HandoverParts {
	readonly sessions: Pick<SessionStore, 'find' | 'handover'>;
	/** A session that lives, and whose it is. Counts as no activity. */
	living(key: SessionKey): Promise<{ readonly session: Session; readonly identity: Identity } | undefined>;
	readonly clock: Clock;
	readonly limits: Pick<Limits, 'lifetimeMs'>;
	readonly audit: Audit;
}

export function createHandover({ sessions, living, clock, limits, audit }: HandoverParts): Handover {
	const { handover: store } = sessions;
	/** What a child showed last: while its parent stays as it is, so does that, and no check makes it anew. */
	const shownBy = new WeakMap<ChildSession, { readonly parent: Session; readonly session: Session }>();
	const keptMs = limits.lifetimeMs > 0 ? limits.lifetimeMs : childKeptMs;

	/** The ticket, or what is wrong with it. It is gone afterwards. */
	async function take(
		text: string,
		nonces: readonly BrowserNonce[],
		{ host }: RequestContext,
	): Promise<{ readonly ticket?: Ticket; readonly flaw?: TicketFlaw }> {
		const token = parseTicketToken(text);
		const ticket = token && (await store.takeTicket(ticketKeyOf(token)));
		if (ticket === undefined) return { flaw: 'ticket-unknown' };
		if (clock.now() - ticket.issuedAt > ticketLifetimeMs) return { ticket, flaw: 'ticket-expired' };
		if (ticket.host !== host) return { ticket, flaw: 'ticket-host' };
		const isBrowser = nonces.some((nonce) => isSameSecret(nonceDigestOf(nonce), ticket.browser));
		return isBrowser ? { ticket } : { ticket, flaw: 'ticket-browser' };
	}

	return {
		async issue({ key: parent }, { host, browser, url }) {
			const token = newTicketToken();
			const ticket: Ticket = { key: ticketKeyOf(token), parent, host, browser, url, issuedAt: clock.now() };
			const isKept = await store.putTicket(ticket, ticketsLimit, ticketLifetimeMs);
			return isKept ? ok(token) : refuse({ kind: 'no-session' });
		},
		async enter(text, nonces, request) {
			const { ticket, flaw } = await take(text, nonces, request);
			const parent = ticket && (await living(ticket.parent));
			const event: Omit<AuditEvent, 'outcome'> = {
				act: 'handover',
				...(ticket && { session: ticket.parent, host: ticket.host }),
				...(parent && { identity: parent.identity.name }),
				...auditFieldsOf(request),
			};
			function refused(reason: TicketFlaw) {
				audit.write({ ...event, outcome: 'refused', reason });
				return refuse({ kind: 'ticket-refused' });
			}
			if (ticket === undefined || flaw !== undefined) return refused(flaw ?? 'ticket-unknown');
			if (parent === undefined) return refused('ticket-session');
			// Its child would be refused at each request, and the browser led here again and again.
			if (isStolen(parent.session, request)) return refused('ticket-certificate');
			const token = newChildToken();
			const child: ChildSession = {
				key: keyOf(token, request),
				parent: ticket.parent,
				host: ticket.host,
				xsrfToken: newXsrfToken(),
				openedAt: clock.now(),
			};
			// The parent may have ended while this was judged. Then the child would open nothing, either.
			if (!(await store.insert(child, childrenLimit, keptMs))) return refused('ticket-session');
			audit.write({ ...event, outcome: 'ok' });
			return ok({ token, url: ticket.url });
		},
		async parentOf(token, channel) {
			const child = await store.find(keyOf(token, channel));
			if (child === undefined) return undefined;
			const parent = await sessions.find(child.parent);
			if (parent === undefined) return undefined;
			const shown = shownBy.get(child);
			if (shown?.parent === parent) return shown.session;
			const session = asShownBy(child, parent);
			shownBy.set(child, { parent, session });
			return session;
		},
		hostsOf: (parents) => store.hostsOf(parents),
	};
}
