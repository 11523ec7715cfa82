import test, { type ExecutionContext } from 'ava';
import { type Client, createClient } from '../../_support/client.ts';
import type { createHandClock } from '../../_support/hand-clock.ts';
import { minuteMs, createHandClock as newClock } from '../../_support/hand-clock.ts';
import { type Settings, startService } from '../../_support/service.ts';
import { createSoftAuthenticator, type Said, type SoftWishes } from '../../_support/soft-authenticator.ts';
import { startUpstream } from '../../_support/upstream.ts';

const base = '/services/session/v1';
const password = 'a long and honest password';

type Soft = ReturnType<typeof createSoftAuthenticator>;

async function start(t: ExecutionContext, settings: Settings = {}, clock?: ReturnType<typeof createHandClock>) {
	const service = await startService(settings, clock);
	t.teardown(() => service.close());
	const url = service.url.replace('127.0.0.1', 'localhost');
	await service.add('ada', password);
	const soft = (wishes: Partial<SoftWishes> = {}) => createSoftAuthenticator({ origin: url, ...wishes });
	return { service, url, soft, newBrowser: () => createClient({ url }) };
}

/** Signs in, and registers a passkey. */
async function enrol(browser: Client, device: Soft, name = 'My key', said: Said = {}) {
	const { body } = await browser.post(`${base}/authenticators/passkey/challenge`);
	const { publicKey } = body as { publicKey: Parameters<Soft['create']>[0] };
	const credential = device.create(publicKey, said);
	const answer = await browser.post(`${base}/authenticators/passkey`, { name, credential });
	if (answer.status === 201) await browser.fetchXsrfToken();
	return answer;
}

async function ask(browser: Client) {
	const answer = await browser.post(`${base}/passkey/challenge`);
	return (answer.body as { publicKey: Parameters<Soft['get']>[0] }).publicKey;
}

const show = async (browser: Client, device: Soft, said: Said = {}) =>
	browser.post(`${base}/login/passkey`, { credential: device.get(await ask(browser), said) });

test('a passkey signs in alone, and can do what its owner can', async (t) => {
	const { newBrowser, soft, service } = await start(t);
	const [home, device] = [newBrowser(), soft()];
	await home.login('ada', password);
	const added = await enrol(home, device, 'Adas Schlüssel');
	t.is(added.status, 201);
	t.is((await home.me()).status, 200, 'the session goes on');
	const browser = newBrowser();
	const answer = await show(browser, device);
	t.deepEqual([answer.status, answer.body], [200, { passwordChangeNeeded: false }]);
	await browser.fetchXsrfToken();
	t.like((await browser.me()).body, { name: 'ada' });
	t.like((await browser.get(`${base}/currentSession`)).body, {
		...{ openedBy: 'passkey', level: 2, methods: ['hwk', 'user'] },
	});
	t.like(service.audit().at(-1), { act: 'login', method: 'passkey', outcome: 'ok', identity: 'ada' });
});

test('a rule that names kinds of credentials lets a passkey in where it names that', async (t) => {
	const upstream = await startUpstream((_, res) => void res.end('inside'));
	t.teardown(() => upstream.close());
	const rule = { access: 'authenticated', xsrf: 'unsafe', upstream: upstream.url } as const;
	const { newBrowser, soft } = await start(t, {
		resources: [
			{ ...rule, path: '/passkey', credentials: ['passkey'] },
			{ ...rule, path: '/password', credentials: ['password'] },
		],
	});
	const [home, browser, device] = [newBrowser(), newBrowser(), soft()];
	await home.login('ada', password);
	await enrol(home, device);
	await show(browser, device);
	const statuses = async (of: Client) => [(await of.get('/passkey')).status, (await of.get('/password')).status];
	t.deepEqual(await statuses(browser), [200, 403]);
	t.deepEqual(await statuses(home), [403, 200]);
});

