import type { Locator, Page } from 'playwright-core';
import { createClient } from '../_support/client.ts';
import { onStage } from './on-stage.ts';
import { adminPassword, atFocus, clerkPassword, signIn } from './scenes.ts';
import type { Stage } from './stage.ts';

const next = 'eleven bells under water';

/** An administrator before the console, and ada, signed in elsewhere. */
async function withAdministrator({ service, open }: Stage, path = '/') {
	await service.add('admin', adminPassword, { permissions: ['kura.admin'] });
	await service.add('ada', clerkPassword, { permissions: ['rest.assets'] });
	const ada = createClient(service);
	await ada.login('ada', clerkPassword);
	const page = await open({ path });
	await signIn(page, 'admin', adminPassword);
	await page.getByRole('navigation').waitFor();
	return { page, ada, isAlive: async () => (await ada.me()).status === 200 };
}

/** Waits until it has the focus. */
const hasFocus = (element: Locator) => element.and(element.page().locator(':focus')).waitFor();

const said = (page: Page, text: string) => page.getByRole('status').filter({ hasText: text }).waitFor();
const section = (page: Page, name: string) => page.getByRole('region', { name, exact: true });

onStage('who is no administrator sees nothing of all this, whatever address is typed', async (t, { service, open }) => {
	await service.add('ada', clerkPassword, { permissions: ['rest.assets'] });
	const page = await open({ path: '/#/identities' });
	await signIn(page, 'ada', clerkPassword);
	await page.getByRole('heading', { name: 'My sessions' }).waitFor();
	const tabs = await page.getByRole('navigation').getByRole('link').allTextContents();
	t.deepEqual(tabs, ['My sessions', 'Password', 'Security', 'API tokens', 'History']);
});

onStage('an identity is created with a password that is suggested, and must change it', async (t, stage) => {
	const { page } = await withAdministrator(stage, '/#/identities');
	await page.getByRole('link', { name: 'New identity' }).click();
	await page.getByLabel('User name', { exact: true }).fill('grace');
	await page.getByRole('button', { name: 'Suggest one' }).click();
	const field = page.getByLabel('Password', { exact: true });
	const password = await field.inputValue();
	t.regex(password, /^([a-z2-9]{5}-){3}[a-z2-9]{5}$/);
	t.is(await field.getAttribute('type'), 'text', 'it can be read');
	for (const width of [360, 1200]) {
		await page.setViewportSize({ width, height: 800 });
		t.true(await field.evaluate((input) => input.scrollWidth <= input.clientWidth), `whole, ${width} pixels wide`);
	}
	t.is(await page.getByRole('button', { name: 'Copy the password' }).count(), 1);
	await page.getByLabel('Others').fill('rest.assets rest.configuration, rest.assets');
	await page.getByRole('button', { name: 'Create' }).click();
	await page.getByRole('heading', { name: 'grace' }).waitFor();
	await said(page, 'grace can sign in now.');
	t.is(await page.getByLabel('The password', { exact: true }).inputValue(), password, 'and once more, to be told');
	await page.getByRole('button', { name: 'Done' }).click();
	await page.getByRole('region', { name: 'Permissions' }).waitFor();
	t.is(await page.getByText(password).count(), 0);
	const grace = createClient(stage.service);
	t.like(await grace.login('grace', password), { status: 200, body: { passwordChangeNeeded: true } });
	await page.getByRole('link', { name: 'Identities' }).first().click();
	const row = page.getByRole('listitem').filter({ hasText: 'grace' });
	t.regex(await row.innerText(), /Must change the password\s*rest\.assets\s*rest\.configuration/);
});

onStage('an identity for certificates only has no password', async (t, stage) => {
	const { page } = await withAdministrator(stage, '/#/new-identity');
	await page.getByLabel('User name', { exact: true }).fill('line-4/sensor é');
	await page.getByLabel('Signs in by certificate only').check();
	t.is(await page.getByLabel('Password', { exact: true }).count(), 0);
	await page.getByRole('button', { name: 'Create' }).click();
	await page.getByRole('heading', { name: 'line-4/sensor é' }).waitFor();
	await page.getByText('Certificate only').waitFor();
	t.pass();
});

