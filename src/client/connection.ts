import { NotProved, type ProofNeeded, Refused, SessionOver, Unreachable } from './refused.ts';

/*
 * How a page talks to Latchkey: JSON over fetch. The session is a cookie that no script can see; what a script needs
 * besides is the XSRF token, asked for once per session and sent back as a header with every request.
 */

const base = '/services/session/v1';
/** What stands beside it is asked for by its whole path. */
const pathOf = (path: string) => (path.startsWith('/services/') ? path : base + path);
/** Milliseconds after which an answer is not waited for any more. */
const patienceMs = 20_000;

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** The session that the browser's cookie names, and how long it still lives should nobody use it. */
export interface CurrentSession {
	readonly id: string;
	readonly identity: string;
	/** It can be changed. */
	readonly hasPassword: boolean;
	readonly openedBy: 'password' | 'passkey' | 'certificate';
	/** 2: a second factor was shown. */
	readonly level?: 1 | 2;
	/** To be shown after login. */
	readonly message?: string;
	/** Seconds; absent where there is no such limit. */
	readonly inactivityInterval?: number;
	readonly secondsUntilInactive?: number;
	readonly secondsUntilTooOld?: number;
}

/** What a locked session waits for: it may do that, ask for its token and log out, and is told nothing else. */
export type Awaited = 'second-factor' | 'password-change' | 'enrolment';

const awaitedBy: Readonly<Record<string, Awaited>> = {
	'second-factor-needed': 'second-factor',
	'password-change-needed': 'password-change',
	'enrolment-needed': 'enrolment',
};

/** What is wrong with the session or its token, whatever was asked for. */
const ofTheSession: ReadonlySet<unknown> = new Set([
	'session-missing',
	'session-expired',
	'xsrf-token-invalid',
	// It may be bound to a certificate that the browser does not show any more.
	'bad-certificate',
	...Object.keys(awaitedBy),
]);

export const isOfTheSession = (fault: unknown): boolean => fault instanceof Refused && ofTheSession.has(fault.code);

/** Has a person prove who they are; resolves whether they did. */
export type AskForProof = (needed: ProofNeeded) => Promise<boolean>;

export interface Connection {
	/** Looks for a living session, and takes hold of its XSRF token. Does not count as activity. */
	findSession(): Promise<CurrentSession | Awaited | undefined>;
	/** A request that needs no session. Rejects with `Refused` or `Unreachable`. */
	ask<T>(method: Method, path: string, body?: unknown): Promise<T>;
	/** A request with the session and its XSRF token. Rejects with `SessionOver` and `NotProved`, too. */
	askInSession<T>(method: Method, path: string, body?: unknown): Promise<T>;
	/** The same as `fetch` has it. Resolves with an answer of 2xx, and rejects with any other as `Refused`. */
	send(path: string, init?: RequestInit): Promise<Response>;
	/** Sets how a person is asked for a proof. */
	provesBy(ask: AskForProof): void;
}

/**
 * A request that meets a fresh session of the same identity, which another tab has opened, is sent again with its token. One
 * that meets another identity is not: what somebody typed is never sent in the name of somebody else.
 *
 * `baseUrl`: where Latchkey is, if that is another origin than the page's.
 */