test('who has a passkey is asked for it after the password, and for nothing else', async (t) => {
	const { newBrowser, soft } = await start(t);
	const [home, key] = [newBrowser(), soft({ verifies: false, discoverable: false })];
	await home.login('ada', password);
	await enrol(home, key);
	const browser = newBrowser();
	t.deepEqual((await browser.login('ada', password)).body, { passwordChangeNeeded: false, secondFactorNeeded: true });
	t.like(await browser.me(), { status: 401, body: { code: 'second-factor-needed' } });
	const adding = await browser.post(`${base}/authenticators/passkey/challenge`);
	t.like(adding, { status: 401, body: { code: 'second-factor-needed' } }, 'nor to add another one');
	const before = new Map(browser.jar);
	t.deepEqual((await show(browser, key)).body, { passwordChangeNeeded: false });
	t.notDeepEqual(browser.jar, before);
	t.is((await browser.me()).status, 401, 'the XSRF token is another one, too');
	await browser.fetchXsrfToken();
	t.is((await browser.me()).status, 200);
	t.like((await browser.get(`${base}/currentSession`)).body, { level: 2, methods: ['pwd', 'hwk', 'user'] });
});

test('what is wrong with a passkey nobody learns, and the session that it was shown in lives on', async (t) => {
	const { newBrowser, soft } = await start(t);
	const [home, device] = [newBrowser(), soft()];
	await home.login('ada', password);
	await enrol(home, device);
	const refused = { status: 401, body: { message: 'The passkey is not accepted', code: 'bad-credentials' } };
	const stranger = newBrowser();
	const shown = device.get(await ask(stranger));
	t.like(await newBrowser().post(`${base}/login/passkey`, { credential: shown }), refused, 'without the cookie');
	t.like(await stranger.post(`${base}/login/passkey`, { credential: shown }), refused, 'used up by it');
	for (const said of [{ flags: 1 }, { origin: 'http://localhost' }, { userHandle: 'AAAA' }, { rpId: 'example.org' }]) {
		t.like(await show(stranger, device, said), refused, JSON.stringify(said));
	}
	const browser = newBrowser();
	await browser.login('ada', password);
	t.like(await show(browser, device, { origin: 'http://localhost:1' }), refused);
	t.is((await show(browser, device)).status, 200);
});

test('a challenge without a session is the same for everybody, bound to a cookie of five minutes', async (t) => {
	const { newBrowser, soft, url } = await start(t);
	const browser = newBrowser();
	await browser.login('ada', password);
	await enrol(browser, soft());
	const answers = await Promise.all([1, 2].map(() => newBrowser().post(`${base}/passkey/challenge`)));
	const [one, two] = answers.map(({ body }) => ({ ...(body as { publicKey: object }).publicKey, challenge: '' }));
	t.deepEqual(one, { challenge: '', rpId: 'localhost', timeout: 300_000, userVerification: 'required' } as never);
	t.deepEqual(two, one);
	const [line = ''] = answers[0]?.setCookie ?? [];
	t.regex(line, /^latchkey-passkey=[\w-]{22}; Max-Age=300; Path=\/; HttpOnly; SameSite=Strict$/);
	const again = await fetch(`${url}${base}/passkey/challenge`, {
		method: 'POST',
		headers: { Cookie: line.split(';')[0] ?? '' },
	});
	t.is(again.headers.getSetCookie()[0], line, 'another tab keeps it');
});

