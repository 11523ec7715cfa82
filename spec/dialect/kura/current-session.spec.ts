import test from 'ava';
import { createClient } from '../../_support/client.ts';
import { createHandClock } from '../../_support/hand-clock.ts';
import { type Settings, startService } from '../../_support/service.ts';

const path = '/services/session/v1/currentSession';
const password = 'a long and honest password';

interface Told {
	readonly secondsUntilInactive?: number;
	readonly secondsUntilTooOld?: number;
}

async function signedIn(t: { teardown(act: () => Promise<void>): void }, settings: Settings, mustChange = false) {
	const clock = createHandClock();
	const service = await startService(settings, clock);
	t.teardown(() => service.close());
	await service.add('clerk', password, { mustChange });
	const browser = createClient(service);
	await browser.login('clerk', password);
	return { service, browser, clock };
}

test('a session is told whose it is, and how long it still lives', async (t) => {
	const { browser } = await signedIn(t, { session: { inactivityInterval: 600, absoluteLifetime: 3600 } });
	const { status, body } = await browser.get(path);
	t.is(status, 200);
	const { secondsUntilInactive = 0, secondsUntilTooOld = 0, ...rest } = body as Told & { id: string };
	t.like(rest, { identity: 'clerk', hasPassword: true, openedBy: 'password', inactivityInterval: 600 });
	t.regex(rest.id, /^[0-9a-f]{64}$/);
	t.true(secondsUntilInactive > 590 && secondsUntilInactive <= 600);
	t.true(secondsUntilTooOld > 3590 && secondsUntilTooOld <= 3600);
});

test('a locked session is told nothing: it may do three things, and this is none of them', async (t) => {
	const { browser } = await signedIn(t, {}, true);
	t.is((await browser.get(path)).status, 401);
});

test('where sessions live for ever, nothing is said of an end', async (t) => {
	const { browser } = await signedIn(t, { session: { inactivityInterval: 0, absoluteLifetime: 0 } });
	const { body } = await browser.get(path);
	t.deepEqual(Object.keys(body as object).sort(), [
		'hasPassword',
		'id',
		'identity',
		'level',
		'methods',
		'openedBy',
		'provedAt',
	]);
});

test('asking how long a session lives does not keep it alive', async (t) => {
	const { browser, clock } = await signedIn(t, { session: { inactivityInterval: 4 } });
	for (const left of [3, 2, 1, 0]) {
		clock.wind(1000);
		t.is(((await browser.get(path)).body as Told).secondsUntilInactive, left, 'the time left only shrinks');
	}
	clock.wind(1);
	t.is((await browser.get(path)).status, 401);
});

test('what counts as activity is seen in the time left at once', async (t) => {
	const { browser, clock } = await signedIn(t, { session: { inactivityInterval: 4 } });
	const left = async () => ((await browser.get(path)).body as Told).secondsUntilInactive;
	clock.wind(3000);
	t.is(await left(), 1);
	await browser.me();
	t.is(await left(), 4);
});

test('the XSRF token is needed, as everywhere', async (t) => {
	const { browser } = await signedIn(t, {});
	t.is((await browser.get(path, { 'X-XSRF-Token': 'wrong' })).status, 401);
});
