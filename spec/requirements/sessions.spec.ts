import { readdirSync, readFileSync } from 'node:fs';
import { Agent } from 'node:http';
import { join } from 'node:path';
import test from 'ava';
import { createHandClock } from '../_support/hand-clock.ts';
import { startSecureService } from '../_support/secure-service.ts';
import { type Settings, startService, type TestService } from '../_support/service.ts';
import { startUpstream, type Upstream } from '../_support/upstream.ts';
import { ask, base, type Jar, login, me, signIn, verify } from './ask.ts';

/* What a session is, from login to its end, as clients see it. Source: OWASP ASVS 5.0 7. */

const password = 'four brown bears';
const nextPassword = 'seven green frogs';

let upstream: Upstream;
let shared: TestService;

const resources = () => [
	{ path: '/treasure', permission: 'p', upstream: upstream.url },
	{ path: '/pages', permission: 'p', upstream: upstream.url, xsrf: 'unsafe' },
];

async function start(settings: Settings = {}) {
	const clock = createHandClock();
	return { ...(await startService({ resources: resources(), ...settings }, clock)), clock };
}

test.before(async () => {
	upstream = await startUpstream();
	shared = await start();
});

test.after.always(async () => {
	await shared.close();
	upstream.close();
});

/** Everything that a session opens. */
const doors = [`${base}/xsrfToken`, `${base}/currentIdentity`, `${base}/sessions`, '/treasure', '/pages'] as const;

async function opens(url: string, { headers }: Pick<Jar, 'headers'>): Promise<number[]> {
	const paths = [...doors, `${verify}?permission=p`];
	return Promise.all(paths.map(async (path) => (await ask(url, 'GET', path, { headers })).status));
}

const nothing = Array(6).fill(401);
const everything = Array(6).fill(200);

test('what is kept of a session opens nothing: its cookie stands nowhere, in no form', async (t) => {
	const { url, folder, lines, add, close } = await start({ log: { level: 'trace' } });
	t.teardown(close);
	await add('ann', password, { permissions: ['p'] });
	const jars = await Promise.all(Array.from({ length: 5 }, () => signIn(url, 'ann', password)));
	await Promise.all(jars.map((jar) => me(url, jar)));
	const data = join(folder, 'data');
	const files = readdirSync(data).map((file) => readFileSync(join(data, file)));
	const log = JSON.stringify(lines);
	t.true(files.length >= 2);
	for (const { cookie } of jars) {
		const secret = Buffer.from(cookie, 'base64url');
		t.is(secret.length, 32);
		const forms = [cookie, secret.toString('hex'), secret.toString('base64'), Buffer.from(cookie).toString('hex')];
		for (const form of [...forms, Buffer.from(cookie).toString('base64')]) {
			t.false(files.some((file) => file.includes(form)));
			t.false(log.includes(form));
		}
		t.false(files.some((file) => file.includes(secret)));
	}
});

const foreign = ['abc', 'A'.repeat(43), '../../etc/passwd', "' OR 1=1--", 'a|b|c', '%0d%0aSet-Cookie:x=y', ''];

for (const value of foreign) {
	test(`a login with the session id ${JSON.stringify(value)} gets another one`, async (t) => {
		const name = `fixed ${value}`.trim().replace(/[^\w ]/g, '_');
		await shared.add(name, password);
		const answer = await login(shared.url, name, password, { headers: { Cookie: `JSESSIONID=${value}` } });
		t.is(answer.status, 200);
		t.regex(answer.cookie() ?? '', /^[A-Za-z0-9_-]{43}$/);
		t.not(answer.cookie(), value);
		t.deepEqual(await opens(shared.url, { headers: { Cookie: `JSESSIONID=${value}` } }), nothing);
	});
}

test('a login by certificate with the cookie of somebody else ends that session, and is of the one that the certificate names', async (t) => {
	const service = await startSecureService();
	t.teardown(service.close);
	await service.add('u1');
	await service.add('u2', password);
	const asking = { method: 'POST', path: `${base}/login/password`, body: { username: 'u2', password } };
	const first = await service.ask(asking.method, asking.path, { body: asking.body });
	const cookieOf = (setCookie: readonly string[]) => (setCookie[0] ?? '').split(';')[0] ?? '';
	const [ofU2] = [cookieOf(first.setCookie)];
	const headersOf = async (Cookie: string) => {
		const { body } = await service.ask('GET', `${base}/xsrfToken`, { headers: { Cookie } });
		return { Cookie, 'X-XSRF-Token': (body as { xsrfToken: string }).xsrfToken };
	};
	const before = await headersOf(ofU2);
	const second = await service.ask('POST', `${base}/login/certificate`, {
		as: await service.certificateOf('u1'),
		headers: { Cookie: ofU2 },
	});
	t.is(second.status, 204);
	const ofU1 = cookieOf(second.setCookie);
	t.not(ofU1, ofU2);
	const after = await headersOf(ofU1);
	t.not(after['X-XSRF-Token'], before['X-XSRF-Token']);
	const { body } = await service.ask('GET', `${base}/currentIdentity`, { headers: after });
	t.is((body as { name: string }).name, 'u1');
	t.is((await service.ask('GET', `${base}/currentIdentity`, { headers: before })).status, 401);
	// A cookie issued over TLS is worth nothing over plain http.
	t.deepEqual(await opens(service.url, { headers: after }).then((all) => all.slice(0, 2)), [401, 401]);
});

