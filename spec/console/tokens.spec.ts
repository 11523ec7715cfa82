import { createClient } from '../_support/client.ts';
import { onStage } from './on-stage.ts';
import { clerkPassword, signIn } from './scenes.ts';

const me = '/services/session/v1/currentIdentity';

onStage('a token is made, shown once with a button to copy it, used, listed and ended', async (t, stage) => {
	const { service, open, context } = stage;
	await service.add('ada', clerkPassword, { permissions: ['rest.assets'] });
	await context.grantPermissions(['clipboard-read', 'clipboard-write']);
	const page = await open();
	await signIn(page, 'ada', clerkPassword);
	await page.getByRole('link', { name: 'API tokens' }).click();
	await page.getByText('There is none.').waitFor();
	await page.getByLabel('What it is for').fill('nightly build');
	await page.getByLabel('Permissions').fill('kura.admin');
	await page.getByRole('button', { name: 'Make a token' }).click();
	t.regex(await page.getByRole('alert').innerText(), /ada does not hold kura\.admin/, 'not more than one holds');
	await page.getByLabel('Permissions').fill('rest.assets');
	await page.getByLabel('Networks').fill('127.0.0.0/8');
	await page.getByLabel('Days').fill('30');
	await page.getByRole('button', { name: 'Make a token' }).click();
	const shown = page.getByLabel('The token', { exact: true });
	await shown.waitFor();
	const token = await shown.inputValue();
	t.regex(token, /^lk_[a-z2-7]{12}_[A-Za-z0-9_-]{49}$/);
	await page.getByRole('button', { name: /^Copy/ }).click();
	await page.getByText('Copied.').waitFor();
	t.is(await page.evaluate('navigator.clipboard.readText()'), token);
	await page.getByRole('button', { name: 'Done' }).click();
	const row = page.getByRole('listitem').filter({ hasText: 'nightly build' });
	t.regex(await row.innerText(), /rest\.assets\s*From 127\.0\.0\.0\/8\s*Until .*\s*Never used/);
	t.false((await page.content()).includes(token), 'it is shown once');
	const machine = createClient(service);
	const headers = { Authorization: `Bearer ${token}` };
	t.is((await machine.get(me, headers)).status, 200);
	await row.getByRole('button', { name: /^End/ }).click();
	await page.getByText('API token ended: nightly build.').waitFor();
	await page.getByText('There is none.').waitFor();
	t.is((await machine.get(me, headers)).status, 401);
});

onStage(
	'with auth.tokens: false there is no tab of tokens, nor a part of them on the page of an identity',
	async (t, { service, open }) => {
		await service.add('boss', clerkPassword, { permissions: ['kura.admin'] });
		const page = await open();
		await signIn(page, 'boss', clerkPassword);
		await page.getByRole('link', { name: 'Identities' }).waitFor();
		t.is(await page.getByRole('link', { name: 'API tokens' }).count(), 0);
		await page.goto(`${service.url}/#/identity/boss`);
		await page.getByRole('region', { name: 'Sessions' }).waitFor();
		t.is(await page.getByRole('region', { name: 'API tokens' }).count(), 0);
		await page.goto(`${service.url}/#/tokens`);
		await page.getByRole('heading', { name: 'My sessions' }).waitFor();
		t.is(await page.getByText('Not found').count(), 0);
	},
	{ auth: { tokens: false } },
);

onStage('an administrator makes and ends tokens of others on the page of an identity', async (t, stage) => {
	const { service, open } = stage;
	await service.add('boss', clerkPassword, { permissions: ['kura.admin'] });
	const robot = await service.add('robot', undefined, { permissions: ['rest.assets'] });
	const page = await open();
	await signIn(page, 'boss', clerkPassword);
	await page.getByRole('link', { name: 'API tokens' }).waitFor();
	await page.goto(`${service.url}/#/identity/robot`);
	const section = page.getByRole('region', { name: 'API tokens' });
	await section.getByLabel('What it is for').fill('sensor');
	await section.getByRole('button', { name: 'Make a token' }).click();
	await section.getByRole('button', { name: 'Done' }).click();
	t.is((await service.service.core.apiTokens.list(robot.id)).length, 1);
	await section.getByRole('button', { name: /^End API token/ }).click();
	await section.getByText('There is none.').waitFor();
	t.deepEqual(await service.service.core.apiTokens.list(robot.id), []);
});
