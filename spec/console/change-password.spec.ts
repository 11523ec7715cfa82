import type { Page } from 'playwright-core';
import { createClient } from '../_support/client.ts';
import { onStage } from './on-stage.ts';
import { clerkPassword, signIn } from './scenes.ts';

const next = 'eleven bells under water';

async function change(page: Page, current: string, wanted: string, repeated = wanted): Promise<void> {
	await page.getByLabel('Current password', { exact: true }).fill(current);
	await page.getByLabel('New password', { exact: true }).fill(wanted);
	await page.getByLabel('Repeat the new password', { exact: true }).fill(repeated);
	await page.getByRole('button', { name: 'Change the password' }).click();
}

onStage('a forced change: nothing else is reachable until it is done', async (t, { open, service, page }) => {
	await service.add('grace', clerkPassword, { permissions: ['kura.admin'], mustChange: true });
	await open();
	await signIn(page, 'grace', clerkPassword);
	const heading = page.getByRole('heading', { name: 'Choose a new password' });
	await heading.waitFor();
	t.is(await page.getByText('You are signed in as grace').count(), 1);
	for (const path of ['/#/sessions', '/#/identities', '/#/identity/grace']) {
		await page.goto(service.url + path);
		await page.reload();
		await heading.waitFor();
		t.is(await page.getByRole('navigation').count(), 0, path);
	}
	await change(page, clerkPassword, next);
	await page.getByText('The password is changed. Sign in with the new one.').waitFor();
	await signIn(page, 'grace', next);
	await page
		.getByRole('heading', { name: 'Identity' })
		.or(page.getByRole('heading', { name: 'grace' }))
		.waitFor();
});

onStage('who has just signed in is not asked for that password again', async (t, { open, service, page }) => {
	await service.add('grace', clerkPassword, { mustChange: true });
	await open();
	await signIn(page, 'grace', clerkPassword);
	const fresh = page.getByLabel('New password', { exact: true });
	await fresh.fill(clerkPassword);
	await page.getByLabel('Repeat the new password', { exact: true }).fill(clerkPassword);
	t.is(await page.getByLabel('Current password').count(), 0);
	await page.keyboard.press('Enter');
	await page.getByRole('alert').filter({ hasText: 'The new password equals the old one.' }).waitFor();
	t.is(await fresh.getAttribute('aria-invalid'), 'true');
	await fresh.fill(next);
	await page.getByLabel('Repeat the new password', { exact: true }).fill(next);
	await page.keyboard.press('Enter');
	await page.getByText('The password is changed. Sign in with the new one.').waitFor();
	await signIn(page, 'grace', next);
	await page.getByRole('heading', { name: 'My sessions' }).waitFor();
});

onStage('what the service alone can judge of a password looks like no mistake', async (t, { open, service, page }) => {
	await service.add('ada', clerkPassword);
	await open();
	await signIn(page, 'ada', clerkPassword);
	await page.getByRole('link', { name: 'Password' }).click();
	await page.getByLabel('New password', { exact: true }).fill('short');
	const demand = (text: string) => page.getByRole('listitem').filter({ hasText: text });
	t.is(await demand('At least').getAttribute('data-met'), 'false');
	t.is(await demand('Not a commonly used password: looked up when you send it').getAttribute('data-met'), 'unknown');
	const drawn = (text: string) => demand(text).locator('path').getAttribute('d');
	t.not(await drawn('At least'), await drawn('Not a commonly used'));
});

onStage('a forced change can be put off by signing out', async (t, { open, service, page }) => {
	await service.add('grace', clerkPassword, { mustChange: true });
	await open();
	await signIn(page, 'grace', clerkPassword);
	await page.getByRole('button', { name: 'Sign out', exact: true }).click();
	await page.getByText('You have signed out').waitFor();
	t.deepEqual(await service.service.core.sessions.list(undefined, 10), []);
});

