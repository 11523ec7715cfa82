import {
	changePassword,
	endSession,
	getCurrentIdentity,
	getXsrfToken,
	listSessions,
	loginWithPassword,
	logout,
	proveAgain,
} from './api.ts';
import { firstPassword, type Given, ownPassword, type Tell, username } from './given.ts';
import { useFetch, useXsrfToken } from './own-fetch.ts';

/** orval with `client: fetch` and a mutator: a function for each operation, its answers told apart by `status`. */
export async function flow(given: Given, tell: Tell): Promise<void> {
	const { baseUrl, fetch, resource } = given;
	useFetch(given);
	let xsrfToken = '';

	async function login(password: string): Promise<void> {
		const { status, data } = await loginWithPassword({ username, password });
		tell('login', status, status === 200 ? data.passwordChangeNeeded : data.code);
		await fetchToken();
	}

	async function fetchToken(): Promise<void> {
		const token = await getXsrfToken();
		xsrfToken = token.status === 200 ? token.data.xsrfToken : '';
		useXsrfToken(xsrfToken);
	}

	/** The session that follows has a token of its own. */
	async function prove(password: string): Promise<void> {
		const { status, data } = await proveAgain({ password });
		tell('prove', status, status === 204 ? undefined : data.code);
		await fetchToken();
	}

	async function whoAmI(): Promise<void> {
		const { status, data } = await getCurrentIdentity();
		tell('identity', status, status === 200 ? `${data.name}: ${data.permissions.join()}` : data.code);
	}

	async function change(newPassword: string): Promise<void> {
		const { status, data } = await changePassword({ currentPassword: firstPassword, newPassword });
		tell('change', status, status === 204 ? undefined : data.code);
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
	const others = await listSessions({ identity: 'nobody' });
	tell('sessions of others', others.status, others.status === 200 ? undefined : others.data.code);
	const own = await listSessions();
	const sessions = own.status === 200 ? own.data.sessions : [];
	tell('own sessions', own.status, `${sessions.length} ${sessions[0]?.openedBy} ${sessions[0]?.state}`);
	const gone = await endSession('0'.repeat(64));
	tell('end a session that is not there', gone.status, gone.status === 204 ? undefined : gone.data.code);
	await prove('a wrong guess');
	await prove(ownPassword);
	await whoAmI();
	tell('logout', (await logout()).status);
	await whoAmI();
}

/** What the types must refuse. */
export function wrong(): void {
	// @ts-expect-error: a login needs a password.
	void loginWithPassword({ username });
	// @ts-expect-error: everybody's sessions, or no word of it.
	void listSessions({ all: 'yes' });
}