const mistakes = [
	{ name: 'ada', permissions: '', words: 'That name is taken, or looks like one that is.' },
	{
		name: 'grace',
		permissions: 'rest assets!',
		words: '“assets!” cannot be a permission: letters, digits, _ - * and dots between them.',
	},
	{ name: ' grace', permissions: '', words: 'A user name has printable characters, and no space at either end.' },
];

onStage('what is wrong with a new identity is said', async (t, stage) => {
	const { page } = await withAdministrator(stage, '/#/new-identity');
	await page.getByLabel('Password', { exact: true }).fill(next);
	for (const { name, permissions, words } of mistakes) {
		await page.getByLabel('User name', { exact: true }).fill(name);
		await page.getByLabel('Others').fill(permissions);
		await page.getByRole('button', { name: 'Create' }).click();
		await page.getByRole('alert').filter({ hasText: words }).waitFor();
	}
	t.is((await stage.service.service.core.identities.list()).length, 2);
});

onStage('permissions are given and taken', async (t, stage) => {
	const { page, ada } = await withAdministrator(stage, '/#/identity/ada');
	const held = page.getByRole('checkbox', { name: 'rest.assets' });
	t.true(await held.isChecked());
	await held.uncheck();
	await page.getByLabel('Others').fill('rest.configuration');
	await page.getByRole('button', { name: 'Save' }).click();
	await said(page, 'The permissions of ada are saved.');
	t.deepEqual(((await ada.me()).body as { permissions: string[] }).permissions, ['rest.configuration']);
});

const rules = {
	resources: [
		{ hosts: ['wiki.example.org'], path: '/admin', permission: 'wiki.admin', upstream: 'http://127.0.0.1:1' },
		{ path: '/plant', permissions: { any: ['plant.read', 'wiki.admin'] }, upstream: 'http://127.0.0.1:1' },
	],
};

onStage(
	'permissions are chosen from those that rules name, with what they open; one that no rule knows is warned of',
	async (t, stage) => {
		const { page, ada } = await withAdministrator(stage, '/#/identity/ada');
		const one = page.getByRole('listitem').filter({ has: page.getByRole('checkbox', { name: 'wiki.admin' }) });
		t.regex(await one.innerText(), /wiki\.example\.org · \/admin\s+every host · \/plant/);
		const held = page.getByRole('listitem').filter({ has: page.getByRole('checkbox', { name: 'rest.assets' }) });
		t.regex(await held.innerText(), /No rule names it/);
		await page.getByRole('checkbox', { name: 'plant.read' }).check();
		await page.getByLabel('Others').fill('wiki.admin plant.raed');
		await page.getByText('No rule names plant.raed: it opens nothing here').waitFor();
		await page.getByRole('button', { name: 'Save' }).click();
		await said(page, 'The permissions of ada are saved.');
		const { permissions } = (await ada.me()).body as { permissions: string[] };
		t.deepEqual(permissions, ['plant.raed', 'plant.read', 'rest.assets', 'wiki.admin']);
		t.true(await page.getByRole('checkbox', { name: 'plant.raed' }).isChecked());
		await page.goto(`${stage.service.url}/#/new-identity`);
		await page.getByRole('checkbox', { name: 'plant.read' }).waitFor();
		t.is(await page.getByRole('checkbox', { name: 'plant.raed' }).count(), 0, 'what somebody else holds is no advice');
	},
	rules,
);

onStage('a password is set for somebody: sessions end, and it must be changed', async (t, stage) => {
	const { page, ada, isAlive } = await withAdministrator(stage, '/#/identity/ada');
	await section(page, 'Sessions').getByText('127.0.0.1', { exact: true }).waitFor();
	t.is(await page.getByLabel('New password', { exact: true }).count(), 0, 'asked for where it is wanted');
	await page.getByRole('button', { name: 'Set another password' }).click();
	await page.getByLabel('New password', { exact: true }).fill(next);
	await page.getByRole('button', { name: 'Set the password' }).click();
	await said(page, 'The password of ada is set. Its sessions have ended.');
	await section(page, 'Sessions').getByText('Not signed in anywhere.').waitFor();
	t.false(await isAlive());
	t.like(await ada.login('ada', next), { status: 200, body: { passwordChangeNeeded: true } });
});

