import type { Brand } from './brand.ts';
import type { Instant } from './clock.ts';
import type { HostName, SessionKey } from './session.ts';

/** A ticket's secret: 256 random bits, base64url. Stands in one address, for seconds; never logged, never stored as it is. */
export type TicketToken = Brand<string, 'TicketToken'>;

/** SHA-256 of a TicketToken, hex. */
export type TicketKey = Brand<string, 'TicketKey'>;

/** Tells the browser that was led to the sign-in page from others: 128 random bits, base64url, in a cookie of the host that led it. */
export type BrowserNonce = Brand<string, 'BrowserNonce'>;

/** SHA-256 of a BrowserNonce, base64url. May stand in an address. */
export type NonceDigest = Brand<string, 'NonceDigest'>;

/** Lets one browser enter one host with a session, once. */
export interface Ticket {
	readonly key: TicketKey;
	/** The session that is handed over. */
	readonly parent: SessionKey;
	/** Where it is worth something. */
	readonly host: HostName;
	/** The browser that it is worth something in. */
	readonly browser: NonceDigest;
	/** Where the person wanted to go: an absolute address on that host, judged when the ticket was issued. */
	readonly url: string;
	readonly issuedAt: Instant;
}

/** What is wrong with a ticket. For the audit: a client learns only that it is refused. */
export type TicketFlaw =
	| 'ticket-unknown'
	| 'ticket-expired'
	| 'ticket-host'
	| 'ticket-browser'
	| 'ticket-session'
	/** The session is bound to a certificate that the browser does not show on this host. */
	| 'ticket-certificate';
