import { join } from 'node:path';
import test from 'ava';
import type { Session } from '../../src/core/session.ts';
import { keyOf, newSessionToken } from '../../src/core/token.ts';
import { openSqlite } from '../../src/store/sqlite/open.ts';
import { createSqliteSessions } from '../../src/store/sqlite/sessions.ts';
import { type Answer, type Client, createClient } from '../_support/client.ts';
import { createHandClock, minuteMs } from '../_support/hand-clock.ts';
import { startService } from '../_support/service.ts';
import { startUpstream } from '../_support/upstream.ts';

/*
 * Rules that ask for a level, and for a proof of some freshness: own reverse proxy, forward-auth in two ways, Envoy's.
 */

const base = '/services/session/v1';
const password = 'a long and honest password';
const clock = createHandClock(Date.now());
const upstream = await startUpstream();
const behind = { upstream: upstream.url, xsrf: 'unsafe' };
const service = await startService(
	{
		auth: { basic: true },
		trustedProxies: ['127.0.0.1/32'],
		dialects: { kismet: { enabled: true } },
		session: { inactivityInterval: 7200 },
		resources: [
			{ path: '/fresh', access: 'authenticated', maxAge: 900, ...behind },
			{ path: '/sure', access: 'authenticated', assuranceLevel: 2, ...behind },
			{ path: '/both', permission: 'ops.admin', assuranceLevel: 2, maxAge: 900, ...behind },
			{ path: '/plain', access: 'authenticated', ...behind },
		],
	},
	clock,
);
for (const name of ['ada', 'eve']) await service.add(name, password, { permissions: ['ops.admin'] });
const store = createSqliteSessions(openSqlite(join(service.folder, 'data/latchkey.db')));
test.after.always(async () => {
	await store.close();
	await service.close();
	upstream.close();
});

async function signedIn(name = 'ada') {
	const browser = createClient(service);
	await browser.login(name, password);
	return browser;
}

/** As by a second factor, of which this service has none. */
async function raise(browser: Client, facts: Partial<Session> = {}) {
	const [session] = (await store.list(undefined, 1)) as [Session];
	const token = newSessionToken();
	const now = clock.now();
	const next = { ...session, methods: ['pwd', 'otp'], level: 2, provedAt: now, leveledAt: now, ...facts } as Session;
	await store.replace(session.key, { ...next, key: keyOf(token, { dialect: session.dialect, secure: false }) }, 100);
	browser.jar.set('JSESSIONID', token);
}

const page = { Accept: 'text/html', 'Sec-Fetch-Mode': 'navigate', 'Sec-Fetch-Dest': 'document' };
const script = { Accept: '*/*', 'Sec-Fetch-Mode': 'cors' };
const asked = (path: string) => ({
	...{ 'X-Forwarded-Method': 'GET', 'X-Forwarded-Uri': path, 'X-Forwarded-Host': new URL(service.url).host },
	'X-Forwarded-Proto': 'http',
});
const verify = '/services/auth/v1/verify';

/** As a page is loaded: without the XSRF token. */
const get = (client: Client, path: string, headers: Record<string, string>) => client.withoutToken(path, { headers });

/** How a request comes to be judged. */
const ways: readonly {
	name: string;
	ask(browser: Client, path: string, how: Record<string, string>): Promise<Answer>;
}[] = [
	{ name: 'own reverse proxy', ask: get },
	{
		name: 'Caddy and Traefik',
		ask: (browser, path, how) => get(browser, `${verify}?answer=302`, { ...how, ...asked(path) }),
	},
	{ name: 'nginx and HAProxy', ask: (browser, path, how) => get(browser, verify, { ...how, ...asked(path) }) },
	{ name: 'Envoy', ask: (browser, path, how) => get(browser, `/services/auth/v1/ext-authz${path}`, how) },
];

const back = (path: string) => encodeURIComponent(service.url + path);