onStage('a change of the password can be required', async (t, stage) => {
	const { page, ada, isAlive } = await withAdministrator(stage, '/#/identity/ada');
	await page.getByRole('button', { name: 'Require a change' }).click();
	await said(page, 'ada must change the password when signing in.');
	await page.getByText('Must change the password', { exact: true }).waitFor();
	t.false(await isAlive());
	t.like(await ada.login('ada', clerkPassword), { status: 200, body: { passwordChangeNeeded: true } });
});

/** Longer than a proof lasts. */
const tooLong = 5 * 60_000 + 1;

onStage('what changes something for others asks for the password again, and is then done', async (t, stage) => {
	const { page, isAlive } = await withAdministrator(stage, '/#/identity/ada');
	const disable = page.getByRole('button', { name: 'Disable' });
	await disable.waitFor();
	stage.clock.wind(tooLong);
	await disable.click();
	const dialog = page.getByRole('dialog', { name: 'Is it you?' });
	t.is(await dialog.getByLabel('User name').inputValue(), 'admin');
	const password = dialog.getByLabel('Your password', { exact: true });
	await password.waitFor();
	t.is(await atFocus(page, 'Your password'), 'Your password');
	await password.fill('not the password');
	await dialog.getByRole('button', { name: 'Confirm' }).click();
	await dialog.getByRole('alert').filter({ hasText: 'The password is wrong.' }).waitFor();
	t.true(await isAlive());
	await password.fill(adminPassword);
	await page.keyboard.press('Enter');
	await dialog.waitFor({ state: 'detached' });
	await page.getByText('Disabled', { exact: true }).waitFor();
	t.false(await isAlive());
	await page.getByRole('button', { name: 'Enable' }).click();
	await said(page, 'ada can sign in again.');
	t.is(await dialog.count(), 0, 'the proof counts for what follows');
});

onStage('whoever does not prove who they are changes nothing, and may try again', async (t, stage) => {
	const { page, isAlive } = await withAdministrator(stage, '/#/identity/ada');
	const other = await stage.open({ page: await stage.newPage(), path: '/#/identity/ada' });
	await page.getByRole('button', { name: 'Remove' }).waitFor();
	stage.clock.wind(tooLong);
	await page.getByRole('button', { name: 'Remove' }).click();
	const removal = page.getByRole('dialog', { name: 'Remove ada?' });
	await removal.getByRole('button', { name: 'Remove' }).click();
	const question = page.getByRole('dialog', { name: 'Is it you?' });
	await question.getByRole('button', { name: 'Cancel' }).click();
	await removal.getByRole('alert').filter({ hasText: 'Nothing was changed' }).waitFor();
	t.true(await isAlive());
	await removal.getByRole('button', { name: 'Remove' }).click();
	await question.getByLabel('Your password', { exact: true }).fill(adminPassword);
	await question.getByRole('button', { name: 'Confirm' }).click();
	await said(page, 'ada is removed.');
	t.false(await isAlive());
	// The other tab has the same session under its new token.
	await other.getByRole('link', { name: 'Identities' }).first().click();
	await other.getByRole('listitem').filter({ hasText: 'admin' }).first().waitFor();
	t.is(await other.getByText('Your session has ended').count(), 0);
});

onStage('a session that ends before it is proved again asks to sign in, and nothing is changed', async (t, stage) => {
	const { page, isAlive } = await withAdministrator(stage, '/#/identity/ada');
	await page.getByRole('button', { name: 'Disable' }).waitFor();
	stage.clock.wind(tooLong);
	await page.getByRole('button', { name: 'Disable' }).click();
	const question = page.getByRole('dialog', { name: 'Is it you?' });
	await question.getByLabel('Your password', { exact: true }).fill(adminPassword);
	const { sessions, identities } = stage.service.service.core;
	const admin = await identities.findByName('admin' as never);
	await sessions.endOf(admin?.id as never, {}, {});
	await question.getByRole('button', { name: 'Confirm' }).click();
	await page.getByRole('dialog', { name: 'Your session has ended' }).waitFor();
	t.is(await question.count(), 0);
	t.true(await isAlive());
});

