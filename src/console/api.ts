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

/** The service said no. */
export class Refused extends Error {
	override readonly name = 'Refused';
	readonly status: number;
	/** Why, as `RefusalCode` of `/openapi.yaml` lists it. `undefined` where something in between answered. */
	readonly code: string | undefined;
	/** Seconds to wait before the next try, where the service asks for that. */
	readonly retryAfter: number | undefined;
	/** What the service's log calls this request. */
	readonly reference: string | undefined;

	constructor({ status, headers, text }: Answer) {
		const { message, code } = failureOf(text);
		super(message ?? '');
		this.status = status;
		this.code = code;
		this.retryAfter = Number(headers.get('Retry-After')) || undefined;
		this.reference = headers.get('X-Request-Id') ?? undefined;
	}
}

/** No answer at all: the network, or the service, is away. */
export class Unreachable extends Error {
	override readonly name = 'Unreachable';
}

/** The session has ended, or another identity has signed in. The caller looks anew where we stand. */
export class SessionOver extends Error {
	override readonly name = 'SessionOver';
}

/** It was asked who is there, and nobody said. Nothing has happened. */
export class NotProved extends Error {
	override readonly name = 'NotProved';
}

/** The session that the browser's cookie names, and how long it still lives should nobody use it. */
export interface CurrentSession {
	readonly identity: string;
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

/** `identity`: unknown where the session is locked. */
let held: { readonly xsrfToken: string; readonly identity: string | undefined } | undefined;

/** What has to be proved, and by what. */
export interface ProofNeeded {
	readonly level: 1 | 2;
	/** None: this person has nothing that would do. */
	readonly methods: readonly string[];
}

/** Has a person prove who they are; resolves whether they did. */
let haveProved: (needed: ProofNeeded) => Promise<boolean> = async () => false;

/** Sets how a person is asked. */
export function provesBy(ask: typeof haveProved): void {
	haveProved = ask;
}

/** What a locked session waits for: it may do that, ask for its token and log out, and is told nothing else. */
export type Awaited = 'second-factor' | 'password-change' | 'enrolment';

const awaitedBy: Readonly<Record<string, Awaited>> = {
	'second-factor-needed': 'second-factor',
	'password-change-needed': 'password-change',
	'enrolment-needed': 'enrolment',
};

/** Looks for a living session, and takes hold of its XSRF token. Does not count as activity. */
export async function findSession(): Promise<CurrentSession | Awaited | undefined> {
	const answer = await send('GET', '/xsrfToken');
	if (answer.status === 401) {
		held = undefined;
		return undefined;
	}
	const { xsrfToken } = unwrap<{ xsrfToken: string }>(answer);
	const told = await send('GET', '/currentSession', undefined, xsrfToken);
	const awaited = awaitedBy[failureOf(told.text).code ?? ''];
	// It ended, or was opened anew, between the two questions.
	if (told.status === 401 && awaited === undefined) {
		held = undefined;
		return undefined;
	}
	const session = awaited ?? unwrap<CurrentSession>(told);
	held = { xsrfToken, identity: typeof session === 'string' ? undefined : session.identity };
	return session;
}

/** A request that needs no session. */
export async function ask<T>(method: Method, path: string, body?: unknown): Promise<T> {
	return unwrap<T>(await send(method, path, body));
}

/**
 * A request with the session and its XSRF token. Where the service asks for a proof first, the person is asked for one,
 * and then it is sent again.
 */
export async function askInSession<T>(method: Method, path: string, body?: unknown): Promise<T> {
	const answer = await sendInSession(method, path, body);
	if (failureOf(answer.text).code !== 'proof-needed') return unwrap<T>(answer);
	const { proofNeeded } = JSON.parse(answer.text) as { readonly proofNeeded: ProofNeeded };
	if (!(await haveProved(proofNeeded))) throw new NotProved();
	return unwrap<T>(await sendInSession(method, path, body));
}

/** What is wrong with the session or its token, whatever was asked for. */
const ofTheSession: ReadonlySet<unknown> = new Set([
	'session-missing',
	'session-expired',
	'xsrf-token-invalid',
	// It may be bound to a certificate that the browser does not show any more.
	'bad-certificate',
	...Object.keys(awaitedBy),
]);

async function sendInSession(method: Method, path: string, body?: unknown): Promise<Answer> {
	const before = held;
	if (before === undefined) throw new SessionOver();
	const answer = await send(method, path, body, before.xsrfToken);
	if (!ofTheSession.has(failureOf(answer.text).code)) return answer;
	// It is over, or was opened anew in another tab.
	await findSession();
	if (held?.xsrfToken === before.xsrfToken) return answer;
	if (held?.identity === undefined || held.identity !== before.identity) throw new SessionOver();
	return send(method, path, body, held.xsrfToken);
}

interface Answer {
	readonly ok: boolean;
	readonly status: number;
	readonly headers: Headers;
	readonly text: string;
}

async function send(method: Method, path: string, body?: unknown, xsrfToken?: string): Promise<Answer> {
	const headers: Record<string, string> = { Accept: 'application/json' };
	if (body !== undefined) headers['Content-Type'] = 'application/json';
	if (xsrfToken !== undefined) headers['X-XSRF-Token'] = xsrfToken;
	try {
		const response = await fetch(pathOf(path), {
			method,
			headers,
			credentials: 'same-origin',
			cache: 'no-store',
			redirect: 'error',
			signal: AbortSignal.timeout(patienceMs),
			...(body !== undefined && { body: JSON.stringify(body) }),
		});
		// Read to its end, whatever it says: an answer that is left half read keeps its connection.
		return { ok: response.ok, status: response.status, headers: response.headers, text: await response.text() };
	} catch (cause) {
		throw new Unreachable('no answer', { cause });
	}
}

function unwrap<T>(answer: Answer): T {
	if (!answer.ok) throw new Refused(answer);
	return (answer.text === '' ? undefined : JSON.parse(answer.text)) as T;
}

/** Every no of the service is `{"message", "code"}`; what stands in between, a proxy perhaps, may say it otherwise. */
function failureOf(text: string): { readonly message?: string; readonly code?: string } {
	try {
		const { message, code } = Object(JSON.parse(text));
		return { ...(typeof message === 'string' && { message }), ...(typeof code === 'string' && { code }) };
	} catch {
		return {};
	}
}
