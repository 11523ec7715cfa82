import { createClient } from '../_support/client.ts';
import { onStage } from './on-stage.ts';
import { adminPassword, atFocus, clerkPassword, comeBack, signIn } from './scenes.ts';
import type { Stage } from './stage.ts';

const minuteMs = 60_000;

/** ada, signed in, with something half typed. */
async function typing({ service, open }: Stage) {
	await service.add('ada', clerkPassword, { permissions: ['kura.admin'] });
	const page = await open({ path: '/#/new-identity' });
	await signIn(page, 'ada', clerkPassword);
	await page.getByLabel('Others').fill('rest.assets rest.half-ty');
	await page.getByLabel('User name', { exact: true }).fill('somebody');
	return page;
}

const warning = ({ page }: Stage) => page.getByRole('dialog', { name: 'Your session is about to end' });
const ended = ({ page }: Stage) => page.getByRole('dialog', { name: 'Your session has ended' });
const typed = ({ page }: Stage) =>
	Promise.all([/^User name$/, 'Others'].map((label) => page.getByRole('main').getByLabel(label).inputValue()));
const asTyped = ['somebody', 'rest.assets rest.half-ty'];

onStage('a minute before inactivity ends a session the page warns, by itself; one click keeps it', async (t, stage) => {
	const { page, clock } = stage;
	await page.clock.install();
	await typing(stage);
	await page.clock.runFor(30_000);
	t.is(await warning(stage).count(), 0);
	clock.wind(14 * minuteMs + 10_000);
	// The page looks every half minute, without keeping the session alive by it.
	await page.clock.runFor(30_000);
	await warning(stage).waitFor();
	t.regex(
		await warning(stage).innerText(),
		/In 50 seconds\s*you will be signed out, since nothing has happened for a while/,
	);
	t.is(await page.title(), 'Your session is about to end – Latchkey');
	t.is(await atFocus(page, 'Stay signed in'), 'Stay signed in');
	clock.wind(5000);
	await page.clock.runFor(5000);
	await warning(stage).getByText('In 45 seconds').waitFor();
	await page.getByRole('button', { name: 'Stay signed in' }).click();
	await warning(stage).waitFor({ state: 'detached' });
	t.deepEqual(await typed(stage), asTyped);
	t.is(await page.title(), 'New identity – Latchkey');
	// And it does live on, beyond the end that was announced.
	clock.wind(10 * minuteMs);
	await page.getByRole('link', { name: 'My sessions' }).click();
	await page.getByText('This browser').waitFor();
});

onStage('Escape stays, too; and the warning offers to sign out at once', async (t, stage) => {
	const page = await typing(stage);
	stage.clock.wind(14 * minuteMs + 10_000);
	await comeBack(page);
	await warning(stage).waitFor();
	await page.keyboard.press('Escape');
	await warning(stage).waitFor({ state: 'detached' });
	stage.clock.wind(14 * minuteMs + 10_000);
	await comeBack(page);
	await page.getByRole('button', { name: 'Sign out now' }).click();
	await page.getByText('You have signed out').waitFor();
	t.deepEqual(await stage.service.service.core.sessions.list(undefined, 10), []);
});

onStage('the warning goes by itself where another tab keeps the session', async (t, stage) => {
	const page = await typing(stage);
	stage.clock.wind(14 * minuteMs + 10_000);
	await comeBack(page);
	await warning(stage).waitFor();
	await stage.open({ page: await stage.newPage() });
	await comeBack(page);
	await warning(stage).waitFor({ state: 'detached' });
	t.pass();
});

onStage(
	'a session that grows too old ends whatever one does, and the warning does not pretend otherwise',
	async (t, stage) => {
		const page = await typing(stage);
		stage.clock.wind(9 * minuteMs + 30_000);
		await comeBack(page);
		await warning(stage).waitFor();
		t.regex(await warning(stage).innerText(), /a session may not grow older, however busy it is/);
		t.is(await page.getByRole('button', { name: 'Stay signed in' }).count(), 0);
		await page.keyboard.press('Escape');
		t.true(await warning(stage).isVisible());
	},
	{ session: { absoluteLifetime: 600 } },
);

onStage('a session that has ended: the page says so, and nothing typed is lost', async (t, stage) => {
	const { page, clock } = stage;
	await page.clock.install();
	await typing(stage);
	clock.wind(15 * minuteMs + 1000);
	await page.clock.runFor(30_000);
	await ended(stage).waitFor();
	t.is(await atFocus(page, 'Password'), 'Password');
	let asked = 0;
	page.on('request', (request) => {
		if (request.url().includes('/services/')) asked += 1;
	});
	for (let trips = 0; trips < 30; trips += 1) await page.evaluate("fetch('/health')");
	t.true(asked < 10, `the page has asked ${asked} times, and nobody is signed in`);
	await page.keyboard.press('Escape');
	t.true(await ended(stage).isVisible(), 'it cannot be waved away');
	const dialog = ended(stage);
	await dialog.getByLabel('Password', { exact: true }).fill('not the password');
	await page.keyboard.press('Enter');
	await dialog.getByRole('alert').filter({ hasText: 'is wrong' }).waitFor();
	await dialog.getByLabel('Password', { exact: true }).fill(clerkPassword);
	await page.keyboard.press('Enter');
	await dialog.waitFor({ state: 'detached' });
	t.deepEqual(await typed(stage), asTyped);
	await page.getByRole('button', { name: 'Suggest one' }).click();
	await page.getByRole('button', { name: 'Create' }).click();
	await page.getByRole('heading', { name: 'somebody' }).waitFor();
});

