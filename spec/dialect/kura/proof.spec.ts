import test from 'ava';
import { createClient } from '../../_support/client.ts';
import { createHandClock, minuteMs } from '../../_support/hand-clock.ts';
import { startSecureService } from '../../_support/secure-service.ts';
import { startService } from '../../_support/service.ts';

/*
 * What changes identities, or ends the sessions of others, asks for a proof that is not older than five minutes.
 */

const base = '/services/session/v1';
const password = 'a long and honest password';
const clock = createHandClock(Date.now());
const service = await startSecureService({}, { clock });
await service.add('boss', password, { permissions: ['kura.admin'] });
await service.add('clerk', password);
await service.add('machine', undefined, { permissions: ['kura.admin'] });
const [machine, clerks] = await Promise.all([service.certificateOf('machine'), service.certificateOf('clerk')]);
test.after.always(() => service.close());

const proofNeeded = { status: 403, body: { message: 'Prove again who you are', code: 'proof-needed' } };
const fresh = 5 * minuteMs;

async function signedIn(name = 'boss', where: Parameters<typeof createClient>[0] = service) {
	const browser = createClient(where);
	const { status } = await browser.login(name, password);
	if (status !== 200) throw new Error(String(status));
	return browser;
}

type Browser = Awaited<ReturnType<typeof signedIn>>;

const idOf = async (browser: Browser) => ((await browser.get(`${base}/currentSession`)).body as { id: string }).id;
const prove = (browser: Browser, word = password) => browser.post(`${base}/proof`, { password: word });

/** What somebody else is, and has. */
async function everything(browser: Browser) {
	const [identities, sessions] = [await browser.get(`${base}/identities`), await browser.get(`${base}/sessions?all`)];
	const { sessions: all } = sessions.body as { sessions: { identity: string; id: string }[] };
	return {
		identities: identities.body,
		sessions: all.filter(({ identity }) => identity === 'clerk').map(({ id }) => id),
	};
}

const acts: readonly (readonly [method: string, path: string, body?: unknown])[] = [
	['POST', '/identities', { name: 'mole', password, permissions: ['kura.admin'] }],
	['PATCH', '/identities/clerk', { permissions: ['kura.admin'] }],
	['PATCH', '/identities/clerk', { disabled: true }],
	['PUT', '/identities/clerk/password', { password: 'another long password' }],
	['DELETE', '/identities/clerk'],
	['DELETE', '/sessions?identity=clerk'],
	['DELETE', '/sessions/CLERK'],
];

for (const [method, path, body] of acts) {
	const says = `${method} ${path} ${JSON.stringify(body) ?? ''}`;
	test.serial(`${says}: not by a session proved more than five minutes ago; by one proved again`, async (t) => {
		const [browser, other] = [await signedIn(), await signedIn('clerk')];
		const target = base + path.replace('CLERK', await idOf(other));
		clock.wind(fresh + 1);
		const before = await everything(browser);
		t.like(await browser.send(target, { method, json: body }), proofNeeded);
		t.deepEqual(await everything(browser), before, 'looking is free, and nothing has changed');
		t.like(service.audit().at(-1), {
			...{ act: 'access', outcome: 'refused', reason: 'proof-needed', identity: 'boss', dialect: 'kura' },
		});
		t.is((await prove(browser)).status, 204);
		await browser.fetchXsrfToken();
		const done = await browser.send(target, { method, json: body });
		t.true(done.status >= 200 && done.status < 300, String(done.status));
		// As it was, for the next one.
		await browser.send(`${base}/identities/mole`, { method: 'DELETE' });
		await browser.send(`${base}/identities/clerk`, { method: 'DELETE' });
		await service.add('clerk', password);
	});
}

test.serial('at exactly five minutes a proof still counts, a login as well as a later one', async (t) => {
	const browser = await signedIn();
	const change = () => browser.send(`${base}/identities/clerk`, { method: 'PATCH', json: { permissions: [] } });
	for (let times = 0; times < 2; times += 1) {
		clock.wind(fresh);
		t.is((await change()).status, 200);
		clock.wind(1);
		t.like(await change(), proofNeeded);
		await prove(browser);
		await browser.fetchXsrfToken();
	}
});

test.serial('without the permission no proof is asked for; for one’s own sessions neither', async (t) => {
	const [clerk, elsewhere] = [await signedIn('clerk'), await signedIn('clerk')];
	const id = await idOf(elsewhere);
	await signedIn('clerk');
	clock.wind(fresh + 1);
	t.like(await clerk.send(`${base}/identities/boss`, { method: 'DELETE' }), {
		status: 403,
		body: { code: 'permission-missing' },
	});
	t.is((await clerk.send(`${base}/sessions/${id}`, { method: 'DELETE' })).status, 204);
	t.like(await clerk.send(`${base}/sessions`, { method: 'DELETE' }), { status: 200 });
});

