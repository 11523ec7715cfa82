import type { Locator } from 'playwright-core';
import { setUpApp as setUpAppOf } from '../_support/authenticator-app.ts';
import { createClient } from '../_support/client.ts';
import { onStage } from './on-stage.ts';
import { adminPassword, clerkPassword, invitationOf, signIn } from './scenes.ts';
import { setUpApp } from './set-up-app.ts';

const chosen = 'copper kettle, north wall';

/** Waits until it has the focus. */
const hasFocus = (element: Locator) => element.and(element.page().locator(':focus')).waitFor();

onStage('an administrator makes a link, and the person sets her password by it and is signed in', async (t, stage) => {
	const { service, open, context } = stage;
	await service.add('admin', adminPassword, { permissions: ['kura.admin'] });
	await service.add('grace');
	await context.grantPermissions(['clipboard-read', 'clipboard-write']);
	const page = await open();
	await signIn(page, 'admin', adminPassword);
	await page.getByRole('heading', { name: 'My sessions' }).waitFor();
	await open({ path: '/#/identity/grace' });
	const section = page.getByRole('region', { name: 'Invitation' });
	await section.getByLabel('Hours').fill('0');
	await section.getByRole('button', { name: 'Make a link' }).click();
	t.is(await section.getByRole('alert').innerText(), 'Say how many hours: 1 to 168.');
	await section.getByLabel('Hours').fill('2');
	await section.getByRole('button', { name: 'Make a link' }).click();
	const shown = page.getByLabel('The link', { exact: true });
	await shown.waitFor();
	const link = await shown.inputValue();
	t.regex(link, /^http:\/\/127\.0\.0\.1:\d+\/#\/invitation\/[a-z2-7]{26}$/);
	await section.getByRole('button', { name: /^Copy/ }).click();
	await page.getByText('Copied.').waitFor();
	t.is(await page.evaluate('navigator.clipboard.readText()'), link);
	await section.getByRole('button', { name: 'Done' }).click();
	t.false((await page.content()).includes(link.slice(-26)), 'it is shown once');

	// In the same browser: the administrator is signed out by it, and told so.
	const other = await stage.newPage();
	await other.goto(link);
	await other.getByRole('heading', { name: 'Choose your password' }).waitFor();
	t.is(other.url(), `${service.url}/`, 'the code does not stay in the address');
	t.regex(await other.getByRole('main').innerText(), /This invitation is for grace\..* signed in here as admin/s);
	t.is(await other.getByLabel('Name', { exact: true }).inputValue(), 'grace');
	await other.getByLabel('Password', { exact: true }).fill(chosen);
	await other.getByLabel('Repeat the password').fill(clerkPassword);
	await other.getByRole('button', { name: 'Set the password and sign in' }).click();
	t.is(await other.getByRole('alert').innerText(), 'The two passwords differ.');
	await other.getByLabel('Repeat the password').fill(chosen);
	await other.getByRole('button', { name: 'Set the password and sign in' }).click();
	await other.getByRole('heading', { name: 'My sessions' }).waitFor();
	t.is((await createClient(service).login('grace', chosen)).status, 200);
	await other.goto(link);
	await other.getByRole('heading', { name: 'This invitation is over' }).waitFor();
	await other.getByRole('button', { name: 'Go to the sign-in page' }).click();
	await other.getByRole('heading', { name: 'My sessions' }).waitFor();
});

onStage('a password that is refused, and a service that is away, leave the invitation as it was', async (t, stage) => {
	const { service, open, page } = stage;
	await service.add('admin', adminPassword);
	await service.add('grace', clerkPassword, { mustChange: true });
	await page.route('**/services/session/v1/invitation', (route) => route.abort());
	await open({ path: `/#/invitation/${(await invitationOf(service, 'grace')).toUpperCase()}` });
	await page.getByRole('alert').waitFor();
	await page.unroute('**/services/session/v1/invitation');
	await page.getByRole('button', { name: 'Try again' }).click();
	await page.getByRole('heading', { name: 'Choose a new password' }).waitFor();
	const tryIt = async (password: string) => {
		await page.getByLabel('Password', { exact: true }).fill(password);
		await page.getByLabel('Repeat the password').fill(password);
		await page.getByRole('button', { name: 'Set the password and sign in' }).click();
	};
	await tryIt(clerkPassword);
	await page.getByText('That is the password that was to be changed. Choose another one.').waitFor();
	await tryIt('passwordpassword');
	await page.getByText('must not be a common password').waitFor();
	await tryIt(chosen);
	await page.getByRole('heading', { name: 'My sessions' }).waitFor();
	t.is((await createClient(service).login('grace', chosen)).status, 200);
});

onStage('one that is used meanwhile is over, and says so', async (t, stage) => {
	const { service, open } = stage;
	await service.add('admin', adminPassword);
	await service.add('grace');
	const code = await invitationOf(service, 'grace');
	const page = await open({ path: `/#/invitation/${code}` });
	await page.getByLabel('Password', { exact: true }).fill(chosen);
	await page.getByLabel('Repeat the password').fill(chosen);
	const body = { code, password: 'quicker than she was' };
	await createClient(service).post('/services/session/v1/invitation/acceptance', body);
	await page.getByRole('button', { name: 'Set the password and sign in' }).click();
	await page.getByRole('heading', { name: 'This invitation is over' }).waitFor();
	await page.getByRole('button', { name: 'Go to the sign-in page' }).click();
	await page.getByRole('heading', { name: 'Sign in' }).waitFor();
	t.is((await createClient(service).login('grace', chosen)).status, 401);
});

onStage('nobody is offered to invite themselves, a service or somebody disabled', async (t, stage) => {
	const { service, open } = stage;
	await service.add('admin', adminPassword, { permissions: ['kura.admin'] });
	const { identities } = service.service.core;
	const grace = await service.add('grace');
	await identities.setDisabled(grace.id, true, { actor: 'operator' });
	const page = await open();
	await signIn(page, 'admin', adminPassword);
	await page.getByRole('heading', { name: 'My sessions' }).waitFor();
	for (const name of ['admin', 'grace']) {
		await open({ path: `/#/identity/${name}` });
		await page.getByRole('region', { name: 'Permissions' }).waitFor();
		await page.getByRole('heading', { name, exact: true }).waitFor();
		t.is(await page.getByRole('region', { name: 'Invitation' }).count(), 0, name);
	}
});

onStage('who has lost every second factor sets up another one by a link and the password', async (t, stage) => {
	const { service, open, page, clock } = stage;
	await service.add('admin', adminPassword, { permissions: ['kura.admin'] });
	await service.add('grace', clerkPassword);
	const grace = createClient(service);
	await grace.login('grace', clerkPassword);
	await setUpAppOf(grace, clock.now);
	await open();
	await signIn(page, 'admin', adminPassword);
	await page.getByRole('heading', { name: 'My sessions' }).waitFor();
	await open({ path: '/#/identity/grace' });
	const section = page.getByRole('region', { name: 'Invitation' });
	await section.getByLabel('For', { exact: true }).selectOption('Another second factor');
	await section.getByText('who has lost every second factor').waitFor();
	await section.getByRole('button', { name: 'Make a link' }).click();
	const link = await page.getByLabel('The link', { exact: true }).inputValue();

	const other = await stage.newPage();
	await other.goto(link);
	await other.getByRole('heading', { name: 'Set up another second factor' }).waitFor();
	const show = async (password: string) => {
		await other.getByLabel('Your password', { exact: true }).fill(password);
		await other.getByRole('button', { name: 'Go on' }).click();
	};
	await show('not the password');
	t.is(await other.getByRole('alert').innerText(), 'That is not your password.');
	await hasFocus(other.getByLabel('Your password', { exact: true }));
	await show(clerkPassword);
	await other.getByText('It takes the place of what you had: Phone.').waitFor();
	await setUpApp({ ...stage, page: other }, 'Next phone');
	await other.getByRole('heading', { name: 'Security' }).waitFor();
	const factors = other.getByRole('region', { name: 'Second factors' });
	await factors.getByText('Next phone', { exact: true }).first().waitFor();
	t.is(await factors.getByText('Phone', { exact: true }).count(), 0);
});
