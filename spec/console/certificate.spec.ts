import { startSecureService } from '../_support/secure-service.ts';
import { onStage } from './on-stage.ts';
import { clerkPassword, signIn } from './scenes.ts';
import type { Setting } from './stage.ts';

/** A service with https, and a browser with a certificate of this name, or with none. */
const withCertificateOf = (name?: string) => async (): Promise<Setting> => {
	const service = await startSecureService();
	await service.add('ada', clerkPassword);
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
		t.pass();
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