onStage('an identity is disabled, and enabled again', async (t, stage) => {
	const { page, ada, isAlive } = await withAdministrator(stage, '/#/identity/ada');
	await page.getByRole('button', { name: 'Disable' }).click();
	await page.getByText('Disabled', { exact: true }).waitFor();
	t.false(await isAlive());
	t.is((await ada.login('ada', clerkPassword)).status, 401);
	await page.getByRole('button', { name: 'Enable' }).click();
	await said(page, 'ada can sign in again.');
	t.is((await ada.login('ada', clerkPassword)).status, 200);
});

onStage('an identity is removed, after a question that the keyboard can answer', async (t, stage) => {
	const { page, isAlive } = await withAdministrator(stage, '/#/identity/ada');
	const remove = section(page, 'Removal').getByRole('button', { name: 'Remove' });
	const question = page.getByRole('dialog', { name: 'Remove ada?' });
	await remove.press('Enter');
	await question.waitFor();
	t.is(await atFocus(page, 'Cancel'), 'Cancel', 'the harmless answer comes first');
	await page.keyboard.press('Escape');
	await question.waitFor({ state: 'detached' });
	t.is(await atFocus(page, 'Remove'), 'Remove', 'the focus is back where it was');
	t.true(await isAlive());
	await remove.press('Enter');
	await question.getByRole('button', { name: 'Remove' }).click();
	await page.getByRole('heading', { name: 'Identities' }).waitFor();
	await said(page, 'ada is removed.');
	t.false(await isAlive());
	t.is(await page.getByRole('link', { name: 'ada', exact: true }).count(), 0);
});

onStage('administrators cannot lock themselves out by mistake', async (t, stage) => {
	const { page } = await withAdministrator(stage, '/#/identity/admin');
	await page.getByRole('heading', { name: 'admin' }).waitFor();
	const admin = page.getByRole('checkbox', { name: 'kura.admin' });
	await admin.waitFor();
	for (const name of ['Disable', 'Remove', 'Set another password']) {
		t.is(await page.getByRole('button', { name }).count(), 0, name);
	}
	await admin.uncheck();
	await page.getByRole('button', { name: 'Save' }).click();
	await page.getByRole('dialog', { name: 'Give up administration?' }).waitFor();
	await page.getByRole('button', { name: 'Cancel' }).click();
	t.is(await page.getByRole('link', { name: 'Identities' }).count(), 2);
	const giveUp = () => page.getByRole('button', { name: 'Give it up' }).click();
	await page.getByRole('button', { name: 'Save' }).click();
	await giveUp();
	await page.getByText('This is the last administrator who can sign in').waitFor();
	await stage.service.add('deputy', adminPassword, { permissions: ['kura.admin'] });
	await giveUp();
	await page.getByRole('heading', { name: 'My sessions' }).waitFor();
	t.is(await page.getByRole('link', { name: 'Identities' }).count(), 0);
});

onStage('everybody’s sessions are seen, found and ended', async (t, stage) => {
	const { page, isAlive } = await withAdministrator(stage, '/#/all-sessions');
	for (let more = 0; more < 5; more += 1) await createClient(stage.service).login('admin', adminPassword);
	await page.reload();
	const rows = page.getByRole('listitem');
	await rows.first().waitFor();
	t.is(await rows.count(), 7);
	await page.getByLabel('Name, device or address').fill('ADA');
	t.is(await rows.count(), 1);
	await page.getByRole('button', { name: /^Sign out ada/ }).click();
	await page.getByText('None of the sessions is like that.').waitFor();
	t.false(await isAlive());
	await page.getByLabel('Name, device or address').fill('admin');
	await page.getByRole('link', { name: 'admin' }).first().click();
	await page.getByRole('heading', { name: 'admin' }).waitFor();
});

