import type { TestService } from '../_support/service.ts';
import { onStage } from './on-stage.ts';
import { adminPassword, signIn } from './scenes.ts';

const link = async ({ service }: TestService) => `/#setup=${await service.core.identities.setupToken()}`;

onStage('the first administrator is created, and signs in with the password just set', async (t, { open, service }) => {
	const token = await service.service.core.identities.setupToken();
	// The link that `serve` prints.
	const page = await open({ path: `/#setup=${token}` });
	t.is(await page.title(), 'Set up Latchkey – Latchkey');
	t.is(await page.getByLabel('Setup token').inputValue(), token ?? '');
	t.is(page.url(), `${service.url}/`, 'it does not stay in the address');
	t.is(await page.getByLabel('User name').inputValue(), 'admin');
	await page.getByLabel('Password', { exact: true }).fill(adminPassword);
	await page.getByLabel('Repeat the password').fill(adminPassword);
	await page.getByRole('button', { name: 'Create administrator' }).click();
	await page.getByText('The administrator is created').waitFor();
	t.is(await page.getByLabel('User name').inputValue(), 'admin');
	await signIn(page, 'admin', adminPassword);
	await page.getByRole('heading', { name: 'My sessions' }).waitFor();
	t.is(await page.getByRole('link', { name: 'Identities' }).count(), 1);
	t.like(
		service.audit().find(({ act }) => act === 'setup'),
		{ outcome: 'ok', identity: 'admin' },
	);
});

onStage(
	'the demands of the policy are shown, and met one by one while typing',
	async (t, { open }) => {
		const page = await open();
		const met = async () => {
			const items = page.locator('.demands li[data-met=true]');
			return (await items.allTextContents()).map((text) => text.replace(': met', ''));
		};
		await page.locator('.demands li').first().waitFor();
		t.deepEqual(await met(), []);
		const password = page.getByLabel('Password', { exact: true });
		const name = 'Contains neither the name nor “latchkey”';
		const typed = [
			['short', [name]],
			[
				'SHORT and capital',
				[
					'At least 14 characters',
					'A capital and a small letter',
					'A character that is neither a letter nor a digit',
					name,
				],
			],
			['Xx7', ['A digit', 'A capital and a small letter', name]],
			[
				'my ADMIN password',
				['At least 14 characters', 'A capital and a small letter', 'A character that is neither a letter nor a digit'],
			],
			['éèêëàâäùûüîïôö', ['At least 14 characters', name]],
		] as const;
		for (const [text, expected] of typed) {
			await password.fill(text);
			t.deepEqual(await met(), [...expected], text);
		}
	},
	{
		passwordPolicy: { minLength: 14, requireDigits: true, requireSpecialCharacters: true, requireBothCases: true },
	},
);

onStage('a password that is not good enough is not even sent', async (t, { open, page, service }) => {
	await open({ path: await link(service) });
	let sent = 0;
	page.on('request', (request) => {
		if (request.method() === 'POST') sent += 1;
	});
	const create = () => page.getByRole('button', { name: 'Create administrator' }).click();
	await page.getByLabel('Password', { exact: true }).fill('too short');
	await page.getByLabel('Repeat the password').fill('too short');
	await create();
	t.is(await page.getByRole('alert').textContent(), 'The password does not meet the requirements below.');
	await page.getByLabel('Password', { exact: true }).fill(adminPassword);
	await page.getByLabel('Repeat the password').fill(`${adminPassword}!`);
	await create();
	await page.getByText('The two passwords differ').waitFor();
	t.is(sent, 0);
});

onStage('what the service alone can judge, it says', async (t, { open, service }) => {
	const page = await open({ path: await link(service) });
	await page.getByLabel('Password', { exact: true }).fill('password12345678');
	await page.getByLabel('Repeat the password').fill('password12345678');
	await page.getByRole('button', { name: 'Create administrator' }).click();
	t.is(
		await page.getByRole('alert').textContent(),
		'The new password must not be a common password, nor one with digits around it.',
	);
	t.is(await page.getByLabel('Password', { exact: true }).inputValue(), 'password12345678', 'what was typed stays');
});

onStage('the one-time token is needed, and may be typed', async (t, { open, service }) => {
	const page = await open();
	await page.getByLabel('Setup token').fill('not the token');
	await page.getByLabel('Password', { exact: true }).fill(adminPassword);
	await page.getByLabel('Repeat the password').fill(adminPassword);
	const create = page.getByRole('button', { name: 'Create administrator' });
	await create.click();
	t.regex((await page.getByRole('alert').textContent()) ?? '', /The setup token is wrong/);
	const token = await service.service.core.identities.setupToken();
	await page.getByLabel('Setup token').fill(` ${token} `);
	await create.click();
	await page.getByText('The administrator is created').waitFor();
	t.pass();
});

onStage('the link works where the page is open already', async (t, { open, service, page }) => {
	await open();
	const path = await link(service);
	await page.evaluate(`location.hash = '${path.slice(1)}'`);
	await page.waitForFunction(`location.hash === ''`);
	t.is(`/#setup=${await page.getByLabel('Setup token').inputValue()}`, path);
});

onStage('where somebody else was quicker, the page says so', async (t, { open, service }) => {
	const page = await open({ path: await link(service) });
	await service.add('somebody', 'who was here before');
	await page.getByLabel('Password', { exact: true }).fill(adminPassword);
	await page.getByLabel('Repeat the password').fill(adminPassword);
	await page.getByRole('button', { name: 'Create administrator' }).click();
	t.regex((await page.getByRole('alert').textContent()) ?? '', /Somebody else has set this service up meanwhile/);
});
