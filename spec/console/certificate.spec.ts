import { startSecureService } from '../_support/secure-service.ts';
import { onStage } from './on-stage.ts';
import { clerkPassword, comeBack, signIn } from './scenes.ts';
import type { Setting } from './stage.ts';

/** A service with https, and a browser with a certificate of this name, or with none. */
const withCertificateOf = (name?: string) => async (): Promise<Setting> => {
	const service = await startSecureService();
	await service.add('ada', clerkPassword);
	await service.add('robot');
	if (name === undefined) return { service, options: { ignoreHTTPSErrors: true } };
	const { cert, key } = await service.certificateOf(name);
	const clientCertificates = [{ origin: service.secureUrl, cert: Buffer.from(cert), key: Buffer.from(key) }];
	return { service, options: { ignoreHTTPSErrors: true, clientCertificates } };
};

onStage(
	'a certificate signs in, on the port that asks for it',
	async (t, { open, secureUrl, context }) => {
		const page = await open({ url: secureUrl });
		await page.getByRole('button', { name: 'Sign in with a certificate' }).click();
		await page.getByRole('heading', { name: 'My sessions' }).waitFor();
		await page.getByText('by certificate').waitFor();
		t.is(await page.getByRole('link', { name: 'Password' }).count(), 1);
		t.like((await context.cookies())[0], { httpOnly: true, secure: true, sameSite: 'Lax' });
	},
	withCertificateOf('ada'),
);

onStage(
	'from plain http, a link leads to that port, where one key signs in',
	async (t, { open, secureUrl }) => {
		const page = await open();
		await page.getByRole('link', { name: 'Sign in with a certificate' }).click();
		await page.waitForURL(`${secureUrl}/**`);
		await page.getByRole('button', { name: 'Sign in with a certificate' }).waitFor();
		await page.keyboard.press('Enter');
		await page.getByRole('heading', { name: 'My sessions' }).waitFor();
		t.is(new URL(page.url()).hash, '', 'what led here does not stay in the address');
	},
	withCertificateOf('ada'),
);

onStage(
	'without a certificate, the page says what is missing, and the password still works',
	async (t, { open, secureUrl }) => {
		const page = await open({ url: secureUrl });
		await page.getByRole('button', { name: 'Sign in with a certificate' }).click();
		t.regex((await page.getByRole('alert').textContent()) ?? '', /has shown no certificate that is trusted here/);
		await signIn(page, 'ada', clerkPassword);
		await page.getByRole('heading', { name: 'My sessions' }).waitFor();
	},
	withCertificateOf(),
);

onStage(
	'a certificate that names nobody here opens nothing',
	async (t, { open, secureUrl }) => {
		const page = await open({ url: secureUrl });
		await page.getByRole('button', { name: 'Sign in with a certificate' }).click();
		await page.getByRole('alert').waitFor();
		t.is(await page.getByRole('heading', { name: 'My sessions' }).count(), 0);
	},
	withCertificateOf('mallory'),
);

onStage(
	'who has no password is not offered to change it',
	async (t, { open, secureUrl }) => {
		const page = await open({ url: secureUrl, path: '/#/password' });
		await page.getByRole('button', { name: 'Sign in with a certificate' }).click();
		await page.getByRole('heading', { name: 'My sessions' }).waitFor();
		t.is(await page.getByRole('link', { name: 'Password' }).count(), 0);
		t.is(await page.getByText('change your password').count(), 0);
	},
	withCertificateOf('robot'),
);

onStage(
	'a session that ends on plain http is taken up by password, and no other way is announced',
	async (t, { open, service }) => {
		const page = await open();
		await signIn(page, 'ada', clerkPassword);
		await page.getByRole('heading', { name: 'My sessions' }).waitFor();
		const { core } = service.service;
		const [session] = await core.sessions.list(undefined, 10);
		await core.sessions.end(session!.key, {});
		await comeBack(page);
		const dialog = page.getByRole('dialog', { name: 'Your session has ended' });
		await dialog.getByLabel('Password', { exact: true }).waitFor();
		t.is(await dialog.getByText('or', { exact: true }).count(), 0);
	},
	withCertificateOf(),
);