onStage('an identity that is gone is said to be', async (t, stage) => {
	const { page } = await withAdministrator(stage, '/#/identity/nobody');
	t.is(await page.getByRole('alert').locator('visible=true').textContent(), 'Not found.');
});

onStage(
	'an identity is renamed; a name that is taken is told beside the field, and cancelling gives the focus back',
	async (t, stage) => {
		const { page, ada, isAlive } = await withAdministrator(stage, '/#/identity/ada');
		const name = section(page, 'Name');
		const button = name.getByRole('button', { name: 'Rename' });
		await button.click();
		await name.getByLabel('New user name').fill('ADMIN');
		await button.click();
		await name.getByRole('alert').filter({ hasText: 'That name is taken' }).waitFor();
		await hasFocus(name.getByLabel('New user name'));
		await name.getByRole('button', { name: 'Cancel' }).click();
		await hasFocus(button);
		await page.getByRole('button', { name: 'Set another password' }).click();
		await page.getByRole('button', { name: 'Cancel' }).click();
		await hasFocus(page.getByRole('button', { name: 'Set another password' }));

		await button.click();
		await name.getByLabel('New user name').fill('ada.lovelace');
		await button.click();
		await said(page, 'ada is ada.lovelace from now on.');
		await page.getByRole('heading', { name: 'ada.lovelace' }).waitFor();
		t.false(await isAlive());
		t.is((await ada.login('ada.lovelace', clerkPassword)).status, 200);

		await page.goto(`${stage.service.url}/#/identity/admin`);
		await button.click();
		await name.getByLabel('New user name').fill('chief');
		await button.click();
		await page.getByRole('heading', { name: 'Sign in' }).waitFor();
		t.is(await page.getByLabel('User name', { exact: true }).inputValue(), 'chief');
	},
);

onStage('everybody’s sessions are ended, and the own one is kept or not', async (t, stage) => {
	const { page, ada, isAlive } = await withAdministrator(stage, '/#/all-sessions');
	const end = page.getByRole('button', { name: 'End all sessions' });
	const dialog = page.getByRole('dialog', { name: 'End everybody’s sessions?' });
	await end.click();
	await dialog.getByRole('button', { name: 'End all sessions' }).click();
	await said(page, 'One session has ended.');
	t.false(await isAlive());
	await ada.login('ada', clerkPassword);
	await end.click();
	await dialog.getByLabel('Keep this session of mine').uncheck();
	await dialog.getByRole('button', { name: 'End all sessions' }).click();
	await page.getByRole('heading', { name: 'Sign in' }).waitFor();
	t.false(await isAlive());
	t.is((await stage.service.service.core.sessions.list(undefined, 10)).length, 0);
});

onStage('several identities get a permission, and who is among them loses nothing', async (t, stage) => {
	const { page, ada } = await withAdministrator(stage, '/#/identities');
	await page.getByRole('checkbox', { name: 'Select this page' }).check();
	await page.getByText('2 selected').waitFor();
	await page.getByLabel('With them').selectOption('Give a permission');
	await page.getByLabel('Which permission').fill('rest.more');
	await page.getByRole('button', { name: 'Go on' }).click();
	const dialog = page.getByRole('dialog', { name: 'Give a permission: 2 identities' });
	t.regex(await dialog.innerText(), /ada, admin[\s\S]*rest\.more[\s\S]*You are among them/);
	await dialog.getByRole('button', { name: 'Give a permission' }).click();
	await page.getByText('Done for 2 identities.').waitFor();
	t.deepEqual(((await ada.me()).body as { permissions: string[] }).permissions, ['rest.assets', 'rest.more']);

	await page.getByRole('checkbox', { name: 'Select this page' }).check();
	await page.getByLabel('With them').selectOption('Remove');
	await page.getByRole('button', { name: 'Go on' }).click();
	await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
	const results = page.getByRole('status').filter({ hasText: 'Done for 1 identity.' });
	t.regex(await results.innerText(), /Not done for 1 identity:\s+admin: This is yourself\./);
	t.deepEqual(
		(await stage.service.service.core.identities.list()).map(({ name }) => String(name)),
		['admin'],
	);
});
