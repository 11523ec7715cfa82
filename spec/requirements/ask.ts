import { type Agent, type IncomingMessage, request } from 'node:http';
import { connect } from 'node:net';

/*
 * Requests as a stranger writes them: nothing is added, folded or followed, and what comes back is shown as it came.
 */

export interface Asking {
	readonly headers?: Readonly<Record<string, string | readonly string[]>>;
	/** As it is; an object as JSON. */
	readonly body?: string | Buffer | object;
	/** The address that it comes from: `127.0.0.2`. */
	readonly from?: string;
	readonly agent?: Agent;
}

export interface Answer {
	readonly status: number;
	readonly headers: IncomingMessage['headers'];
	/** Name and value in turn, as they came. */
	readonly rawHeaders: readonly string[];
	readonly body: string;
	/** The value of the cookie of that name that it sets. */
	cookie(name?: string): string | undefined;
}

export const base = '/services/session/v1';
export const verify = '/services/auth/v1/verify';
export const json = { 'Content-Type': 'application/json' } as const;

export async function ask(url: string, method: string, path: string, what: Asking = {}): Promise<Answer> {
	const { headers = {}, body, from, agent } = what;
	const isBytes = typeof body === 'string' || Buffer.isBuffer(body) || body === undefined;
	const { hostname, port } = new URL(url);
	const req = request({
		hostname,
		port,
		path,
		method,
		agent: agent ?? false,
		...(from !== undefined && { localAddress: from }),
		headers: {
			...(isBytes ? {} : json),
			...(body !== undefined && { 'Content-Length': Buffer.byteLength(isBytes ? body : JSON.stringify(body)) }),
			...(headers as Record<string, string | string[]>),
		},
	});
	const answered = Promise.withResolvers<IncomingMessage>();
	req.on('response', answered.resolve).on('error', answered.reject);
	req.end(isBytes ? body : JSON.stringify(body));
	const res = await answered.promise;
	const chunks: Buffer[] = [];
	for await (const chunk of res) chunks.push(chunk);
	return {
		status: res.statusCode ?? 0,
		headers: res.headers,
		rawHeaders: res.rawHeaders,
		body: Buffer.concat(chunks).toString(),
		cookie(name = 'JSESSIONID') {
			const own = (res.headers['set-cookie'] ?? []).find((cookie) => cookie.startsWith(`${name}=`));
			return own === undefined ? undefined : own.slice(name.length + 1, own.indexOf(';'));
		},
	};
}

export interface Guess {
	readonly from?: string;
	readonly headers?: Readonly<Record<string, string>>;
	readonly agent?: Agent;
}

/** A login by Kura's JSON. */
export function login(url: string, username: string, password: string, { headers = {}, ...guess }: Guess = {}) {
	return ask(url, 'POST', `${base}/login/password`, { body: { username, password }, headers, ...guess });
}

export interface Jar {
	readonly cookie: string;
	readonly xsrf: string;
	/** What a request of this session carries. */
	readonly headers: Record<string, string>;
}

/** Signs in, and fetches the XSRF token. */
export async function signIn(url: string, username: string, password: string, guess: Guess = {}): Promise<Jar> {
	const answer = await login(url, username, password, guess);
	const cookie = answer.cookie();
	if (answer.status !== 200 || !cookie) throw new Error(`${username}: ${answer.status} ${answer.body}`);
	const headers = { ...guess.headers, Cookie: `JSESSIONID=${cookie}` };
	const token = await ask(url, 'GET', `${base}/xsrfToken`, { ...guess, headers });
	const { xsrfToken } = JSON.parse(token.body);
	return { cookie, xsrf: xsrfToken, headers: { Cookie: `JSESSIONID=${cookie}`, 'X-XSRF-Token': xsrfToken } };
}

/** `currentIdentity` with what a jar holds. */
export function me(url: string, { headers }: Jar, agent?: Agent): Promise<Answer> {
	return ask(url, 'GET', `${base}/currentIdentity`, { headers, ...(agent && { agent }) });
}

/** Longer than any busy machine keeps the service from closing what it has answered. */
const quietMs = 30_000;

/** Writes bytes to a socket, and returns what came back until the server closed it; rejects where it does not. */
export async function raw(url: string, bytes: string | Buffer): Promise<string> {
	const { hostname, port } = new URL(url);
	const socket = connect(Number(port), hostname);
	let isOurs = false;
	socket.setTimeout(quietMs, () => {
		isOurs = true;
		socket.destroy();
	});
	let answer = '';
	socket.on('data', (chunk) => {
		answer += chunk.toString('latin1');
	});
	socket.on('error', () => undefined);
	socket.write(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes);
	await new Promise((closed) => socket.on('close', closed));
	if (isOurs) throw new Error(`still open, and silent for ${quietMs} ms: ${answer}`);
	return answer;
}
