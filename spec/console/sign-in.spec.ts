import type { ExecutionContext } from 'ava';
import { onStage } from './on-stage.ts';
import { adminPassword, atFocus, clerkPassword, signIn } from './scenes.ts';
import type { Stage } from './stage.ts';

const alert = async ({ page }: Stage) => (await page.getByRole('alert').textContent()) ?? '';
const inside = ({ page }: Stage) => page.getByRole('heading', { name: 'My sessions' }).waitFor();

/** A service with one identity, and the sign-in page. */
async function atTheDoor(stage: Stage) {
	await stage.service.add('ada', clerkPassword);
	return stage.open();
}

onStage('with the keyboard alone: name, Tab, password, Enter', async (t, stage) => {
	const page = await atTheDoor(stage);
	t.is(await atFocus(page, 'User name'), 'User name', 'the page starts at the first field');
	await page.keyboard.type('ada');
	await page.keyboard.press('Tab');
	t.is(await atFocus(page, 'Password'), 'Password');
	await page.keyboard.type(clerkPassword);
	await page.keyboard.press('Enter');
	await inside(stage);
	t.is(await atFocus(page, 'My sessions'), 'My sessions', 'reading goes on at the heading of the new page');
	t.is(await page.title(), 'My sessions – Latchkey');
	// And out again: past the tabs, to the last thing in the header.
	await page.keyboard.press('Shift+Tab');
	t.is(await atFocus(page, 'Sign out'), 'Sign out');
	await page.keyboard.press('Enter');
	await page.getByText('You have signed out').waitFor();
	t.is(await atFocus(page, 'User name'), 'User name');
});

onStage('the first field has the focus as soon as it is there: who types is not moved on', async (t, stage) => {
	// A field that is drawn first and focused later would take the focus back from whoever has gone on meanwhile.
	await stage.page.addInitScript(`new MutationObserver((_, observer) => {
		if (!document.querySelector('input')) return;
		document.documentElement.dataset.focus = document.activeElement.labels?.[0]?.textContent ?? 'none';
		observer.disconnect();
	}).observe(document, { subtree: true, childList: true })`);
	const page = await atTheDoor(stage);
	t.is(await page.locator('html').getAttribute('data-focus'), 'User name');
});

onStage('a session that is there already is found, and a reload keeps it', async (t, stage) => {
	const page = await atTheDoor(stage);
	await signIn(page, 'ada', clerkPassword);
	await inside(stage);
	await page.reload();
	await inside(stage);
	await page.getByText('This browser').waitFor();
	const cookies = await stage.context.cookies();
	t.like(cookies[0], { name: 'JSESSIONID', httpOnly: true, sameSite: 'Lax' });
});

onStage(
	'the banner stands before the form',
	async (t, stage) => {
		const page = await atTheDoor(stage);
		const banner = page.getByRole('region', { name: 'Notice of this service' });
		t.is(await banner.textContent(), '<b>Authorised</b> use only.\nYou are warned.', 'as text, whatever stands in it');
		const order = 'banner.compareDocumentPosition(document.querySelector("form")) & Node.DOCUMENT_POSITION_FOLLOWING';
		t.truthy(await page.evaluate(`{ const banner = document.querySelector('.banner'); ${order} }`));
	},
	{ banner: '<b>Authorised</b> use only.\nYou are warned.' },
);

for (const event of ['change', undefined]) {
	const says = event === undefined ? 'tells nobody' : `tells of a ${event} only`;
	onStage(`what stands in the fields is sent, also where a program filled them in and ${says}`, async (t, stage) => {
		const page = await atTheDoor(stage);
		const request = page.waitForRequest('**/login/password');
		await page.evaluate(`for (const [at, value] of ['ada ', '${clerkPassword}'].entries()) {
			const input = document.querySelectorAll('form input')[at];
			input.value = value;
			if (${JSON.stringify(event)}) input.dispatchEvent(new Event('${event}', { bubbles: true }));
		}`);
		await page.getByRole('button', { name: 'Sign in' }).click();
		t.deepEqual((await request).postDataJSON(), { username: 'ada', password: clerkPassword });
		await inside(stage);
	});
}

onStage('a wrong password, and a name that nobody has, are answered in the same words', async (t, stage) => {
	const page = await atTheDoor(stage);
	await signIn(page, 'ada', 'not the password');
	t.is(await alert(stage), 'The name or the password is wrong.');
	t.is(await page.getByLabel('User name').inputValue(), 'ada');
	await Promise.all([page.waitForResponse('**/login/password'), signIn(page, 'nobody', 'not the password')]);
	t.is(await alert(stage), 'The name or the password is wrong.');
	await signIn(page, 'ada', clerkPassword);
	await inside(stage);
});

onStage(
	'what is wrong is said beside its field, which has the focus, with what is to be typed anew selected',
	async (t, stage) => {
		const page = await atTheDoor(stage);
		await signIn(page, 'ada', 'not the password');
		await page.getByRole('alert').waitFor();
		const password = page.getByLabel('Password', { exact: true });
		t.is(await password.getAttribute('aria-invalid'), 'true');
		t.is(await page.getByLabel('User name').getAttribute('aria-invalid'), null);
		t.is(await atFocus(page, 'Password'), 'Password');
		const described = `document.getElementById(document.activeElement.getAttribute('aria-describedby').split(' ')[0]).textContent`;
		t.is(await page.evaluate(described), 'The name or the password is wrong.');
		await page.keyboard.type(clerkPassword);
		t.is(await password.inputValue(), clerkPassword, 'what was there is replaced');
		await page.keyboard.press('Enter');
		await inside(stage);
	},
);

