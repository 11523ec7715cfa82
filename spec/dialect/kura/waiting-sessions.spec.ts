import test from 'ava';
import { setUpApp } from '../../_support/authenticator-app.ts';
import { type Client, createClient } from '../../_support/client.ts';
import { createHandClock } from '../../_support/hand-clock.ts';
import { startService } from '../../_support/service.ts';

/* Sessions that wait for a second factor: the password alone ends nothing that the factor has opened. */

const base = '/services/session/v1';
const password = 'a long and honest password';
const clock = createHandClock(Date.now());
const service = await startService(
	{ session: { mostPerIdentity: 1 }, passwordHash: { memory: 8, iterations: 1, parallelism: 1 } },
	clock,
);
test.after.always(() => service.close());

async function signedIn(name: string) {
	const browser = createClient(service);
	await browser.login(name, password);
	return browser;
}

/** Somebody new with an app, signed in by it. */
async function newOwner(name: string) {
	await service.add(name, password);
	const browser = await signedIn(name);
	const app = await setUpApp(browser, clock.now);
	return { browser, app };
}

const me = async (browser: Client) => (await browser.me()).status;
const xsrfToken = async (browser: Client) => (await browser.get(`${base}/xsrfToken`)).status;
async function proved(browser: Client, code: string) {
	const { status } = await browser.post(`${base}/login/totp`, { code });
	await browser.fetchXsrfToken();
	return status;
}

test.serial('the password alone pushes out no session that the factor has opened; a hundred wait', async (t) => {
	const { browser } = await newOwner('ann');
	const [first, second] = [await signedIn('ann'), await signedIn('ann')];
	t.deepEqual([await me(browser), await me(first), await xsrfToken(first)], [200, 401, 200]);
	for (let login = 0; login < 99; login += 1) await signedIn('ann');
	t.is(await me(browser), 200);
	t.deepEqual([await xsrfToken(first), await xsrfToken(second)], [401, 200], 'of those that wait the oldest ends');
	const ends = service.audit().filter(({ act, identity }) => act === 'session-end' && identity === 'ann');
	t.is(ends.length, 2, 'that one, and the session that the app took the place of');
});

test.serial('the factor ends the oldest beyond what may live at once, and it alone', async (t) => {
	const { browser, app } = await newOwner('bob');
	clock.wind(30_000);
	const [another, third] = [await signedIn('bob'), await signedIn('bob')];
	t.is(await me(browser), 200);
	t.is(await proved(another, app.code()), 200);
	t.deepEqual([await me(browser), await me(another), await xsrfToken(third)], [401, 200, 200]);
	clock.wind(30_000);
	t.is(await proved(third, app.code()), 200);
	t.deepEqual([await me(another), await me(third)], [401, 200]);
	const { sessions } = (await third.get(`${base}/sessions`)).body as { sessions: unknown[] };
	t.is(sessions.length, 1);
});
