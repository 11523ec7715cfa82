import { once } from 'node:events';
import { type IncomingMessage, request as plainRequest } from 'node:http';
import { request as tlsRequest } from 'node:https';
import { text } from 'node:stream/consumers';

/** Where to go, and as whom: over TLS where there is a CA to trust. */
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

export interface Sent {
	readonly method?: string;
	readonly headers?: Readonly<Record<string, string | string[]>>;
	readonly body?: string;
}

export interface Got {
	readonly status: number;
	readonly headers: IncomingMessage['headers'];
	readonly text: string;
	/** Parsed, where it is JSON. */
	readonly body: unknown;
}

const base = '/services/session/v1';

/** A client that writes each target as it is told (`fetch` would tidy it up), keeps cookies and Kura's XSRF token. */
export function createVisitor({ port, ca, from, cert, key }: Way) {
	const jar = new Map<string, string>();
	/** What the last answer that set cookies said. */
	let setCookie: readonly string[] = [];
	let xsrfToken: string | undefined;

	async function send(target: string, { method = 'GET', headers = {}, body }: Sent = {}): Promise<Got> {
		const open = ca === undefined ? plainRequest : tlsRequest;
		const req = open({
			...{ host: '127.0.0.1', port, path: target, method, agent: false },
			...(from !== undefined && { localAddress: from }),
			...(ca !== undefined && { ca, servername: 'localhost', cert, key }),
			headers: {
				Host: `localhost:${port}`,
				...(jar.size > 0 && { Cookie: cookies() }),
				...(xsrfToken !== undefined && { 'X-XSRF-Token': xsrfToken }),
				...(body !== undefined && { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body) }),
				...headers,
			},
		});
		req.on('error', () => {}).end(body);
		const [res] = (await once(req, 'response')) as [IncomingMessage];
		setCookie = res.headers['set-cookie'] ?? setCookie;
		for (const cookie of res.headers['set-cookie'] ?? []) {
			const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(cookie) ?? [];
			if (value === '') jar.delete(name);
			else jar.set(name, value);
		}
		const answer = await text(res);
		const isJson = res.headers['content-type']?.startsWith('application/json') && answer !== '';
		return {
			status: res.statusCode ?? 0,
			headers: res.headers,
			text: answer,
			body: isJson ? JSON.parse(answer) : answer,
		};
	}

	const cookies = () => [...jar].map(([name, value]) => `${name}=${value}`).join('; ');

	/** Signs in, and fetches the XSRF token for everything that follows. */
	async function login(username: string, password: string): Promise<Got> {
		xsrfToken = undefined;
		const body = JSON.stringify({ username, password });
		return opened(await send(`${base}/login/password`, { method: 'POST', body }));
	}

	async function opened(answer: Got): Promise<Got> {
		if (answer.status < 300) {
			xsrfToken = ((await send(`${base}/xsrfToken`)).body as { xsrfToken: string }).xsrfToken;
		}
		return answer;
	}

	return {
		jar,
		cookies,
		send,
		login,
		loginByCertificate: async (headers: Record<string, string> = {}) =>
			opened(await send(`${base}/login/certificate`, { method: 'POST', headers })),
		logout: () => send(`${base}/logout`, { method: 'POST' }),
		setCookie: () => setCookie,
		xsrfToken: () => xsrfToken ?? '',
		/** The same, without the XSRF token: as a browser loads pages and pictures. */
		withoutToken: (target: string, sent: Sent = {}) => {
			const token = xsrfToken;
			xsrfToken = undefined;
			const answer = send(target, sent);
			xsrfToken = token;
			return answer;
		},
	};
}

export type Visitor = ReturnType<typeof createVisitor>;