for (const { name, ask } of ways) {
	test.serial(`${name}: a proof that is too old is 403 for programs, and says what would do`, async (t) => {
		const browser = await signedIn();
		clock.wind(15 * minuteMs);
		t.is((await ask(browser, '/fresh', script)).status, 200, 'at exactly that it is fresh');
		clock.wind(1);
		const before = upstream.reached.length;
		const { status, headers, body } = await ask(browser, '/fresh', script);
		t.is(status, 403);
		t.like(body, { code: 'proof-needed', proofNeeded: { level: 1, within: 900, methods: ['password'] } });
		t.is(headers['latchkey-proof-needed'], 'level=1, within=900');
		t.regex(
			String(headers['www-authenticate']),
			/^Bearer error="insufficient_user_authentication".* acr_values="1", max_age="900"$/,
		);
		t.regex(String(headers['latchkey-login']), /&proof=1$/);
		t.is(upstream.reached.length, before);
		t.is((await browser.post(`${base}/proof`, { password })).status, 204);
		t.is((await ask(browser, '/fresh', script)).status, 200);
	});

	test.serial(`${name}: a person is led to prove it, and let in then`, async (t) => {
		const browser = await signedIn();
		const { status, headers } = await ask(browser, '/both', page);
		const login = `${service.url}/?return=${back('/both')}&proof=2`;
		if (name.startsWith('nginx')) {
			t.is(status, 403);
			t.is(headers['latchkey-login'], login);
			t.is(headers['latchkey-login-status'], '302');
		} else {
			t.is(status, 302);
			t.is(headers.location, login);
		}
		await raise(browser);
		t.is((await ask(browser, '/both', page)).status, 200);
		clock.wind(15 * minuteMs + 1);
		t.is((await ask(browser, '/sure', page)).status, 200, 'the level lasts');
		t.is((await ask(browser, '/both', script)).status, 403, 'and its freshness does not');
	});

	test.serial(`${name}: a fresh password is no fresh second factor`, async (t) => {
		const browser = await signedIn();
		await raise(browser);
		clock.wind(15 * minuteMs + 1);
		await browser.fetchXsrfToken();
		t.is((await browser.post(`${base}/proof`, { password })).status, 204);
		await browser.fetchXsrfToken();
		t.is((await ask(browser, '/fresh', script)).status, 200);
		t.like(await ask(browser, '/both', script), {
			status: 403,
			body: { proofNeeded: { level: 2, within: 900, methods: [] } },
		});
	});

	test.serial(`${name}: Basic credentials are proved now, and never at level 2; nobody is led anywhere`, async (t) => {
		const basic = { Authorization: `Basic ${Buffer.from(`ada:${password}`).toString('base64')}` };
		t.is((await ask(createClient(service), '/fresh', basic)).status, 200);
		for (const how of [script, page]) {
			const { status, headers, body } = await ask(createClient(service), '/sure', { ...how, ...basic });
			t.is(status, 403);
			t.is(headers['latchkey-login'], undefined);
			if (how === script) t.like(body, { proofNeeded: { level: 2, methods: [] } });
		}
	});
}

test.serial('what stands behind is told the level, the methods and the moment; a client says none of it', async (t) => {
	const forged = Object.fromEntries(
		['Remote-Level', 'Remote_Level', 'Remote-Methods', 'remote_methods', 'Remote-Proved-At', 'Remote-Proved_At'].map(
			(name) => [name, '9'],
		),
	);
	const seen = () => {
		const headers = upstream.headers.at(-1) ?? {};
		return Object.fromEntries(Object.entries(headers).filter(([name]) => /^remote.(level|methods|proved)/.test(name)));
	};
	const browser = await signedIn();
	const at = new Date(clock.now()).toISOString();
	await browser.get('/plain', forged);
	t.deepEqual(seen(), { 'remote-level': '1', 'remote-methods': 'pwd', 'remote-proved-at': at });
	clock.wind(minuteMs);
	await raise(browser);
	const raised = new Date(clock.now()).toISOString();
	await browser.get('/plain', forged);
	t.deepEqual(seen(), { 'remote-level': '2', 'remote-methods': 'pwd,otp', 'remote-proved-at': raised });
	const answer = await browser.get(verify, { ...forged, ...asked('/plain') });
	t.deepEqual(
		['Remote-Level', 'Remote-Methods', 'Remote-Proved-At'].map((name) => answer.headers[name.toLowerCase()]),
		['2', 'pwd,otp', raised],
	);
	const { headers } = await browser.get('/services/auth/v1/ext-authz/plain', forged);
	t.is(headers['remote-level'], '2');
	const removed = String(headers['x-envoy-auth-headers-to-remove']).split(', ');
	for (const name of ['remote_level', 'remote_proved-at', 'remote-proved_at', 'remote.methods'])
		t.true(removed.includes(name), name);
	await createClient(service).send('/plain', { headers: forged, basic: ['ada', password] });
	t.like(seen(), { 'remote-level': '1', 'remote-methods': 'pwd' });
});

test.serial('the sign-in page is led on only where the proof is there, by the address’s own rule', async (t) => {
	const browser = await signedIn();
	const ask = (path: string) => browser.post(`${base}/continue`, { url: service.url + path });
	t.like(await ask('/plain'), { status: 200 });
	t.like(await ask('/both'), { status: 403, body: { code: 'proof-needed', proofNeeded: { level: 2, within: 900 } } });
	await raise(browser);
	await browser.fetchXsrfToken();
	t.like(await ask('/both'), { status: 200, body: { url: `${service.url}/both` } });
});

test.serial('without the permission no proof is asked for', async (t) => {
	await service.add('clerk', password);
	const browser = await signedIn('clerk');
	t.like(await browser.get('/both', script), { status: 403, body: { code: 'permission-missing' } });
	t.is((await get(browser, '/both', page)).status, 403);
});

test.serial('the sessions of other protocols are of level 1, and cannot rise', async (t) => {
	const browser = createClient(service);
	t.is((await browser.send('/session/check_login', { basic: ['ada', password] })).status, 200);
	t.truthy(browser.jar.get('KISMET'));
	t.is((await browser.get('/fresh', script)).status, 200);
	t.is((await browser.get('/sure', script)).status, 403);
	t.is((await browser.post(`${base}/proof`, { password })).status, 401, 'it is no session of Kura’s');
	t.is((await browser.get('/sure', script)).status, 403);
});
