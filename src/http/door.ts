import type { Context } from 'koa';
import type { Identity } from '../core/identity.ts';
import type { Outcome } from '../core/refusal.ts';
import type { Session } from '../core/session.ts';

/** Who stands behind a request. Without a session where the credential itself came along (Basic, certificate). */
export interface Access {
	readonly identity: Identity;
	readonly session?: Session;
}

/** What a resource asks of whoever wants to use it. */
export interface Passage {
	/** Where the protocol knows XSRF tokens. */
	readonly needsXsrfToken: boolean;
	/** Whether it counts as activity of the session. */
	readonly counts: boolean;
}

/** How one protocol finds out who a request comes from. The gateway asks one door after the other. */
export interface Door {
	/** `undefined`: the request carries nothing of this protocol's. Must be a session that is open, not locked. */
	enter(ctx: Context, passage: Passage): Promise<Outcome<Access> | undefined>;
	/** What the request carries only for us, and what stands behind must not see. */
	readonly secrets: { readonly cookies: readonly string[]; readonly headers: readonly string[] };
}
