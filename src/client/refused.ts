/*
 * What comes in place of an answer. Every refusal of the service is `{"message", "code"}`; what stands in between, a proxy
 * perhaps, may say it otherwise.
 */

/** What has to be proved, and by what. */
export interface ProofNeeded {
	readonly level: 1 | 2;
	/** Seconds since that level was proved last, at the most. */
	readonly within?: number;
	/** `password`, `totp`, `passkey`, `certificate`. None: this person has nothing that would do. */
	readonly methods: readonly string[];
}

/** What of a `Response` a refusal is made of. */
interface Head {
	readonly status: number;
	readonly headers: Headers;
}

/** The service, or what it protects, said no: an answer other than 2xx. */
export class Refused extends Error {
	override readonly name: string = 'Refused';
	readonly status: number;
	/** Why, as `RefusalCode` of `/openapi.yaml` lists it. `undefined` where something in between answered. */
	readonly code: string | undefined;
	/** Seconds to wait before the next try, where the service asks for that. */
	readonly retryAfter: number | undefined;
	/** What the service's log calls this request. */
	readonly reference: string | undefined;
	/** With the code `proof-needed`. */
	readonly proofNeeded: ProofNeeded | undefined;
	readonly headers: Headers;
	/** The body, as it came. */
	readonly text: string;

	constructor({ status, headers }: Head, text: string) {
		const { message, code, proofNeeded } = failureOf(text);
		super(typeof message === 'string' ? message : '');
		this.status = status;
		this.code = typeof code === 'string' ? code : undefined;
		this.retryAfter = Number(headers.get('Retry-After')) || undefined;
		this.reference = headers.get('X-Request-Id') ?? undefined;
		this.proofNeeded = this.code === 'proof-needed' ? (proofNeeded as ProofNeeded | undefined) : undefined;
		this.headers = headers;
		this.text = text;
	}
}

/** The session has ended, or another identity has signed in. The caller looks anew where the page stands. */
export class SessionOver extends Refused {
	override readonly name = 'SessionOver';
}

/** A proof was asked for, and the person gave none. Nothing has happened. */
export class NotProved extends Refused {
	override readonly name = 'NotProved';
}

/** No answer at all: the network, or the service, is away. */
export class Unreachable extends Error {
	override readonly name = 'Unreachable';
}

/** The login was right, and the browser has not kept the cookie: the page is of another site, or cookies are blocked. */
export class CookieNotKept extends Error {
	override readonly name = 'CookieNotKept';
}

function failureOf(text: string): {
	readonly message?: unknown;
	readonly code?: unknown;
	readonly proofNeeded?: unknown;
} {
	try {
		return Object(JSON.parse(text));
	} catch {
		return {};
	}
}
