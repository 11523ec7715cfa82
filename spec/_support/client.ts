import { once } from 'node:events';
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { http, https } from '../../src/http/node-http.ts';
import { assertAnswers, fieldsOf } from './contract.ts';

/** A port of this machine, and as whom to go there: over TLS where there is a CA to trust. The host is `localhost`, unless `headers` say so. */
export interface Way {
	readonly port: number;
	/** PEM. */
	readonly ca?: string | undefined;
	/** Which of this machine's addresses to come from: `127.0.0.2`. */
	readonly from?: string;
	/** PEM: a client certificate and its key. */
	readonly cert?: string;
	readonly key?: string;
}

/** What is sent on top of what the client sends by itself: at most one of `json`, `form` and `body`. */
export interface Call {
	/** `GET` by default. */
	readonly method?: string;
	/** `Cookie` takes the place of the jar. */
	readonly headers?: Readonly<Record<string, string | string[]>>;
	/** `Authorization: Basic`, of a name and a password. */
	readonly basic?: readonly [name: string, password: string];
	/** As JSON; a string stands for itself, right or wrong. */
	readonly json?: unknown;
	readonly form?: Readonly<Record<string, string>>;
	/** As it is. Its type stands in `headers`. */
	readonly body?: string | Buffer;
}

export interface Answer {
	readonly status: number;
	readonly headers: IncomingHttpHeaders;
	readonly setCookie: readonly string[];
	readonly text: string;
	/** Parsed where it is JSON, else the text. */
	readonly body: unknown;
}

export type Client = ReturnType<typeof createClient>;

/** A service; `isShared`: its stores are those of all specs of a run, which none of them stops. */
export interface Served {
	readonly url: string;
	readonly isShared?: boolean;
}

/** Milliseconds for stores that a busy machine keeps from answering in time. */
const patienceMs = 20_000;

const base = '/services/session/v1';

/**
 * The client of the specs: it writes each target as it stands (`fetch` would tidy it up), keeps cookies, and sends Kura's
 * XSRF token once it has signed in. It follows no redirect. Rejects where openapi.yaml does not allow what a service
 * answers; behind a port there may be a proxy, or the application of another host. Told that shared stores are away for
 * a moment, it asks again after the seconds that it is told.
 */
export function createClient(to: Served | Way) {
	const jar = new Map<string, string>();
	/** What the last answer that set cookies said. */
	let setCookie: readonly string[] = [];
	let xsrfToken: string | undefined;
	const connect = connectorOf(to);
	const cookies = () => [...jar].map(([name, value]) => `${name}=${value}`).join('; ');

	const waits = 'url' in to && to.isShared === true;

	async function send(path: string, call: Call = {}): Promise<Answer> {
		const stopAt = performance.now() + patienceMs;
		for (;;) {
			const answer = await ask(path, call);
			if (!waits || !isAway(answer) || performance.now() > stopAt) return answer;
			await sleep(Number(answer.headers['retry-after']) * 1000);
		}
	}

	async function ask(path: string, call: Call): Promise<Answer> {
		const { method = 'GET', basic } = call;
		const { type, content } = contentOf(call);
		const req = connect(method, path, {
			...(jar.size > 0 && { Cookie: cookies() }),
			...(xsrfToken !== undefined && { 'X-XSRF-Token': xsrfToken }),
			...(basic && { Authorization: `Basic ${Buffer.from(basic.join(':')).toString('base64')}` }),
			...(type !== undefined && { 'Content-Type': type }),
			...(content !== undefined && { 'Content-Length': String(Buffer.byteLength(content)) }),
			...call.headers,
		});
		req.on('error', () => undefined).end(content);
		const [res] = (await once(req, 'response')) as [IncomingMessage];
		keep(res.headers['set-cookie']);
		const answered = await text(res);
		const isJson = (res.headers['content-type']?.startsWith('application/json') ?? false) && answered !== '';
		const body: unknown = isJson ? JSON.parse(answered) : answered;
		const status = res.statusCode ?? 0;
		if ('url' in to) assertAnswers(method, path, status, fieldsOf(res.headers), body);
		return { status, headers: res.headers, setCookie: res.headers['set-cookie'] ?? [], text: answered, body };
	}

	function keep(set: readonly string[] | undefined): void {
		setCookie = set ?? setCookie;
		for (const cookie of set ?? []) {
			const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(cookie) ?? [];
			if (value === '') jar.delete(name);
			else jar.set(name, value);
		}
	}

	const get = (path: string, headers: Call['headers'] = {}) => send(path, { headers });
	const post = (path: string, json?: unknown, headers: Call['headers'] = {}) =>
		send(path, { method: 'POST', json, headers });

	/** Fetches the XSRF token for everything that follows, where that let somebody in. */
	async function entered(answer: Answer): Promise<Answer> {
		if (answer.status < 300) await fetchXsrfToken();
		return answer;
	}

	async function fetchXsrfToken(): Promise<string | undefined> {
		const { body } = await get(`${base}/xsrfToken`);
		xsrfToken = (body as { xsrfToken?: string }).xsrfToken;
		return xsrfToken;
	}

	return {
		jar,
		/** The jar as a `Cookie` header. */
		cookies,
		setCookie: () => setCookie,
		xsrfToken: () => xsrfToken ?? '',
		send,
		get,
		post,
		/** Without the XSRF token: as a browser loads pages and pictures. */
		withoutToken(path: string, call: Call = {}) {
			const token = xsrfToken;
			xsrfToken = undefined;
			const answer = send(path, call);
			xsrfToken = token;
			return answer;
		},
		login(username: string, password: string) {
			xsrfToken = undefined;
			return post(`${base}/login/password`, { username, password }).then(entered);
		},
		loginByCertificate: (headers: Call['headers'] = {}) =>
			post(`${base}/login/certificate`, undefined, headers).then(entered),
		fetchXsrfToken,
		me: () => get(`${base}/currentIdentity`),
		changePassword: (currentPassword: string, newPassword: string) =>
			post(`${base}/changePassword`, { currentPassword, newPassword }),
		logout: () => post(`${base}/logout`),
	};
}

/** In the words of each dialect. */
function isAway({ status, text: said }: Answer): boolean {
	return status === 503 && /unavailable for a moment/i.test(said);
}

function connectorOf(to: Served | Way) {
	if ('url' in to) {
		const { hostname, port } = new URL(to.url);
		return (method: string, path: string, headers: Call['headers']) =>
			http.request({ hostname, port, path, method, headers, agent: false });
	}
	const { port, ca, from, cert, key } = to;
	const { request: open } = ca === undefined ? http : https();
	return (method: string, path: string, headers: Call['headers']) =>
		open({
			...{ host: '127.0.0.1', port, path, method, agent: false },
			...(from !== undefined && { localAddress: from }),
			...(ca !== undefined && { ca, servername: 'localhost', cert, key }),
			headers: { Host: `localhost:${port}`, ...headers },
		});
}

function contentOf({ json, form, body }: Call): { readonly type?: string; readonly content?: string | Buffer } {
	if (form) {
		const type = 'application/x-www-form-urlencoded; charset=UTF-8';
		return { type, content: new URLSearchParams(form).toString() };
	}
	if (json !== undefined)
		return { type: 'application/json', content: typeof json === 'string' ? json : JSON.stringify(json) };
	return body === undefined ? {} : { content: body };
}
