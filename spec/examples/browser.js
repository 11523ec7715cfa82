// Latchkey in a page of the same origin: the browser keeps the cookie, the XSRF token goes with every request, GET too.
const session = '/services/session/v1';
let xsrfToken = '';

async function ask(path, { headers, ...init } = {}) {
	const response = await fetch(path, { ...init, headers: { 'X-XSRF-Token': xsrfToken, ...headers } });
	if (response.ok) return response;
	const { code, message = response.statusText } = await response.json().catch(() => ({}));
	const retryAfter = Number(response.headers.get('Retry-After')) || undefined;
	throw Object.assign(new Error(message), { status: response.status, code, retryAfter });
}

async function fetchToken() {
	xsrfToken = (await (await ask(`${session}/xsrfToken`)).json()).xsrfToken;
}

/**
 * `fetch` with the token; should another tab have logged in, with that session's, once. Rejects where it is refused:
 * `code` tells why (`RefusalCode` in /docs), `retryAfter` in how many seconds it is worth trying again.
 */
export async function send(path, init) {
	try {
		return await ask(path, init);
	} catch (error) {
		if (error.code !== 'xsrf-token-invalid') throw error;
		await fetchToken();
		return ask(path, init);
	}
}

const post = (path, body) =>
	send(path, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) });

/**
 * For the start of the page: `signed-in`, `signed-out`, or `must-change`: nothing goes through before the password is
 * changed. Rejects where nobody can tell, as while the service is away.
 */
export async function resume() {
	try {
		await fetchToken();
		await send(`${session}/currentSession`);
		return 'signed-in';
	} catch (error) {
		if (error.code === 'password-change-needed') return 'must-change';
		if (error.code === 'session-missing' || error.code === 'session-expired') return 'signed-out';
		throw error;
	}
}

/** Resolves as `resume` does. */
export async function login(username, password) {
	await post(`${session}/login/password`, { username, password });
	return resume();
}

/** Ends every session of that identity: `signed-out`, or with `session.afterPasswordChange: renew` `signed-in`. */
export async function changePassword(currentPassword, newPassword) {
	await post(`${session}/changePassword`, { currentPassword, newPassword });
	return resume();
}

export const logout = () => send(`${session}/logout`, { method: 'POST' });
