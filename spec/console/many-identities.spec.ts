import type { Page } from 'playwright-core';
import { fillWithPeople } from '../_support/people.ts';
import { onStage } from './on-stage.ts';
import { adminPassword, clerkPassword, signIn } from './scenes.ts';
import type { Stage } from './stage.ts';

/* The list of identities where there are ten thousand. No time is asserted; what it took on this machine is printed. */

const many = 10_000;
const mostRows = 200;
const mostBytes = 100_000;

async function withMany({ service, open }: Stage) {
	await service.add('admin', adminPassword, { permissions: ['kura.admin'] });
	await service.add('zoe', clerkPassword, { permissions: ['rest.vault'], mustChange: true });
	await fillWithPeople(service, many);
	const page = await open();
	await signIn(page, 'admin', adminPassword);
	await page.getByRole('heading', { name: 'My sessions' }).waitFor();
	return page;
}

const rows = (page: Page) => page.getByRole('region', { name: 'Identities found' }).getByRole('listitem');
const firstRow = (page: Page, name: string) => rows(page).first().filter({ hasText: name }).waitFor();
const isList = (url: string) => url.includes('/session/v1/identities?');

/** Returns how to ask for the milliseconds in scripts of the page so far. */
async function scriptClock(page: Page): Promise<() => Promise<number>> {
	const session = await page.context().newCDPSession(page);
	await session.send('Performance.enable');
	return async () => {
		const { metrics } = await session.send('Performance.getMetrics');
		return (metrics.find(({ name }) => name === 'ScriptDuration')?.value ?? 0) * 1000;
	};
}

onStage('ten thousand identities are read page by page, and found by the service', async (t, stage) => {
	const page = await withMany(stage);
	const sizes: Promise<number>[] = [];
	page.on('response', (response) => {
		if (isList(response.url())) sizes.push(response.body().then(({ length }) => length));
	});
	const started = performance.now();
	await page.getByRole('link', { name: 'Identities' }).click();
	await firstRow(page, 'admin');
	t.log(`first page: ${Math.round(performance.now() - started)} ms`);
	const shown = async () => (await rows(page).count()) <= mostRows;
	t.true(await shown());

	await page.getByRole('button', { name: 'Next page' }).click();
	await page.getByText('Page 2').waitFor();
	await firstRow(page, 'person-00099');
	t.true(await shown());
	await page.getByRole('button', { name: 'Previous page' }).click();
	await firstRow(page, 'admin');

	const scriptMs = await scriptClock(page);
	const before = await scriptMs();
	await page.getByLabel('Find a name').press('9');
	await firstRow(page, 'person-00009');
	t.log(`scripts of a keystroke and its list: ${Math.round((await scriptMs()) - before)} ms`);
	t.true(await shown());
	await page.getByLabel('Find a name').fill('PERSON-0999');
	await firstRow(page, 'person-09990');
	t.is(await rows(page).count(), 10);
	await page.getByLabel('Find a name').fill('nobody');
	await page.getByText('No identity is like that.').waitFor();

	await page.getByLabel('Find a name').fill('');
	await page.getByLabel('Show', { exact: true }).selectOption('Must change the password');
	await firstRow(page, 'zoe');
	t.is(await rows(page).count(), 1);
	await page.getByLabel('Show', { exact: true }).selectOption('Everybody');
	await page.getByLabel('Permission').fill('rest.vault');
	await firstRow(page, 'zoe');
	t.is(await rows(page).count(), 1);
	await page.getByLabel('Permission').fill('');
	await page.getByLabel('Order').selectOption('Signed in last');
	await firstRow(page, 'admin');
	t.regex(await rows(page).first().innerText(), /Signed in /);
	t.regex(await rows(page).nth(1).innerText(), /Never signed in/);
	t.true(Math.max(...(await Promise.all(sizes))) < mostBytes);
});

onStage('who types is asked for once, and an answer that comes too late is dropped', async (t, stage) => {
	const page = await withMany(stage);
	await page.getByRole('link', { name: 'Identities' }).click();
	await firstRow(page, 'admin');
	const asked: string[] = [];
	const [seen, held] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
	await page.route(
		({ href }) => isList(href),
		async (route) => {
			const search = new URL(route.request().url()).searchParams.get('search') ?? '';
			asked.push(search);
			seen.resolve();
			if (search === 'person-01234') await held.promise;
			await route.continue();
		},
	);
	await page.clock.install();
	await page.clock.pauseAt(Date.now() + 60_000);
	await page.getByLabel('Find a name').pressSequentially('person-01234');
	t.deepEqual(asked, []);
	await page.clock.runFor(2000);
	await seen.promise;
	t.deepEqual(asked, ['person-01234'], 'one question for twelve letters');
	await page.clock.resume();
	await page.getByLabel('Find a name').fill('person-0777');
	await firstRow(page, 'person-07770');
	const late = page.waitForResponse((response) => response.url().includes('person-01234'));
	held.resolve();
	await (await late).finished();
	await page.getByLabel('Find a name').fill('person-0777');
	t.is(await rows(page).count(), 10);
	t.deepEqual(asked, ['person-01234', 'person-0777']);
});

onStage('all ten thousand that match are selected and changed, and no more rows are drawn for it', async (t, stage) => {
	const page = await withMany(stage);
	await page.getByRole('link', { name: 'Identities' }).click();
	await firstRow(page, 'admin');
	const started = performance.now();
	const took = () => `${Math.round(performance.now() - started)} ms`;
	await page.getByRole('button', { name: 'Select all that match' }).click();
	await page.getByText('10,002 selected').waitFor({ timeout: 120_000 });
	t.log(`selected: ${took()}`);
	t.true((await rows(page).count()) <= mostRows);
	await page.getByLabel('With them').selectOption('Give a permission');
	await page.getByLabel('Which permission').fill('rest.more');
	const scriptMs = await scriptClock(page);
	const before = await scriptMs();
	await page.getByRole('button', { name: 'Go on' }).click();
	const dialog = page.getByRole('dialog', { name: 'Give a permission: 10,002 identities' });
	await dialog.waitFor();
	t.log(`scripts until the question: ${Math.round((await scriptMs()) - before)} ms`);
	// Some hundred are enough to see that it goes on in parts.
	await dialog.getByRole('button', { name: 'Give a permission' }).click();
	await dialog.getByText(/of 10,002 done/).waitFor({ timeout: 60_000 });
	t.log(`first of them done: ${took()}`);
	t.true((await page.locator('li').count()) <= mostRows + 10);
});
