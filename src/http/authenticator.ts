import type { Context } from 'koa';
import type { Outcome } from '../core/refusal.ts';
import type { Access, Requirements } from '../core/requirements.ts';
import type { Answers } from './response/refusals.ts';

/**
 * How one protocol finds out who a request comes from. The gateway asks one after the other for a session, and
 * only where none lets in, one after the other for a credential: trying a password is slow.
 */
export interface Authenticator {
	/** By the session that it carries. `undefined`: none of this protocol's. */
	bySession(ctx: Context, requirements: Requirements): Promise<Outcome<Access> | undefined> | undefined;
	/**
	 * By a credential that comes along with the request itself. `undefined`: none that this protocol takes and the
	 * requirements accept; what they do not accept is not tried.
	 */
	byCredentials?(ctx: Context, requirements: Requirements): Promise<Outcome<Access> | undefined>;
	/** `WWW-Authenticate` of a 401, where this protocol takes a credential that a client shows only when it is asked for. */
	challenge?(ctx: Context, requirements: Requirements): string | undefined;
	/** How a request that this protocol refused, or let in and that may not go further, is told so. */
	readonly answers: Answers;
	/** What the request carries only for us, and what stands behind must not see. */
	readonly secrets: {
		readonly cookies: readonly string[];
		readonly headers: readonly string[];
		/** Whether an `Authorization` header is for us alone. Absent: none is, but what `headers` name, and API tokens. */
		isOwnAuthorization?(value: string): boolean;
	};
}
