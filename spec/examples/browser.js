// Latchkey in a page of the same origin: the browser keeps the cookie, the XSRF token goes with every request, GET too.
const session = '/services/session/v1';
let xsrfToken = '';

/** `fetch` with the token. An error's `status` tells: 401 log in (anew), 403 not permitted, 429 and 503 try later. */
export async function send(path, { headers, ...init } = {}) {
	const response = await fetch(path, { ...init, headers: { 'X-XSRF-Token': xsrfToken, ...headers } });
	if (response.ok) return response;
	const { message = response.statusText } = await response.json().catch(() => ({}));
	throw Object.assign(new Error(message), { status: response.status });
}

const post = (path, body) =>
	send(path, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) });

/** For the start of the page: whether there is a session already. */
export async function resume() {
	const response = await fetch(`${session}/xsrfToken`);
	xsrfToken = response.ok ? (await response.json()).xsrfToken : '';
	return response.ok;
}

/** True: the password must be changed, and nothing else is let through until then. */
export async function login(username, password) {
	const { passwordChangeNeeded } = await (await post(`${session}/login/password`, { username, password })).json();
	await resume();
	return passwordChangeNeeded;
}

/** Ends every session of that identity: log in with the new password next. */
export const changePassword = (currentPassword, newPassword) =>
	post(`${session}/changePassword`, { currentPassword, newPassword });

export const logout = () => send(`${session}/logout`, { method: 'POST' });
