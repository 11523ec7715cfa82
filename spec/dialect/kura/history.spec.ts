import test from 'ava';
import { setUpApp } from '../../_support/authenticator-app.ts';
import { type Client, createClient } from '../../_support/client.ts';
import { createHandClock, minuteMs } from '../../_support/hand-clock.ts';
import { startService } from '../../_support/service.ts';

/* What was done with a login, as its owner and administrators see it. */

const base = '/services/session/v1';
const password = 'a long and honest password';
const clock = createHandClock(Date.now());
const service = await startService({ attempts: { limit: 100 } }, clock);
await service.add('root', password, { permissions: ['kura.admin'] });
test.after.always(() => service.close());

async function signedIn(name: string, userAgent = 'curl/8.5.0') {
	const browser = createClient(service);
	await browser.post(`${base}/login/password`, { username: name, password }, { 'User-Agent': userAgent });
	await browser.fetchXsrfToken();
	return browser;
}

interface Told {
	readonly at: string;
	readonly act: string;
	readonly outcome: string;
}
const historyOf = async (browser: Client, path = 'history') =>
	((await browser.get(`${base}/${path}`)).body as { events: Told[] }).events;
const inWords = (events: readonly Told[]) => events.map(({ act, outcome }) => `${act} ${outcome}`);

test.serial(
	'one’s own history tells of sign-ins right and wrong, factors, passwords, tokens and who ended what',
	async (t) => {
		await service.add('ada', password);
		await createClient(service).login('ada', 'not the password');
		const firefox = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0';
		const ada = await signedIn('ada', firefox);
		const other = await signedIn('ada');
		t.is((await ada.post(`${base}/tokens`, { name: 'nightly', permissions: [], expiresInDays: 1 })).status, 201);
		await setUpApp(ada, clock.now);
		t.is((await other.me()).status, 401);
		const halfway = await createClient(service).login('ada', password);
		t.like(halfway.body as object, { secondFactorNeeded: true });
		const root = await signedIn('root');
		const { sessions } = (await root.get(`${base}/sessions?identity=ada`)).body as { sessions: { id: string }[] };
		clock.wind(1000);
		const events = await historyOf(ada);
		t.like(events[0], { act: 'login', needs: 'second-factor' });
		t.deepEqual(inWords(events), [
			'login ok',
			'proof ok',
			'authenticator-add ok',
			'token-add ok',
			'login ok',
			'login ok',
			'login refused',
			'identity-add ok',
		]);
		t.like(events.at(-2), { reason: 'bad-credentials', method: 'password', address: '127.0.0.1', device: undefined });
		t.like(events.at(-3), { method: 'password', dialect: 'kura', address: '127.0.0.1', device: 'Firefox on Linux' });
		t.like(events.at(-4), { device: 'curl/8.5.0' });
		t.like(events.at(-1), { actor: 'operator', address: undefined });
		t.deepEqual(await historyOf(root, 'identities/ada/history'), events, 'an administrator sees the same');

		t.is((await root.send(`${base}/sessions/${sessions[0]?.id}`, { method: 'DELETE' })).status, 204);
		const told = await historyOf(root, 'identities/ada/history?limit=1');
		t.like(told, [{ act: 'session-end', outcome: 'ok', actor: 'root', address: undefined }]);
		t.false(JSON.stringify(service.audit()).includes('Firefox'), 'the audit’s lines are as before');
	},
);

test.serial('nobody else sees it, and a wrong question is refused', async (t) => {
	await service.add('bob', password);
	const bob = await signedIn('bob');
	t.deepEqual(inWords(await historyOf(bob)), ['login ok', 'identity-add ok']);
	t.like(await bob.get(`${base}/identities/ada/history`), { status: 403, body: { code: 'permission-missing' } });
	t.like(await bob.get(`${base}/identities/bob/history`), { status: 403 }, 'nor by that way one’s own');
	t.is((await bob.withoutToken(`${base}/history`)).status, 401);
	t.is((await createClient(service).get(`${base}/history`)).status, 401);
	t.is((await (await signedIn('root')).get(`${base}/identities/nobody/history`)).status, 404);
	const wrong = [
		'limit=0',
		'limit=201',
		'limit=x',
		'limit=1&limit=2',
		'before=',
		'before=1',
		'before=2026-99-01T00:00:00Z',
	];
	for (const query of wrong) {
		t.like(await bob.get(`${base}/history?${query}`), { status: 400, body: { code: 'malformed' } }, query);
	}
});

test.serial('it is read in pages', async (t) => {
	await service.add('cem', password);
	const cem = await signedIn('cem');
	for (let count = 0; count < 4; count += 1) {
		clock.wind(minuteMs);
		await createClient(service).login('cem', 'not the password');
	}
	const whole = await historyOf(cem);
	t.is(whole.length, 6);
	const pages: Told[][] = [];
	for (let query = 'limit=4'; pages.at(-1)?.length !== 0; query = `limit=4&before=${pages.at(-1)?.at(-1)?.at}`) {
		pages.push(await historyOf(cem, `history?${query}`));
	}
	t.deepEqual(pages.flat(), whole);
});
