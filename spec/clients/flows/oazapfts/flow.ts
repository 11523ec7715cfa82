import {
	changePassword,
	defaults,
	endSession,
	getCurrentIdentity,
	getXsrfToken,
	listSessions,
	loginWithPassword,
	logout,
	proveAgain,
} from './api.ts';
import { firstPassword, type Given, ownPassword, type Tell, username } from './given.ts';

/** oazapfts: a function for each operation; what goes with every request stands in `defaults`. */
export async function flow({ baseUrl, fetch, resource }: Given, tell: Tell): Promise<void> {
	defaults.baseUrl = baseUrl;
	defaults.fetch = fetch;
	let xsrfToken = '';

	async function login(password: string): Promise<void> {
		const answer = await loginWithPassword({ username, password });
		tell('login', answer.status, answer.status === 200 ? answer.data.passwordChangeNeeded : answer.data.code);
		await fetchToken();
	}

	async function fetchToken(): Promise<void> {
		const token = await getXsrfToken();
		xsrfToken = token.status === 200 ? token.data.xsrfToken : '';
		defaults.headers = { 'X-XSRF-Token': xsrfToken };
	}

	/** The session that follows has a token of its own. */
	async function prove(password: string): Promise<void> {
		const answer = await proveAgain({ password });
		tell('prove', answer.status, answer.status === 204 ? undefined : answer.data.code);
		await fetchToken();
	}

	async function whoAmI(): Promise<void> {
		const answer = await getCurrentIdentity();
		const { status } = answer;
		tell(
			'identity',
			status,
			status === 200 ? `${answer.data.name}: ${answer.data.permissions.join()}` : answer.data.code,
		);
	}

	async function change(newPassword: string): Promise<void> {
		const answer = await changePassword({ currentPassword: firstPassword, newPassword });
		tell('change', answer.status, answer.status === 204 ? undefined : answer.data.code);
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
