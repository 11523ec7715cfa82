import { setUpApp } from '../_support/authenticator-app.ts';
import { createClient } from '../_support/client.ts';
import { onStage } from './on-stage.ts';
import { adminPassword, clerkPassword, signIn } from './scenes.ts';

onStage('who signs in learns when that was the last time, and what was tried since', async (t, stage) => {
	const { service, open, page, clock } = stage;
	await service.add('admin', adminPassword);
	await service.add('grace', clerkPassword);
	await open();
	await signIn(page, 'grace', clerkPassword);
	await page.getByRole('heading', { name: 'My sessions' }).waitFor();
	t.is(await page.getByText('Last sign-in').count(), 0, 'it is the first one');
	await page.getByRole('button', { name: 'Sign out' }).click();
	for (const wrong of ['not it', 'nor this']) await createClient(service).login('grace', wrong);
	clock.wind(60_000);
	await page.getByRole('heading', { name: /sign in/i }).waitFor();
	await signIn(page, 'grace', clerkPassword);
	const told = page.getByText(/^Last sign-in before this one:/);
	await told.waitFor();
	t.regex(await told.innerText(), /, from 127\.0\.0\.1 \(Chrome on Linux\)\. Since then 2 were refused\.$/);

	await page.getByRole('link', { name: 'History' }).click();
	await page.getByRole('heading', { name: 'History' }).waitFor();
	const rows = page.getByRole('main').getByRole('listitem');
	await rows.first().waitFor();
	const words = (await rows.locator('.name').allInnerTexts()).map((text) => text.replaceAll(/\s+/g, ' '));
	t.deepEqual(words, [
		'Sign-in by password',
		'Sign-in by password Refused',
		'Sign-in by password Refused',
		'Sign-out',
		'Sign-in by password',
		'Added',
	]);
	t.regex((await rows.last().innerText()) ?? '', /by an operator/);
});

onStage('an administrator sees the history of somebody, the rest of it when asked', async (t, stage) => {
	const { service, open, page } = stage;
	await service.add('admin', adminPassword, { permissions: ['kura.admin'] });
	await service.add('grace', clerkPassword);
	for (let count = 0; count < 11; count += 1) await createClient(service).login('grace', clerkPassword);
	await open();
	await signIn(page, 'admin', adminPassword);
	await page.getByRole('heading', { name: 'My sessions' }).waitFor();
	await open({ path: '/#/identity/grace' });
	const section = page.getByRole('region', { name: 'History' });
	await section.getByRole('listitem').first().waitFor();
	t.is(await section.getByRole('listitem').count(), 10);
	await section.getByRole('button', { name: 'Show older ones' }).click();
	await section.getByText('Added').waitFor();
	t.is(await section.getByRole('listitem').count(), 12);
	t.is(await section.getByRole('button', { name: 'Show older ones' }).count(), 0);
});

onStage('who signs in learns that somebody has known the password, and had no second factor', async (t, stage) => {
	const { service, open, page, clock } = stage;
	await service.add('admin', adminPassword);
	await service.add('grace', clerkPassword);
	const grace = createClient(service);
	await grace.login('grace', clerkPassword);
	const app = await setUpApp(grace, clock.now);
	clock.wind(60_000);
	const again = createClient(service);
	await again.login('grace', clerkPassword);
	await again.post('/services/session/v1/login/totp', { code: app.code() });
	await createClient(service).login('grace', clerkPassword);
	clock.wind(60_000);
	await open();
	await signIn(page, 'grace', clerkPassword);
	await page.getByLabel('Code from your app').fill(app.code());
	await page.keyboard.press('Enter');
	const told = page.getByText(/^Last sign-in before this one:/);
	await told.waitFor();
	t.regex(
		await told.innerText(),
		/, from 127\.0\.0\.1 .*\. Somebody knew your password, and had no second factor: change it\.$/,
	);
});
