import createClient, { type Middleware } from 'openapi-fetch';
// npx openapi-typescript http://127.0.0.1:8080/openapi.yaml -o latchkey-api.ts
import type { paths } from './latchkey-api.ts';

export interface Login {
	readonly baseUrl: string;
	readonly username: string;
	readonly password: string;
}

/** What a new login mends. Any other refusal is an answer. */
const needsLogin: ReadonlySet<unknown> = new Set(['session-missing', 'session-expired', 'xsrf-token-invalid']);

async function codeOf(response: Response): Promise<unknown> {
	if (response.status !== 401) return undefined;
	const failure = (await response
		.clone()
		.json()
		.catch(() => undefined)) as { code?: unknown } | undefined;
	return failure?.code;
}

/** A typed client for Node: keeps its cookie and XSRF token, and logs in where there is no session, or none any more. */
export function createLatchkeyClient({ baseUrl, username, password }: Login) {
	const door = createClient<paths>({ baseUrl });
	const spares = new WeakMap<Request, Request>();
	let cookie = '';
	let xsrfToken = '';
	let underWay: Promise<void> | undefined;

	async function login(): Promise<void> {
		const body = { username, password };
		const { data, error, response } = await door.POST('/services/session/v1/login/password', { body });
		if (error) throw new Error(`login: ${response.status} ${error.message}`);
		if (data.passwordChangeNeeded) throw new Error('login: the password must be changed first');
		// A code of an app is nothing that a program should know.
		if (data.secondFactorNeeded || data.enrolmentNeeded) throw new Error('login: give the program an API token');
		cookie = response.headers
			.getSetCookie()
			.map((line) => line.split(';', 1)[0])
			.join('; ');
		const token = await door.GET('/services/session/v1/xsrfToken', { headers: { Cookie: cookie } });
		if (token.error) throw new Error(`XSRF token: ${token.response.status} ${token.error.message}`);
		xsrfToken = token.data.xsrfToken;
	}

	function carry(request: Request): Request {
		request.headers.set('Cookie', cookie);
		request.headers.set('X-XSRF-Token', xsrfToken);
		return request;
	}

	const session: Middleware = {
		onRequest({ request }) {
			// Once sent, its body is gone.
			spares.set(request, request.clone());
			return carry(request);
		},
		async onResponse({ request, response }) {
			const spare = spares.get(request);
			if (spare === undefined || !needsLogin.has(await codeOf(response))) return undefined;
			// One login for all requests that were refused at once.
			underWay ??= login().finally(() => {
				underWay = undefined;
			});
			await underWay;
			return fetch(carry(spare));
		},
	};

	const latchkey = createClient<paths>({ baseUrl });
	latchkey.use(session);
	return latchkey;
}