onStage('who is not signed in asks for no session: the log of the browser stays empty', async (t, stage) => {
	const { page } = stage;
	const said: string[] = [];
	page.on('console', (message) => {
		if (message.type() === 'error') said.push(message.text());
	});
	await atTheDoor(stage);
	await page.waitForLoadState('networkidle');
	t.deepEqual(said, []);
});

onStage(
	'too many attempts: the page says how long to wait, counts it down, and then lets one try',
	async (t, stage) => {
		const page = await atTheDoor(stage);
		const submit = page.getByRole('button', { name: 'Sign in', exact: true });
		await signIn(page, 'ada', 'not the password');
		await page.getByText('is wrong').waitFor();
		await signIn(page, 'ada', clerkPassword);
		await page.getByText('Too many attempts').waitFor();
		t.regex(await alert(stage), /^Too many attempts\. Try again in [1-9]\d* seconds?\.$/);
		t.is(await submit.getAttribute('aria-disabled'), 'true');
		await page.getByRole('status').filter({ hasText: 'You can try again now.' }).waitFor();
		t.is(await submit.getAttribute('aria-disabled'), 'false');
		stage.clock.wind(1500);
		await submit.click();
		await inside(stage);
	},
	{ attempts: { limit: 1 } },
);

const answers = [
	{
		says: 'the service is busy',
		answer: { status: 503, headers: { 'Retry-After': '3' }, json: { message: 'Too busy' } },
		words: /^The service is not available at the moment\. Try again in 3 seconds\.$/,
	},
	{
		says: 'a store is away',
		answer: { status: 503, json: { message: 'The service is unavailable' } },
		words: /^The service is not available at the moment\.$/,
	},
	{
		says: 'the service has a fault',
		answer: { status: 500, headers: { 'X-Request-Id': 'abc-7' }, json: { message: 'An unexpected error occurred' } },
		words: /^The service has failed at this\. Its log has more: abc-7\.$/,
	},
	{
		says: 'something in between answers',
		answer: { status: 502, contentType: 'text/html', body: '<h1>Bad gateway</h1>' },
		words: /^The service has failed at this\.$/,
	},
];

for (const { says, answer, words } of answers) {
	onStage(`${says}: plainly said, and what was typed stays`, async (t, stage) => {
		const page = await atTheDoor(stage);
		await page.route('**/login/password', (route) => route.fulfill(answer));
		await signIn(page, 'ada', clerkPassword);
		t.regex(await alert(stage), words);
		t.is(await page.getByLabel('Password', { exact: true }).inputValue(), clerkPassword);
	});
}

onStage('a service that cannot be reached: said while signing in, and then it works', async (t, stage) => {
	const page = await atTheDoor(stage);
	await page.route('**/login/password', (route) => route.abort());
	await signIn(page, 'ada', clerkPassword);
	t.is(await alert(stage), 'The service cannot be reached. Check the connection, then try again.');
	await page.unroute('**/login/password');
	await page.getByRole('button', { name: 'Sign in', exact: true }).click();
	await inside(stage);
});

onStage('a service that goes away right after it has let one in', async (t, stage) => {
	const page = await atTheDoor(stage);
	await page.route('**/currentIdentity', (route) => route.abort());
	await signIn(page, 'ada', clerkPassword);
	t.regex(await alert(stage), /You were let in, and then the service stopped answering/);
	await page.unroute('**/currentIdentity');
	await page.reload();
	await inside(stage);
});

onStage('a service that cannot be reached from the start: one click tries again', async (t, stage) => {
	const { page } = stage;
	await stage.service.add('ada', clerkPassword);
	await page.route('**/services/**', (route) => route.abort());
	await stage.open();
	t.is(await alert(stage), 'The service cannot be reached. Check the connection, then try again.');
	await page.unroute('**/services/**');
	await page.getByRole('button', { name: 'Try again' }).click();
	await page.getByRole('heading', { name: 'Sign in' }).waitFor();
});

onStage('a browser that keeps no cookie is told so', async (t, stage) => {
	const page = await atTheDoor(stage);
	await page.route('**/login/password', async (route) => {
		const response = await route.fetch();
		const { 'set-cookie': _, ...headers } = response.headers();
		await stage.context.clearCookies();
		await route.fulfill({ response, headers });
	});
	await signIn(page, 'ada', clerkPassword);
	// Playwright's own fetch keeps the cookie that the page was not given.
	await stage.context.clearCookies();
	t.regex(await alert(stage), /the browser has not kept the session/);
});

const switchedOff = async (t: ExecutionContext, stage: Stage, words: string) => {
	await stage.service.add('admin', adminPassword);
	const page = await stage.open();
	await page.getByText(words).waitFor();
	t.is(await page.getByLabel('Password', { exact: true }).count(), 0);
};

onStage(
	'where passwords are switched off, none is asked for',
	(t, stage) => switchedOff(t, stage, 'This service offers no way to sign in here.'),
	{ auth: { password: false } },
);

onStage(
	'where sessions are switched off, the page says so',
	(t, stage) => switchedOff(t, stage, 'This service keeps no sessions'),
	{ auth: { sessions: false } },
);
