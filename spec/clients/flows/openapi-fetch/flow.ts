import createClient from 'openapi-fetch';
import type { paths } from './api.ts';
import { firstPassword, type Given, ownPassword, type Tell, username } from './given.ts';

/** openapi-typescript with openapi-fetch: paths and bodies typed, a middleware for the XSRF token. */
export async function flow({ baseUrl, fetch, resource }: Given, tell: Tell): Promise<void> {
	const latchkey = createClient<paths>({ baseUrl, fetch });
	let xsrfToken = '';
	latchkey.use({ onRequest: ({ request }) => request.headers.set('X-XSRF-Token', xsrfToken) });

	async function login(password: string): Promise<void> {
		const body = { username, password };
		const { data, error, response } = await latchkey.POST('/services/session/v1/login/password', { body });
		tell('login', response.status, data ? data.passwordChangeNeeded : error.code);
		await fetchToken();
	}

	async function fetchToken(): Promise<void> {
		const token = await latchkey.GET('/services/session/v1/xsrfToken');
		xsrfToken = token.data?.xsrfToken ?? '';
	}

	/** The session that follows has a token of its own. */
	async function prove(password: string): Promise<void> {
		const { error, response } = await latchkey.POST('/services/session/v1/proof', { body: { password } });
		tell('prove', response.status, error?.code);
		await fetchToken();
	}

	async function whoAmI(): Promise<void> {
		const { data, error, response } = await latchkey.GET('/services/session/v1/currentIdentity');
		tell('identity', response.status, data ? `${data.name}: ${data.permissions.join()}` : error.code);
	}

	async function change(newPassword: string): Promise<void> {
		const body = { currentPassword: firstPassword, newPassword };
		const { error, response } = await latchkey.POST('/services/session/v1/changePassword', { body });
		tell('change', response.status, error?.code);
	}

	await whoAmI();
	await login('a wrong guess');
	await login(firstPassword);
	await whoAmI();
	await change('short');
	await change(ownPassword);
	await login(ownPassword);
	await whoAmI();
	const treasure = await fetch(baseUrl + resource, { headers: { 'X-XSRF-Token': xsrfToken } });
	tell('resource', treasure.status, await treasure.text());
	const others = await latchkey.GET('/services/session/v1/sessions', { params: { query: { identity: 'nobody' } } });
	tell('sessions of others', others.response.status, others.error?.code);
	const own = await latchkey.GET('/services/session/v1/sessions');
	const first = own.data?.sessions[0];
	tell('own sessions', own.response.status, `${own.data?.sessions.length} ${first?.openedBy} ${first?.state}`);
	const gone = await latchkey.DELETE('/services/session/v1/sessions/{id}', {
		params: { path: { id: '0'.repeat(64) } },
	});
	tell('end a session that is not there', gone.response.status, gone.error?.code);
	await prove('a wrong guess');
	await prove(ownPassword);
	await whoAmI();
	const logout = await latchkey.POST('/services/session/v1/logout');
	tell('logout', logout.response.status);
	await whoAmI();
}

/** What the types must refuse. */
export function wrong(latchkey: ReturnType<typeof createClient<paths>>): void {
	// @ts-expect-error: a login needs a password.
	void latchkey.POST('/services/session/v1/login/password', { body: { username } });
	// @ts-expect-error: there is no such path.
	void latchkey.GET('/services/session/v1/nothing');
}