export function createConnection(baseUrl?: string): Connection {
	/** `identity`: unknown where the session is locked. */
	let held: { readonly xsrfToken: string; readonly identity: string | undefined } | undefined;
	let haveProved: AskForProof = async () => false;
	// A redirect of what is protected would take the token along to any origin: within one's own it is followed, else not.
	const bounds: RequestInit =
		baseUrl === undefined
			? { credentials: 'same-origin', mode: 'same-origin' }
			: { credentials: 'include', redirect: 'error' };

	/** The token of the session leaves for no other origin, whatever path it was asked for. */
	function urlOf(path: string): URL {
		const { location } = globalThis as unknown as { readonly location?: { readonly href: string } };
		const here = new URL(baseUrl ?? location?.href ?? '');
		const url = new URL(path, here);
		if (url.origin !== here.origin) throw new TypeError(`This is not at ${here.origin}: ${path}`);
		return url;
	}

	async function exchange(path: string, init: RequestInit, xsrfToken?: string): Promise<Response | Refused> {
		const url = urlOf(path);
		const headers = new Headers(init.headers);
		if (xsrfToken !== undefined) headers.set('X-XSRF-Token', xsrfToken);
		try {
			const response = await fetch(url, { ...init, headers, ...bounds });
			// Read to its end: an answer that is left half read keeps its connection.
			return response.ok ? response : new Refused(response, await response.text());
		} catch (cause) {
			// The caller has thought better of it.
			if (init.signal?.aborted && Object(cause).name !== 'TimeoutError') throw cause;
			throw new Unreachable('no answer', { cause });
		}
	}

	const api = (method: Method, path: string, body?: unknown) => (xsrfToken?: string) => {
		const headers = { Accept: 'application/json', ...(body !== undefined && { 'Content-Type': 'application/json' }) };
		const signal = AbortSignal.timeout(patienceMs);
		const init: RequestInit = { method, headers, signal, cache: 'no-store', redirect: 'error' };
		if (body !== undefined) init.body = JSON.stringify(body);
		return exchange(pathOf(path), init, xsrfToken);
	};

	async function findSession(): Promise<CurrentSession | Awaited | undefined> {
		const answer = await api('GET', '/xsrfToken')();
		if (isUnauthenticated(answer)) {
			held = undefined;
			return undefined;
		}
		const { xsrfToken } = await read<{ xsrfToken: string }>(answer);
		const told = await api('GET', '/currentSession')(xsrfToken);
		const awaited = told instanceof Refused ? awaitedBy[told.code ?? ''] : undefined;
		// It ended, or was opened anew, between the two questions.
		if (awaited === undefined && isUnauthenticated(told)) {
			held = undefined;
			return undefined;
		}
		const session = awaited ?? (await read<CurrentSession>(told));
		held = { xsrfToken, identity: typeof session === 'string' ? undefined : session.identity };
		return session;
	}

	type Attempt = (xsrfToken: string) => Promise<Response | Refused>;

	async function tryInSession(attempt: Attempt): Promise<Response | Refused> {
		const before = held;
		if (before === undefined) throw none();
		const answer = await attempt(before.xsrfToken);
		if (!(answer instanceof Refused) || !isOfTheSession(answer)) return answer;
		// It is over, or was opened anew in another tab.
		await findSession();
		if (held?.xsrfToken === before.xsrfToken) return answer;
		if (held?.identity === undefined || held.identity !== before.identity) throw new SessionOver(answer, answer.text);
		return attempt(held.xsrfToken);
	}

	async function inSession(attempt: Attempt): Promise<Response | Refused> {
		const identity = held?.identity;
		const answer = await tryInSession(attempt);
		if (!(answer instanceof Refused) || answer.proofNeeded === undefined) return answer;
		if (!(await haveProved(answer.proofNeeded))) throw new NotProved(answer, answer.text);
		// Another tab had the time to sign in as somebody else.
		if (held?.identity !== identity) throw none();
		return tryInSession(attempt);
	}

	return {
		findSession,
		ask: async <T>(method: Method, path: string, body?: unknown) => read<T>(await api(method, path, body)()),
		askInSession: async <T>(method: Method, path: string, body?: unknown) =>
			read<T>(await inSession(api(method, path, body))),
		async send(path, init = {}) {
			let sent: Response | Refused | undefined;
			return orThrow(
				await inSession(async (xsrfToken) => {
					// A stream cannot be sent twice.
					if (sent === undefined || !(init.body instanceof ReadableStream))
						sent = await exchange(path, init, xsrfToken);
					return sent;
				}),
			);
		},
		provesBy(ask) {
			haveProved = ask;
		},
	};
}

/** None of this identity, and nobody was asked. */
const none = () =>
	new SessionOver(
		{ status: 401, headers: new Headers() },
		'{"message":"There is no session","code":"session-missing"}',
	);

const isUnauthenticated = (answer: Response | Refused) => answer instanceof Refused && answer.status === 401;

function orThrow(answer: Response | Refused): Response {
	if (answer instanceof Refused) throw answer;
	return answer;
}

async function read<T>(answer: Response | Refused): Promise<T> {
	const response = orThrow(answer);
	const text = await response.text().catch((cause) => {
		throw new Unreachable('no whole answer', { cause });
	});
	return (text === '' ? undefined : JSON.parse(text)) as T;
}
