import type { Context } from 'koa';
import type { Identity } from '../core/identity.ts';
import type { Outcome } from '../core/refusal.ts';
import type { Session } from '../core/session.ts';
import type { Answers } from './response/refusals.ts';

/** Who stands behind a request. Without a session where the credential itself came along (Basic, certificate). */
export interface Access {
	readonly identity: Identity;
	readonly session?: Session;
	/** Judges the certificate again that came along. Absent: there was none. */
	readonly isStillTrusted?: () => boolean;
}

/** What a resource asks of whoever wants to use it. */
export interface Passage {
	/** Where the protocol knows XSRF tokens. */
	readonly needsXsrfToken: boolean;
	/** Whether it counts as activity of the session. */
	readonly counts: boolean;
}

/**
 * How one protocol finds out who a request comes from. The gateway asks one door after the other for a session, and
 * only where none lets in, one after the other for a credential: trying a password is slow.
 */
export interface Door {
	/** By the session that it carries. `undefined`: none of this protocol's. Must be one that is open, not locked. */
	enter(ctx: Context, passage: Passage): Promise<Outcome<Access> | undefined>;
	/** By a credential that comes along with the request itself. `undefined`: none that this protocol takes. */
	prove?(ctx: Context): Promise<Outcome<Access> | undefined>;
	/** `WWW-Authenticate` of a 401, where this protocol takes a credential that a client shows only when it is asked for. */
	challenge?(ctx: Context): string | undefined;
	/** How a request that this door refused, or let in and that may not go further, is told so. */
	readonly answers: Answers;
	/** What the request carries only for us, and what stands behind must not see. */
	readonly secrets: { readonly cookies: readonly string[]; readonly headers: readonly string[] };
}
