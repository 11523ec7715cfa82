import { client } from './api/client.gen.ts';
import {
	changePassword,
	endSession,
	getCurrentIdentity,
	getXsrfToken,
	listSessions,
	loginWithPassword,
	logout,
	proveAgain,
} from './api/index.ts';
import { firstPassword, type Given, ownPassword, type Tell, username } from './given.ts';

/** @hey-api/openapi-ts: a function for each operation; `auth` is asked for what `security` names. */
export async function flow({ baseUrl, fetch, resource }: Given, tell: Tell): Promise<void> {
	let xsrfToken = '';
	client.setConfig({ baseUrl, fetch, auth: ({ name }) => (name === 'X-XSRF-Token' ? xsrfToken : undefined) });

	async function login(password: string): Promise<void> {
		const { data, error, response } = await loginWithPassword({ body: { username, password } });
		tell('login', response?.status, data ? data.passwordChangeNeeded : error?.code);
		await fetchToken();
	}

	async function fetchToken(): Promise<void> {
		xsrfToken = (await getXsrfToken()).data?.xsrfToken ?? '';
	}

	/** The session that follows has a token of its own. */
	async function prove(password: string): Promise<void> {
		const { error, response } = await proveAgain({ body: { password } });
		tell('prove', response?.status, error?.code);
		await fetchToken();
	}

	async function whoAmI(): Promise<void> {
		const { data, error, response } = await getCurrentIdentity();
		tell('identity', response?.status, data ? `${data.name}: ${data.permissions.join()}` : error?.code);
	}

	async function change(newPassword: string): Promise<void> {
		const { error, response } = await changePassword({ body: { currentPassword: firstPassword, newPassword } });
		tell('change', response?.status, error?.code);
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
	const others = await listSessions({ query: { identity: 'nobody' } });
	tell('sessions of others', others.response?.status, others.error?.code);
	const own = await listSessions();
	const first = own.data?.sessions[0];
	tell('own sessions', own.response?.status, `${own.data?.sessions.length} ${first?.openedBy} ${first?.state}`);
	const gone = await endSession({ path: { id: '0'.repeat(64) } });
	tell('end a session that is not there', gone.response?.status, gone.error?.code);
	await prove('a wrong guess');
	await prove(ownPassword);
	await whoAmI();
	tell('logout', (await logout()).response?.status);
	await whoAmI();
}

/** What the types must refuse. */
export function wrong(): void {
	// @ts-expect-error: a login needs a password.
	void loginWithPassword({ body: { username } });
	// @ts-expect-error: everybody's sessions, or no word of it.
	void listSessions({ query: { all: 'yes' } });
}