test('a session lives while it is used, up to its absolute lifetime, and not a second longer', async (t) => {
	const { url, clock, add, close } = await start({ session: { inactivityInterval: 3, absoluteLifetime: 20 } });
	t.teardown(close);
	await add('ann', password);
	const jar = await signIn(url, 'ann', password);
	for (let seconds = 0; seconds < 20; seconds += 2) {
		clock.wind(2000);
		t.is((await me(url, jar)).status, 200);
	}
	clock.wind(1);
	t.is((await me(url, jar)).status, 401);
});

test('by default a session may be silent for a quarter of an hour, and live for twelve', async (t) => {
	const { url, clock, add, close } = await start();
	t.teardown(close);
	await add('ann', password);
	const [silent, busy] = [await signIn(url, 'ann', password), await signIn(url, 'ann', password)];
	clock.wind(900_000);
	t.is((await me(url, silent)).status, 200);
	t.is((await me(url, busy)).status, 200);
	clock.wind(900_001);
	t.is((await me(url, silent)).status, 401);
	const third = await signIn(url, 'ann', password);
	for (let hours = 0; hours < 12; hours += 0.25) {
		clock.wind(900_000);
		t.is((await me(url, third)).status, 200);
	}
	clock.wind(1);
	t.is((await me(url, third)).status, 401);
});

for (const pollingCounts of [false, true]) {
	test(`a tab that only asks for its token ${pollingCounts ? 'keeps its session, where so configured' : 'loses its session all the same'}`, async (t) => {
		const { url, clock, add, close } = await start({ session: { pollingCounts } });
		t.teardown(close);
		await add('ann', password, { permissions: ['p'] });
		const jar = await signIn(url, 'ann', password);
		for (let minutes = 0; minutes < 20; minutes += 5) {
			clock.wind(300_000);
			await ask(url, 'GET', `${base}/xsrfToken`, { headers: jar.headers });
			await ask(url, 'GET', `${verify}?permission=p`, { headers: jar.headers });
		}
		t.is((await me(url, jar)).status, pollingCounts ? 200 : 401);
	});
}

test('after a logout the cookie opens nothing any more, anywhere', async (t) => {
	await shared.add('leaver', password, { permissions: ['p'] });
	const jar = await signIn(shared.url, 'leaver', password);
	t.deepEqual(await opens(shared.url, jar), everything);
	t.is((await ask(shared.url, 'POST', `${base}/logout`, { headers: jar.headers })).status, 204);
	t.deepEqual(await opens(shared.url, jar), nothing);
	t.is((await ask(shared.url, 'POST', `${base}/logout`, { headers: jar.headers })).status, 401);
});

/** What ends the sessions of an identity, by any actor. */
const endings: readonly (readonly [
	says: string,
	name: string,
	act: (of: TestService, name: string) => Promise<unknown>,
])[] = [
	[
		'its password is reset',
		'reset',
		(of, name) => administer(of, 'PUT', name, '/password', { password: nextPassword }),
	],
	[
		'it must change its password',
		'forced',
		(of, name) => administer(of, 'PATCH', name, '', { passwordChangeNeeded: true }),
	],
	['it is disabled', 'disabled', (of, name) => administer(of, 'PATCH', name, '', { disabled: true })],
	['it is removed', 'removed', (of, name) => administer(of, 'DELETE', name, '')],
	['its sessions are ended', 'ended', (of, name) => administer(of, 'DELETE', name, 'sessions')],
];

async function administer(of: TestService, method: string, name: string, what: string, body?: object) {
	const admin = `admin over ${name}`;
	await of.add(admin, password, { permissions: ['kura.admin'] });
	const { headers } = await signIn(of.url, admin, password);
	const path = what === 'sessions' ? `sessions?identity=${name}` : `identities/${name}${what}`;
	const { status } = await ask(of.url, method, `${base}/${path}`, { headers, ...(body && { body }) });
	if (status >= 300) throw new Error(`${method} ${path}: ${status}`);
}

for (const [says, name, act] of endings) {
	test(`no session of an identity is left at the moment when ${says}`, async (t) => {
		await shared.add(name, password, { permissions: ['p'] });
		await shared.add(`other than ${name}`, password, { permissions: ['p'] });
		const jars = await Promise.all([1, 2, 3].map(() => signIn(shared.url, name, password)));
		const other = await signIn(shared.url, `other than ${name}`, password);
		await act(shared, name);
		for (const jar of jars) t.deepEqual(await opens(shared.url, jar), nothing);
		t.deepEqual(await opens(shared.url, other), everything);
	});
}