onStage(
	'of one’s own will: sessions elsewhere end, and the new password signs in',
	async (t, { open, service, page }) => {
		await service.add('ada', clerkPassword);
		const elsewhere = createClient(service);
		await elsewhere.login('ada', clerkPassword);
		await open();
		await signIn(page, 'ada', clerkPassword);
		await page.getByRole('link', { name: 'Password' }).click();
		await change(page, clerkPassword, next);
		await page.getByText('The password is changed. Sign in with the new one.').waitFor();
		t.is((await elsewhere.me()).status, 401);
		t.is(await page.getByLabel('User name').inputValue(), 'ada');
		await signIn(page, 'ada', next);
		await page.getByRole('heading', { name: 'Change password' }).waitFor();
	},
);

onStage(
	'where the service opens a fresh session in place of the old one, the page goes on',
	async (t, { open, service, page }) => {
		await service.add('ada', clerkPassword);
		await open();
		await signIn(page, 'ada', clerkPassword);
		await page.getByRole('link', { name: 'Password' }).click();
		await change(page, clerkPassword, next);
		await page.getByText('The password is changed. Sessions elsewhere have ended.').waitFor();
		t.is(await page.getByLabel('Current password', { exact: true }).inputValue(), '');
		await page.getByRole('link', { name: 'My sessions' }).click();
		await page.getByText('This browser').waitFor();
	},
	{ session: { afterPasswordChange: 'renew' } },
);

const refusals = [
	{ says: 'a wrong current password', current: 'not this', wanted: next, words: 'The current password is wrong.' },
	{
		says: 'the same password again',
		current: clerkPassword,
		wanted: clerkPassword,
		words: 'The new password equals the old one.',
	},
	{
		says: 'a password that everybody knows',
		current: clerkPassword,
		wanted: 'password12345678',
		words: 'The new password must not be a common password, nor one with digits around it.',
	},
	{
		says: 'a password with the name in it',
		current: clerkPassword,
		wanted: 'my name is Charles',
		words: 'The new password does not meet the requirements below.',
	},
];

onStage('what is wrong with a change is said, and the session lives on', async (t, { open, service, page }) => {
	await service.add('charles', clerkPassword);
	await open();
	await signIn(page, 'charles', clerkPassword);
	await page.getByRole('link', { name: 'Password' }).click();
	for (const { says, current, wanted, words } of refusals) {
		await change(page, current, wanted);
		await page.getByRole('alert').filter({ hasText: words }).waitFor();
		t.is(await page.getByLabel('New password', { exact: true }).inputValue(), wanted, says);
	}
	await change(page, clerkPassword, next, `${next}!`);
	await page.getByRole('alert').filter({ hasText: 'The two new passwords differ.' }).waitFor();
	await page.getByRole('link', { name: 'My sessions' }).click();
	await page.getByText('This browser').waitFor();
});

const strengths = [
	{ password: 'letmein', words: 'Guessed at once', on: 1 },
	{ password: 'ada ada ada ada', words: /Guessed at once|Easy to guess/, on: 1 },
	{ password: 'quokka-lantern-71-mild', words: 'Very hard to guess', on: 4 },
	// Longer than what is looked at, and no slower for it.
	{ password: 'quokka-lantern-71-mild '.repeat(40), words: 'Very hard to guess', on: 4 },
];

onStage('the strength of a password is judged by a worker, which nobody loads before', async (t, stage) => {
	const { open, service, page } = stage;
	await service.add('ada', clerkPassword);
	const workers: string[] = [];
	page.on('worker', (worker) => workers.push(worker.url()));
	await open();
	await signIn(page, 'ada', clerkPassword);
	await page.getByRole('link', { name: 'Password' }).click();
	const field = page.getByLabel('New password', { exact: true });
	await field.waitFor();
	t.deepEqual(workers, []);
	for (const { password, words, on } of strengths) {
		await field.fill(password);
		await page.locator('.strength p').filter({ hasText: words }).waitFor();
		t.is(await page.locator('.strength [data-on=true]').count(), on, password.slice(0, 20));
	}
	t.is(workers.length, 1);
	await field.fill('');
	await page.locator('.strength p').waitFor({ state: 'detached' });
});
