import createClient from 'openapi-fetch';
import type { paths } from './api.ts';
import { type Given, ownPassword, type Phone, type Tell, username } from './given.ts';

const base = '/services/session/v1';

/** openapi-typescript with openapi-fetch: an app that shows codes, recovery codes, and a proof where one is asked for. */
export async function factors({ baseUrl, fetch }: Given, phone: Phone, tell: Tell): Promise<void> {
	const latchkey = createClient<paths>({ baseUrl, fetch });
	let xsrfToken = '';
	latchkey.use({ onRequest: ({ request }) => request.headers.set('X-XSRF-Token', xsrfToken) });

	/** The session that follows a login, a code or a proof has a token of its own. */
	async function fetchToken(): Promise<void> {
		xsrfToken = (await latchkey.GET(`${base}/xsrfToken`)).data?.xsrfToken ?? '';
	}

	async function login(): Promise<void> {
		const body = { username, password: ownPassword };
		const { data, response } = await latchkey.POST(`${base}/login/password`, { body });
		tell('login', response.status, data?.secondFactorNeeded === true ? 'waits for a second factor' : 'open');
		await fetchToken();
	}

	async function whoAmI(): Promise<void> {
		const { data, error, response } = await latchkey.GET(`${base}/currentIdentity`);
		tell('identity', response.status, data?.name ?? error?.code);
	}

	async function showCode(code: string): Promise<void> {
		const { error, response } = await latchkey.POST(`${base}/login/totp`, { body: { code } });
		tell('code', response.status, error?.code);
		await fetchToken();
	}

	await login();
	const added = await latchkey.POST(`${base}/authenticators/totp`, { body: { name: 'Phone' } });
	tell('set up an app', added.response.status, added.data?.qr.startsWith('<svg'));
	const { id, secret } = added.data ?? { id: '', secret: '' };
	const params = { path: { id } };
	const confirmation = `${base}/authenticators/totp/{id}/confirmation` as const;
	const wrongly = await latchkey.POST(confirmation, { params, body: { code: phone.wrongCodeOf(secret) } });
	tell('confirm wrongly', wrongly.response.status, wrongly.error?.code);
	const confirmed = await latchkey.POST(confirmation, { params, body: { code: phone.codeOf(secret) } });
	tell('confirm', confirmed.response.status);
	await fetchToken();
	const paper = await latchkey.POST(`${base}/recoveryCodes`);
	tell('recovery codes', paper.response.status, `${paper.data?.codes.length}`);
	tell('logout', (await latchkey.POST(`${base}/logout`)).response.status);

	await login();
	await whoAmI();
	const usable = await latchkey.GET(`${base}/secondFactor`);
	tell('what can be shown', usable.response.status, usable.data?.methods.join());
	await showCode(phone.wrongCodeOf(secret));
	phone.wait(30);
	await showCode(phone.codeOf(secret));
	await whoAmI();
	tell('logout', (await latchkey.POST(`${base}/logout`)).response.status);

	await login();
	const byPaper = await latchkey.POST(`${base}/login/recoveryCode`, { body: { code: paper.data?.codes[0] ?? '' } });
	tell('recovery code', byPaper.response.status, `${byPaper.data?.recoveryCodesLeft} left`);
	await fetchToken();
	await whoAmI();

	phone.wait(360);
	const late = await latchkey.DELETE(`${base}/authenticators/{id}`, { params });
	tell('remove late', late.response.status, late.error?.code);
	const { level, methods } = late.error?.proofNeeded ?? {};
	tell('what would do', late.response.status, `level ${level}: ${methods?.join()}`);
	const others = await latchkey.GET(`${base}/sessions`, { params: { query: { identity: 'nobody' } } });
	tell('sessions of others', others.response.status, others.error?.code);
	const proof = await latchkey.POST(`${base}/proof`, { body: { code: phone.codeOf(secret) } });
	tell('prove', proof.response.status, proof.error?.code);
	await fetchToken();
	tell('remove', (await latchkey.DELETE(`${base}/authenticators/{id}`, { params })).response.status);
	await login();
}

/** What the types must refuse. */
export function wrong(latchkey: ReturnType<typeof createClient<paths>>): void {
	// @ts-expect-error: six digits are a text.
	void latchkey.POST(`${base}/login/totp`, { body: { code: 123456 } });
	// @ts-expect-error: an app has a name.
	void latchkey.POST(`${base}/authenticators/totp`, { body: {} });
}
