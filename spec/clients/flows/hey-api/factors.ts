import { client } from './api/client.gen.ts';
import {
	addTotp,
	confirmTotp,
	getCurrentIdentity,
	getXsrfToken,
	listSessions,
	listUsableFactors,
	loginByRecoveryCode,
	loginByTotp,
	loginWithPassword,
	logout,
	makeRecoveryCodes,
	proveAgain,
	removeAuthenticator,
} from './api/index.ts';
import { type Given, ownPassword, type Phone, type Tell, username } from './given.ts';

/** @hey-api/openapi-ts: an app that shows codes, recovery codes, and a proof where one is asked for. */
export async function factors({ baseUrl, fetch }: Given, phone: Phone, tell: Tell): Promise<void> {
	let xsrfToken = '';
	client.setConfig({ baseUrl, fetch, auth: ({ name }) => (name === 'X-XSRF-Token' ? xsrfToken : undefined) });

	/** The session that follows a login, a code or a proof has a token of its own. */
	async function fetchToken(): Promise<void> {
		xsrfToken = (await getXsrfToken()).data?.xsrfToken ?? '';
	}

	async function login(): Promise<void> {
		const { data, response } = await loginWithPassword({ body: { username, password: ownPassword } });
		tell('login', response?.status, data?.secondFactorNeeded === true ? 'waits for a second factor' : 'open');
		await fetchToken();
	}

	async function whoAmI(): Promise<void> {
		const { data, error, response } = await getCurrentIdentity();
		tell('identity', response?.status, data?.name ?? error?.code);
	}

	async function showCode(code: string): Promise<void> {
		const { error, response } = await loginByTotp({ body: { code } });
		tell('code', response?.status, error?.code);
		await fetchToken();
	}

	await login();
	const added = await addTotp({ body: { name: 'Phone' } });
	tell('set up an app', added.response?.status, added.data?.qr.startsWith('<svg'));
	const { id, secret } = added.data ?? { id: '', secret: '' };
	const path = { id };
	const wrongly = await confirmTotp({ path, body: { code: phone.wrongCodeOf(secret) } });
	tell('confirm wrongly', wrongly.response?.status, wrongly.error?.code);
	tell('confirm', (await confirmTotp({ path, body: { code: phone.codeOf(secret) } })).response?.status);
	await fetchToken();
	const paper = await makeRecoveryCodes();
	tell('recovery codes', paper.response?.status, `${paper.data?.codes.length}`);
	tell('logout', (await logout()).response?.status);

	await login();
	await whoAmI();
	const usable = await listUsableFactors();
	tell('what can be shown', usable.response?.status, usable.data?.methods.join());
	await showCode(phone.wrongCodeOf(secret));
	phone.wait(30);
	await showCode(phone.codeOf(secret));
	await whoAmI();
	tell('logout', (await logout()).response?.status);

	await login();
	const byPaper = await loginByRecoveryCode({ body: { code: paper.data?.codes[0] ?? '' } });
	tell('recovery code', byPaper.response?.status, `${byPaper.data?.recoveryCodesLeft} left`);
	await fetchToken();
	await whoAmI();

	phone.wait(360);
	const late = await removeAuthenticator({ path });
	tell('remove late', late.response?.status, late.error?.code);
	const { level, methods } = late.error?.proofNeeded ?? {};
	tell('what would do', late.response?.status, `level ${level}: ${methods?.join()}`);
	const others = await listSessions({ query: { identity: 'nobody' } });
	tell('sessions of others', others.response?.status, others.error?.code);
	const proof = await proveAgain({ body: { code: phone.codeOf(secret) } });
	tell('prove', proof.response?.status, proof.error?.code);
	await fetchToken();
	tell('remove', (await removeAuthenticator({ path })).response?.status);
	await login();
}

/** What the types must refuse. */
export function wrong(): void {
	// @ts-expect-error: six digits are a text.
	void loginByTotp({ body: { code: 123456 } });
	// @ts-expect-error: an app has a name.
	void addTotp({ body: {} });
}