onStage('an act that meets the end of the session is kept for after signing in again', async (t, stage) => {
	const page = await typing(stage);
	await page.getByRole('button', { name: 'Suggest one' }).click();
	stage.clock.wind(15 * minuteMs + 1000);
	await page.getByRole('button', { name: 'Create' }).click();
	await ended(stage).waitFor();
	await ended(stage).getByLabel('Password', { exact: true }).fill(clerkPassword);
	await page.keyboard.press('Enter');
	await ended(stage).waitFor({ state: 'detached' });
	t.deepEqual(await typed(stage), asTyped);
	await page.getByRole('button', { name: 'Create' }).click();
	await page.getByRole('heading', { name: 'somebody' }).waitFor();
});

onStage('who signs out in one tab leaves nothing to be read in the others', async (t, stage) => {
	const page = await typing(stage);
	const other = await stage.open({ page: await stage.newPage() });
	await other.getByRole('button', { name: 'Sign out', exact: true }).click();
	await page.getByText('You have signed out.').waitFor();
	t.is(await ended(stage).count(), 0);
	t.notRegex(await page.content(), /somebody|half-ty|ada/);
	await signIn(other, 'ada', clerkPassword);
	await page.getByRole('heading', { name: 'New identity' }).waitFor();
	t.deepEqual(await typed(stage), ['', '']);
});

onStage('whose pages these are is said, where a login in another tab has replaced who was here', async (t, stage) => {
	const page = await typing(stage);
	await stage.service.add('boss', adminPassword);
	const other = await stage.open({ page: await stage.newPage() });
	const body = JSON.stringify({ username: 'boss', password: adminPassword });
	await other.evaluate(`fetch('/services/session/v1/login/password', {
		method: 'POST', headers: { 'Content-Type': 'application/json' }, body: ${JSON.stringify(body)}
	}).then(() => new BroadcastChannel('latchkey').postMessage('session changed'))`);
	await page.getByRole('heading', { name: 'You are boss now' }).waitFor();
	t.is(await page.getByLabel('Others').count(), 0, 'and nothing of what ada typed is shown to them');
	await page.getByRole('button', { name: 'Go on as boss' }).click();
	await page.getByRole('heading', { name: 'My sessions' }).waitFor();
	t.is(await page.locator('.who').textContent(), 'Signed in as boss');
	t.is(page.url(), `${stage.service.url}/`, 'nor is the address hers');
});

onStage('where another tab signs in as somebody else, this page becomes theirs', async (t, stage) => {
	const page = await typing(stage);
	await stage.service.add('boss', adminPassword);
	const other = await stage.open({ page: await stage.newPage() });
	await other.getByRole('button', { name: 'Sign out', exact: true }).click();
	await signIn(other, 'boss', adminPassword);
	await page.getByRole('heading', { name: 'My sessions' }).waitFor();
	t.is(await page.locator('.who').textContent(), 'Signed in as boss');
	t.is(await page.getByLabel('Others').count(), 0, 'and nothing of what ada typed is shown to them');
});

onStage('whoever meets the end as somebody else starts anew', async (t, stage) => {
	const page = await typing(stage);
	stage.clock.wind(15 * minuteMs + 1000);
	await comeBack(page);
	await page.getByRole('button', { name: 'Sign in as somebody else' }).click();
	await page.getByRole('heading', { name: 'Sign in' }).waitFor();
	t.is(await page.getByLabel('User name', { exact: true }).inputValue(), '');
});

onStage('a session that is ended elsewhere is seen within half a minute', async (t, stage) => {
	const { page } = stage;
	await page.clock.install();
	await typing(stage);
	const elsewhere = createClient(stage.service);
	await elsewhere.login('ada', clerkPassword);
	await elsewhere.send('/services/session/v1/sessions', { method: 'DELETE' });
	await page.clock.runFor(30_000);
	await ended(stage).waitFor();
	t.deepEqual(await typed(stage), asTyped);
});

onStage('a forced change that takes too long: the end is seen, and what was typed stays', async (t, stage) => {
	const { page, service, clock } = stage;
	await service.add('grace', clerkPassword, { mustChange: true });
	await stage.open();
	await signIn(page, 'grace', clerkPassword);
	await page.getByLabel('New password', { exact: true }).fill('half a password');
	clock.wind(15 * minuteMs + 1000);
	await comeBack(page);
	await ended(stage).waitFor();
	await ended(stage).getByLabel('Password', { exact: true }).fill(clerkPassword);
	await page.keyboard.press('Enter');
	await ended(stage).waitFor({ state: 'detached' });
	t.is(await page.getByLabel('New password', { exact: true }).inputValue(), 'half a password');
});

onStage('a service that is away for a while is said to be, and nothing is lost', async (t, stage) => {
	const page = await typing(stage);
	await page.route('**/services/**', (route) => route.abort());
	await comeBack(page);
	const away = page.getByText('The service cannot be reached at the moment. Trying again…');
	await away.waitFor();
	await page.unroute('**/services/**');
	await comeBack(page);
	await away.waitFor({ state: 'detached' });
	t.deepEqual(await typed(stage), asTyped);
});
