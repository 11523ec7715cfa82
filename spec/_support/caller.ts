import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { assertAnswers } from './contract.ts';
import type { TestService } from './service.ts';

/** What a program sends: at most one of `form`, `json` and `body`. */
export interface Call {
	/** `Authorization: Basic`, of a name and a password. */
	readonly basic?: readonly [name: string, password: string];
	readonly form?: Readonly<Record<string, string>>;
	readonly json?: unknown;
	/** As it is. Its type stands in `headers`. */
	readonly body?: string | Buffer;
	/** On top of what the call says by itself; `Cookie` takes the place of the jar. */
	readonly headers?: Readonly<Record<string, string>>;
}

export interface Reply {
	readonly status: number;
	readonly headers: IncomingMessage['headers'];
	readonly setCookie: readonly string[];
	/** Parsed where it is JSON, else the text. */
	readonly body: unknown;
}

/** A program with a cookie jar, which sends what it is told and nothing of its own. */
export function createCaller({ url }: Pick<TestService, 'url'>) {
	const jar = new Map<string, string>();

	async function call(method: string, path: string, what: Call = {}): Promise<Reply> {
		const { basic, form, json } = what;
		const sent = bodyOf(what);
		const { hostname, port } = new URL(url);
		const req = request({
			...{ hostname, port, path, method, agent: false },
			headers: {
				...(jar.size > 0 && { Cookie: cookies() }),
				...(basic && { Authorization: `Basic ${Buffer.from(basic.join(':')).toString('base64')}` }),
				...(form && { 'Content-Type': 'application/x-www-form-urlencoded; charset=UTF-8' }),
				...(json !== undefined && { 'Content-Type': 'application/json' }),
				...(sent !== undefined && { 'Content-Length': Buffer.byteLength(sent) }),
				...what.headers,
			},
		});
		req.end(sent);
		const [res] = (await once(req, 'response')) as [IncomingMessage];
		const setCookie = res.headers['set-cookie'] ?? [];
		for (const cookie of setCookie) {
			const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(cookie) ?? [];
			if (value === '') jar.delete(name);
			else jar.set(name, value);
		}
		const answer = await text(res);
		const isJson = res.headers['content-type']?.startsWith('application/json') ?? false;
		const status = res.statusCode ?? 0;
		const body: unknown = isJson && answer !== '' ? JSON.parse(answer) : answer;
		assertAnswers(method, path, status, new Headers(res.headers as Record<string, string>), body);
		return { status, headers: res.headers, setCookie, body };
	}

	const cookies = () => [...jar].map(([name, value]) => `${name}=${value}`).join('; ');

	return {
		jar,
		/** The jar as a `Cookie` header. */
		cookies,
		call,
		get: (path: string, what?: Call) => call('GET', path, what),
		post: (path: string, what?: Call) => call('POST', path, what),
	};
}

export type Caller = ReturnType<typeof createCaller>;

function bodyOf({ form, json, body }: Call): string | Buffer | undefined {
	if (form) return new URLSearchParams(form).toString();
	return json === undefined ? body : JSON.stringify(json);
}
