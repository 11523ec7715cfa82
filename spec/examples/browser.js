// Latchkey in a page: the browser keeps the cookie, the XSRF token goes with every request, GET too.
const host = ''; // Of another origin: 'https://login.example.org', which allows this page's (`allowedOrigins`).
const session = '/services/session/v1';
// Redirects are not followed: the token would go along, to another origin, too.
const how = { credentials: 'include', redirect: 'error' };
let xsrfToken = '';

async function ask(path, { headers, ...init } = {}) {
	const response = await fetch(host + path, { ...init, ...how, headers: { 'X-XSRF-Token': xsrfToken, ...headers } });
	if (response.ok) return response;
	const { code, message = response.statusText, proofNeeded } = await response.json().catch(() => ({}));
	const retryAfter = Number(response.headers.get('Retry-After')) || undefined;
	throw Object.assign(new Error(message), { status: response.status, code, retryAfter, proofNeeded });
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

const stateByCode = {
	'session-missing': 'signed-out',
	'session-expired': 'signed-out',
	'second-factor-needed': 'second-factor',
	'password-change-needed': 'must-change',
	'enrolment-needed': 'enrolment',
};

/**
 * For the start of the page: `signed-in`, `signed-out`, or what a session waits for that lets nothing through before: a
 * `second-factor` to be shown, another password (`must-change`), or a second factor to be set up (`enrolment`). Rejects
 * where nobody can tell, as while the service is away.
 */
export async function resume() {
	try {
		await fetchToken();
		await send(`${session}/currentSession`);
		return 'signed-in';
	} catch (error) {
		if (error.code in stateByCode) return stateByCode[error.code];
		throw error;
	}
}

/** Resolves as `resume` does. */
export async function login(username, password) {
	await post(`${session}/login/password`, { username, password });
	return resume();
}

/** After `second-factor`, a code of the app, or one from paper. Resolves as `resume` does. */
export async function secondFactor(code, kind = 'totp') {
	await post(`${session}/login/${kind}`, { code }); // or 'recoveryCode'
	return resume();
}

/** Where `send` was refused with `proof-needed`, before it is sent again: `{ password }`, `{ code }` or `{ recoveryCode }`. */
export async function prove(shown) {
	await post(`${session}/proof`, shown);
	await fetchToken();
}

/** Ends every session of that identity: `signed-out`, or with `session.afterPasswordChange: renew` `signed-in`. */
export async function changePassword(currentPassword, newPassword) {
	await post(`${session}/changePassword`, { currentPassword, newPassword });
	return resume();
}

export const logout = () => send(`${session}/logout`, { method: 'POST' });
