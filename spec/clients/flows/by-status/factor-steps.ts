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
} from './api.ts';
import { ownPassword, type Phone, type Tell, username } from './given.ts';

/** An app that shows codes, recovery codes, and a proof where one is asked for, by the clients of orval and of oazapfts. */
export async function factorSteps(phone: Phone, tell: Tell, useXsrfToken: (token: string) => void): Promise<void> {
	/** The session that follows a login, a code or a proof has a token of its own. */
	async function fetchToken(): Promise<void> {
		const token = await getXsrfToken();
		useXsrfToken(token.status === 200 ? token.data.xsrfToken : '');
	}

	async function login(): Promise<void> {
		const answer = await loginWithPassword({ username, password: ownPassword });
		const waits = answer.status === 200 && answer.data.secondFactorNeeded === true;
		tell('login', answer.status, waits ? 'waits for a second factor' : 'open');
		await fetchToken();
	}

	async function whoAmI(): Promise<void> {
		const answer = await getCurrentIdentity();
		tell('identity', answer.status, answer.status === 200 ? answer.data.name : answer.data.code);
	}

	async function showCode(code: string): Promise<void> {
		const answer = await loginByTotp({ code });
		tell('code', answer.status, answer.status === 200 ? undefined : answer.data.code);
		await fetchToken();
	}

	await login();
	const added = await addTotp({ name: 'Phone' });
	tell('set up an app', added.status, added.status === 201 && added.data.qr.startsWith('<svg'));
	const { id, secret } = added.status === 201 ? added.data : { id: '', secret: '' };
	const wrongly = await confirmTotp(id, { code: phone.wrongCodeOf(secret) });
	tell('confirm wrongly', wrongly.status, wrongly.status === 200 ? undefined : wrongly.data.code);
	tell('confirm', (await confirmTotp(id, { code: phone.codeOf(secret) })).status);
	await fetchToken();
	const paper = await makeRecoveryCodes();
	const codes = paper.status === 200 ? paper.data.codes : [];
	tell('recovery codes', paper.status, `${codes.length}`);
	tell('logout', (await logout()).status);

	await login();
	await whoAmI();
	const usable = await listUsableFactors();
	tell('what can be shown', usable.status, usable.status === 200 ? usable.data.methods.join() : usable.data.code);
	await showCode(phone.wrongCodeOf(secret));
	phone.wait(30);
	await showCode(phone.codeOf(secret));
	await whoAmI();
	tell('logout', (await logout()).status);

	await login();
	const byPaper = await loginByRecoveryCode({ code: codes[0] ?? '' });
	const left = byPaper.status === 200 ? byPaper.data.recoveryCodesLeft : undefined;
	tell('recovery code', byPaper.status, `${left} left`);
	await fetchToken();
	await whoAmI();

	phone.wait(360);
	const late = await removeAuthenticator(id);
	const refused = late.status === 403 ? late.data : undefined;
	tell('remove late', late.status, refused?.code);
	tell('what would do', late.status, `level ${refused?.proofNeeded?.level}: ${refused?.proofNeeded?.methods.join()}`);
	const others = await listSessions({ identity: 'nobody' });
	tell('sessions of others', others.status, others.status === 200 ? undefined : others.data.code);
	const proof = await proveAgain({ code: phone.codeOf(secret) });
	tell('prove', proof.status, proof.status === 204 ? undefined : proof.data.code);
	await fetchToken();
	tell('remove', (await removeAuthenticator(id)).status);
	await login();
}

/** What the types must refuse. */
export function wrong(): void {
	// @ts-expect-error: six digits are a text.
	void loginByTotp({ code: 123456 });
	// @ts-expect-error: an app has a name.
	void addTotp({});
}