test('a permission that is taken away is gone with the next request, and its session goes on', async (t) => {
	await shared.add('poorer', password, { permissions: ['p'] });
	const jar = await signIn(shared.url, 'poorer', password);
	await administer(shared, 'PATCH', 'poorer', '', { permissions: [] });
	t.deepEqual(await opens(shared.url, jar), [200, 200, 200, 403, 403, 403]);
});

test('a change of password ends the other two sessions, and renews one’s own where so configured', async (t) => {
	const { url, add, close } = await start({ session: { afterPasswordChange: 'renew' } });
	t.teardown(close);
	await add('ann', password);
	const jars = await Promise.all([1, 2, 3].map(() => signIn(url, 'ann', password)));
	const [own, ...others] = jars as [Jar, Jar, Jar];
	const body = { currentPassword: password, newPassword: nextPassword };
	const changed = await ask(url, 'POST', `${base}/changePassword`, { body, headers: own.headers });
	t.is(changed.status, 204);
	for (const jar of [own, ...others]) t.is((await me(url, jar)).status, 401);
	const Cookie = `JSESSIONID=${changed.cookie()}`;
	const { xsrfToken } = JSON.parse((await ask(url, 'GET', `${base}/xsrfToken`, { headers: { Cookie } })).body);
	t.not(xsrfToken, own.xsrf);
	const { body: identity } = await ask(url, 'GET', `${base}/currentIdentity`, {
		headers: { Cookie, 'X-XSRF-Token': xsrfToken },
	});
	t.is(JSON.parse(identity).name, 'ann');
});

test('requests without a session leave nothing behind', async (t) => {
	const { url, service, close } = await start();
	t.teardown(close);
	const agent = new Agent({ keepAlive: true, maxSockets: 8 });
	const paths = [...doors, '/', '/health/live', '/services/auth/v1/verify?permission=p', `${base}/authenticationInfo`];
	for (let round = 0; round < 100; round += 1) {
		const answers = await Promise.all(
			paths.map((path) => ask(url, 'GET', path, { agent, headers: round % 2 ? { Cookie: 'JSESSIONID=x' } : {} })),
		);
		for (const { headers } of answers) t.is(headers['set-cookie'], undefined);
	}
	t.deepEqual(await service.core.sessions.list(undefined, 10), []);
	agent.destroy();
});

test('one sees and ends one’s own sessions, an administrator anybody’s; no list shows a secret', async (t) => {
	const { url, add, close } = await start();
	t.teardown(close);
	await add('ann', password);
	await add('bob', password);
	await add('root', password, { permissions: ['kura.admin'] });
	const jars = [await signIn(url, 'ann', password), await signIn(url, 'ann', password)] as const;
	const [bob, root] = [await signIn(url, 'bob', password), await signIn(url, 'root', password)];
	type Shown = { id: string; current: boolean; identity: string };
	const list = async ({ headers }: Jar, query = '') => {
		const { status, body } = await ask(url, 'GET', `${base}/sessions${query}`, { headers });
		for (const { cookie, xsrf } of [...jars, bob, root]) {
			t.false(body.includes(cookie));
			t.false(body.includes(xsrf));
		}
		return { status, sessions: (JSON.parse(body).sessions ?? []) as Shown[] };
	};
	const own = await list(jars[0]);
	t.deepEqual(
		own.sessions.map(({ current, identity }) => [current, identity]),
		[
			[false, 'ann'],
			[true, 'ann'],
		],
	);
	const [other] = own.sessions;
	t.is((await list(bob, '?identity=ann')).status, 403);
	t.is((await list(bob, '?all')).status, 403);
	t.is((await list(root, '?identity=ann')).sessions.length, 2);
	t.is((await list(root, '?all')).sessions.length, 4);
	const end = ({ headers }: Jar, id = '') => ask(url, 'DELETE', `${base}/sessions/${id}`, { headers });
	t.is((await end(bob, other?.id)).status, 404, 'somebody else’s is not there');
	t.is((await me(url, jars[1])).status, 200);
	t.is((await end(jars[0], other?.id)).status, 204);
	t.is((await me(url, jars[1])).status, 401);
	t.is((await end(root, own.sessions[1]?.id)).status, 204);
	t.is((await me(url, jars[0])).status, 401);
	// What a list shows opens nothing.
	const Cookie = `JSESSIONID=${own.sessions[1]?.id}`;
	t.is((await ask(url, 'GET', `${base}/xsrfToken`, { headers: { Cookie } })).status, 401);
});

test('the hundred-and-first login comes in, and the oldest session goes', async (t) => {
	const { url, add, audit, close } = await start();
	t.teardown(close);
	await add('ann', password);
	const jars: Jar[] = [];
	for (let logins = 0; logins < 101; logins += 1) jars.push(await signIn(url, 'ann', password));
	const statuses = await Promise.all(jars.map(async (jar) => (await me(url, jar)).status));
	t.deepEqual(statuses, [401, ...Array(100).fill(200)]);
	t.is(audit().filter(({ act, outcome }) => act === 'login' && outcome === 'refused').length, 0);
});