test('to add a passkey needs a proof of the last five minutes, by a passkey where there is one', async (t) => {
	const clock = newClock(Date.now());
	const { newBrowser, soft } = await start(t, {}, clock);
	const [browser, device] = [newBrowser(), soft()];
	await browser.login('ada', password);
	clock.wind(5 * minuteMs + 1);
	const needed = { status: 403, body: { code: 'proof-needed' } };
	t.like(await browser.post(`${base}/authenticators/passkey/challenge`), needed);
	await browser.post(`${base}/proof`, { password });
	await browser.fetchXsrfToken();
	const { body } = await browser.post(`${base}/authenticators/passkey/challenge`);
	const credential = device.create((body as { publicKey: Parameters<Soft['create']>[0] }).publicKey);
	clock.wind(5 * minuteMs + 1);
	t.like(await browser.post(`${base}/authenticators/passkey`, { name: 'x', credential }), needed, 'and then still');
	await browser.post(`${base}/proof`, { password });
	await browser.fetchXsrfToken();
	t.is((await enrol(browser, device)).status, 201);
	clock.wind(5 * minuteMs + 1);
	await browser.post(`${base}/proof`, { password });
	await browser.fetchXsrfToken();
	t.like(await browser.post(`${base}/authenticators/passkey/challenge`), needed, 'a password is not enough any more');
	const shown = device.get(await ask(browser));
	t.is((await browser.post(`${base}/proof`, { credential: shown })).status, 204);
	await browser.fetchXsrfToken();
	t.is((await enrol(browser, soft())).status, 201);
});

test('a new passkey ends the other sessions of its owner', async (t) => {
	const { newBrowser, soft } = await start(t);
	const [one, other] = [newBrowser(), newBrowser()];
	await one.login('ada', password);
	await other.login('ada', password);
	await enrol(one, soft());
	t.is((await other.me()).status, 401);
	t.is((await one.me()).status, 200);
});

test('passkeys need a domain: none at an address, nor where they are off', async (t) => {
	const { service, newBrowser, url } = await start(t);
	const enabledAt = async (at: string) =>
		((await createClient({ url: at }).get(`${base}/authenticationInfo`)).body as Record<string, unknown>)
			.passkeyAuthenticationEnabled;
	t.true(await enabledAt(url));
	t.false(await enabledAt(service.url));
	const byAddress = createClient(service);
	t.is((await byAddress.post(`${base}/passkey/challenge`)).status, 404);
	const forged = await newBrowser().post(`${base}/passkey/challenge`, undefined, { 'X-Forwarded-Host': 'example.org' });
	t.like(forged.body, { publicKey: { rpId: 'localhost' } });
	const off = await start(t, { auth: { passkey: { enabled: false } } });
	t.is((await off.newBrowser().post(`${base}/passkey/challenge`)).status, 404);
});

test('where a domain is set, passkeys are of that domain and its pages, whatever host is asked', async (t) => {
	const origin = 'https://login.example.org';
	const settings = { auth: { passkey: { rpId: 'example.org', origins: [origin] } } };
	const { newBrowser } = await start(t, settings);
	const device = createSoftAuthenticator({ origin });
	const browser = newBrowser();
	await browser.login('ada', password);
	t.is((await enrol(browser, device, 'x', { origin: 'http://localhost' })).status, 400);
	t.is((await enrol(browser, device)).status, 201);
	t.like(await ask(newBrowser()), { rpId: 'example.org' });
	t.is((await show(newBrowser(), device)).status, 200);
	t.is((await show(newBrowser(), device, { origin: 'https://example.org' })).status, 401);
});

test('who has a passkey, and passkeys are switched off, is not let in without', async (t) => {
	const { newBrowser, soft, service } = await start(t);
	const browser = newBrowser();
	await browser.login('ada', password);
	await enrol(browser, soft());
	const stores = service.config.store;
	await service.service.close();
	const off = await startService({
		store: stores,
		data: { dir: service.folder },
		auth: { passkey: { enabled: false } },
	});
	t.teardown(() => off.close());
	const { body } = await createClient(off).login('ada', password);
	t.like(body, { secondFactorNeeded: true });
});

test('password managers find where a password is changed, and passkeys are added', async (t) => {
	const { newBrowser, service, url } = await start(t);
	const change = await newBrowser().get('/.well-known/change-password', { 'X-Forwarded-Host': 'evil.example' });
	t.deepEqual([change.status, change.headers.location], [302, '/#/password']);
	const { body } = await newBrowser().get('/.well-known/passkey-endpoints');
	t.deepEqual(body, { enroll: `${url}/`, manage: `${url}/` });
	t.is((await createClient(service).get('/.well-known/passkey-endpoints')).status, 404);
});