test.serial(
	'a right proof ends the session and opens another: the old cookie and the old token are worth nothing',
	async (t) => {
		const browser = await signedIn();
		const [id, cookie] = [await idOf(browser), browser.jar.get('JSESSIONID')];
		const old = createClient(service);
		old.jar.set('JSESSIONID', String(cookie));
		const oldToken = await old.fetchXsrfToken();
		clock.wind(1000);
		const { status, setCookie } = await prove(browser);
		t.is(status, 204);
		t.is(setCookie.length, 1);
		t.is((await old.me()).status, 401);
		t.is((await browser.me()).status, 401, 'the new session has a token of its own');
		t.not(await browser.fetchXsrfToken(), oldToken);
		t.is((await browser.me()).status, 200);
		t.like((await browser.get(`${base}/currentSession`)).body, { provedAt: new Date(clock.now()).toISOString() });
		const lines = service.audit().filter(({ act }) => act === 'session-end' || act === 'proof');
		t.like(lines.slice(-2), {
			0: { act: 'session-end', session: id, identity: 'boss' },
			1: { act: 'proof', outcome: 'ok', method: 'password', identity: 'boss', session: await idOf(browser) },
		});
	},
);

test.serial('a proof counts for its session, and for no other one of that identity', async (t) => {
	const [browser, other] = [await signedIn(), await signedIn()];
	clock.wind(fresh + 1);
	await prove(browser);
	await browser.fetchXsrfToken();
	const change = [`${base}/identities/clerk`, { method: 'PATCH', json: { permissions: [] } }] as const;
	t.is((await browser.send(...change)).status, 200);
	t.like(await other.send(...change), proofNeeded);
});

test.serial('a wrong proof leaves the session as it was, and is a guess like a wrong login', async (t) => {
	await service.add('eve', password, { permissions: ['kura.admin'] });
	const browser = await signedIn('eve');
	clock.wind(fresh + 1);
	t.is((await browser.post(`${base}/proof`, {})).status, 400);
	for (let wrong = 0; wrong < 10; wrong += 1) {
		const { status, setCookie } = await prove(browser, 'wrong');
		t.deepEqual([status, setCookie], [401, []]);
	}
	t.like(service.audit().at(-1), { act: 'proof', outcome: 'refused', reason: 'bad-credentials', identity: 'eve' });
	t.is((await prove(browser)).status, 429, 'though it is right');
	t.is((await createClient(service).login('eve', password)).status, 429);
	t.is((await browser.me()).status, 200);
	t.like(await browser.send(`${base}/identities/clerk`, { method: 'DELETE' }), proofNeeded);
});

test.serial('the XSRF token is needed, an open session, and a page of this site', async (t) => {
	await service.add('newcomer', password, { mustChange: true });
	const [locked, browser] = [await signedIn('newcomer'), await signedIn()];
	t.is((await prove(locked)).status, 401);
	t.is((await createClient(service).post(`${base}/proof`, { password })).status, 401);
	t.is((await browser.post(`${base}/proof`, { password }, { 'X-XSRF-Token': 'wrong' })).status, 401);
	t.is((await browser.post(`${base}/proof`, { password }, { Origin: 'https://evil.example' })).status, 403);
	t.is((await browser.me()).status, 200);
});

test.serial('a session opened by certificate is proved by one of its identity, and by nothing else', async (t) => {
	const opened = await service.ask('POST', `${base}/login/certificate`, { as: machine });
	const headers: Record<string, string> = { Cookie: opened.setCookie[0]?.split(';')[0] ?? '' };
	const token = async () =>
		((await service.ask('GET', `${base}/xsrfToken`, { headers })).body as { xsrfToken: string }).xsrfToken;
	headers['X-XSRF-Token'] = await token();
	clock.wind(fresh + 1);
	const change = () => service.ask('PATCH', `${base}/identities/clerk`, { headers, body: { permissions: [] } });
	t.like(await change(), proofNeeded);
	t.is((await service.ask('POST', `${base}/proof`, { headers })).status, 401);
	t.is((await service.ask('POST', `${base}/proof`, { headers, body: { password } })).status, 401);
	t.is((await service.ask('POST', `${base}/proof`, { headers, as: clerks })).status, 401);
	t.like(await change(), proofNeeded);
	const proved = await service.ask('POST', `${base}/proof`, { headers, as: machine });
	t.is(proved.status, 204);
	t.is((await change()).status, 401, 'the old session is over');
	headers.Cookie = proved.setCookie[0]?.split(';')[0] ?? '';
	headers['X-XSRF-Token'] = await token();
	t.is((await change()).status, 200);
	t.like((await service.ask('GET', `${base}/currentSession`, { headers })).body, { openedBy: 'certificate' });
});

test.serial(
	'when a session was proved is kept with it: another node asks for the next proof at the same moment',
	async (t) => {
		const settings = {
			store: { identities: `sqlite:${service.folder}/two.db`, sessions: `sqlite:${service.folder}/two.db` },
		};
		const [one, two] = [await startService(settings, clock), await startService(settings, clock)];
		await one.add('boss', password, { permissions: ['kura.admin'] });
		await one.add('clerk', password);
		const browser = await signedIn('boss', one);
		const there = createClient(two);
		const change = async () => {
			there.jar.set('JSESSIONID', String(browser.jar.get('JSESSIONID')));
			await there.fetchXsrfToken();
			return there.send(`${base}/identities/clerk`, { method: 'PATCH', json: { permissions: [] } });
		};
		clock.wind(fresh);
		t.is((await change()).status, 200);
		clock.wind(1);
		t.like(await change(), proofNeeded);
		await prove(browser);
		await one.close();
		clock.wind(fresh);
		t.is((await change()).status, 200);
		clock.wind(1);
		t.like(await change(), proofNeeded);
		await two.close();
	},
);
