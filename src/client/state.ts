import type { CurrentSession } from './connection.ts';
import type { FactorLogin, FactorShown, NewTotp, ProofShown } from './session-v1.ts';
import type { Ending } from './watch.ts';

/** Where a page stands, as far as the service has said. */
export type Standing =
	| { readonly kind: 'signed-out' }
	/** The password was right, and a second factor is to be shown. */
	| { readonly kind: 'second-factor' }
	/** Nothing goes through before the password is changed. */
	| { readonly kind: 'must-change' }
	/** Nothing goes through before a second factor is set up. */
	| { readonly kind: 'enrolment' }
	| {
			readonly kind: 'signed-in';
			readonly session: CurrentSession;
			/** In the last minute: when the session ends, should nobody use it, or whatever anybody does. */
			readonly ending?: Ending;
	  };

export type ClientState =
	| Standing
	/** Not asked yet, or the service does not answer. It is asked again by itself. */
	| {
			readonly kind: 'away';
			/** What was known before. What is on the screen may stay there. */
			readonly before?: Standing;
			/** `Unreachable`, or `Refused` with `retryAfter`. Absent: not asked yet. */
			readonly fault?: unknown;
	  };

/**
 * Every request rejects with `Refused` where the answer is not of 2xx: its `code` says why (`RefusalCode` of
 * `/openapi.yaml`), `retryAfter` in how many seconds it is worth trying again. Of these, `SessionOver`: there is no session, or
 * that of somebody else; `state` says so already. With `Unreachable`, where no answer came.
 */
export interface LatchkeyClient {
	readonly state: ClientState;
	/** Calls `listener` after every change of `state`, another tab's doing, too. The first one has the client look. Returns how to end it. */
	subscribe(listener: () => void): () => void;
	/** Asks the service where the page stands. Does not count as activity, and does not reject: `away` has the fault. */
	look(): Promise<ClientState>;
	/** `bad-credentials`, `too-many-attempts`, … Right or wrong, it ends the session that was there. Rejects with `CookieNotKept`, too. */
	login(username: string, password: string): Promise<ClientState>;
	/** In `second-factor`. `wrong-code`, `too-many-attempts`, … */
	secondFactor(shown: FactorShown): Promise<ClientState & FactorLogin>;
	/** Ends every session of that identity; `session.afterPasswordChange` says whether another one follows. `weak-password`, … */
	changePassword(currentPassword: string, newPassword: string): Promise<ClientState>;
	/** In `enrolment`, and later: what an app is to know. */
	addTotp(name: string): Promise<NewTotp>;
	/** By the first code of the app. `wrong-code`, … */
	confirmTotp(id: string, code: string): Promise<ClientState>;
	/** Ten codes for paper, in place of those before. */
	makeRecoveryCodes(): Promise<readonly string[]>;
	/** Proves once more who is there, where something is refused with `proof-needed`. Absent: by the certificate of the connection. */
	prove(shown?: ProofShown): Promise<ClientState>;
	/** Counts as activity: the session goes on. */
	stay(): Promise<ClientState>;
	/** Ends the session; another one, which somebody else has opened meanwhile, it leaves alone. */
	logout(): Promise<ClientState>;
	/**
	 * `fetch` with the session and its XSRF token; once more with a fresh one, where another tab has signed in anew as the same
	 * identity. `path`: at Latchkey; a `TypeError` for any other origin. A redirect to another origin is not followed, and with
	 * `baseUrl` none.
	 */
	send(path: string, init?: RequestInit): Promise<Response>;
	/** Stops watching and listening. */
	close(): void;
}
