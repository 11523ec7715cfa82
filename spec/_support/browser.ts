import { assertAnswers } from './contract.ts';
import type { TestService } from './service.ts';

const base = '/services/session/v1';

export interface Answer {
	readonly status: number;
	readonly headers: Headers;
	/** Parsed where it is JSON, else the text. */
	readonly body: unknown;
}

/**
 * A client with a cookie jar and Kura's XSRF token, as the login flow of a single-page app has it. Whatever it is
 * answered must be what the contract allows.
 */
export function createBrowser({ url }: Pick<TestService, 'url'>) {
	const jar = new Map<string, string>();
	let xsrfToken: string | undefined;

	async function send(
		method: string,
		path: string,
		body?: unknown,
		headers: Record<string, string> = {},
	): Promise<Answer> {
		const response = await fetch(url + path, {
			method,
			redirect: 'manual',
			headers: {
				...(jar.size > 0 && { Cookie: [...jar].map(([name, value]) => `${name}=${value}`).join('; ') }),
				...(xsrfToken !== undefined && { 'X-XSRF-Token': xsrfToken }),
				...(body !== undefined && { 'Content-Type': 'application/json' }),
				...headers,
			},
			...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
		});
		for (const cookie of response.headers.getSetCookie()) {
			const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(cookie) ?? [];
			if (value === '') jar.delete(name);
			else jar.set(name, value);
		}
		const text = await response.text();
		const isJson = response.headers.get('content-type')?.startsWith('application/json') ?? false;
		const { status, headers: answered } = response;
		const parsed: unknown = isJson && text !== '' ? JSON.parse(text) : text;
		assertAnswers(method, path, status, answered, parsed);
		return { status, headers: answered, body: parsed };
	}

	return {
		jar,
		send,
		/** Signs in, and fetches the XSRF token for everything that follows. */
		async login(username: string, password: string): Promise<Answer> {
			xsrfToken = undefined;
			const answer = await send('POST', `${base}/login/password`, { username, password });
			if (answer.status === 200) await this.fetchXsrfToken();
			return answer;
		},
		async fetchXsrfToken(): Promise<string | undefined> {
			const { body } = await send('GET', `${base}/xsrfToken`);
			xsrfToken = (body as { xsrfToken?: string }).xsrfToken;
			return xsrfToken;
		},
		get: (path: string, headers?: Record<string, string>) => send('GET', path, undefined, headers),
		post: (path: string, body?: unknown, headers?: Record<string, string>) => send('POST', path, body, headers),
		me: () => send('GET', `${base}/currentIdentity`),
		logout: () => send('POST', `${base}/logout`),
		changePassword: (currentPassword: string, newPassword: string) =>
			send('POST', `${base}/changePassword`, { currentPassword, newPassword }),
	};
}
