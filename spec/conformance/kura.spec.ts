import { DatabaseSync } from 'node:sqlite';
import test from 'ava';
import { type Answer, createClient } from '../_support/client.ts';
import { cheapHashes } from '../_support/command-line.ts';
import { createHandClock } from '../_support/hand-clock.ts';
import { type SecureService, startSecureService } from '../_support/secure-service.ts';
import { startService } from '../_support/service.ts';
import { startUpstream, type Upstream } from '../_support/upstream.ts';

/*
 * "Session V1 Rest APIs", sentence by sentence: each test is one thing that Kura's page says, asked of a running
 * service. What Kura does and its page does not say stands in `kura-rules.spec.ts`.
 */

const base = '/services/session/v1';
const password = 'four brown bears';
const nextPassword = 'seven green frogs';
/** Cheap, and many at once: all tests sign in at the same moment. */
const passwordHash = { ...cheapHashes, concurrency: 16 };

let upstream: Upstream;
let service: SecureService;

test.before(async () => {
	upstream = await startUpstream();
	const resources = [{ path: '/services/assets/v1', permission: 'rest.assets', upstream: upstream.url }];
	service = await startSecureService({ resources, passwordHash });
});

test.after.always(async () => {
	await service.close();
	upstream.close();
});

/** An identity of its own for a test, and a browser that has signed in as it. */
async function signedIn(name: string, how: { mustChange?: boolean; permissions?: string[] } = {}) {
	await service.add(name, password, how);
	const browser = createClient(service);
	const login = await browser.login(name, password);
	return { browser, login };
}

function isFailureReport({ body, headers }: Answer): boolean {
	const { message } = body as { message?: unknown };
	return typeof message === 'string' && message !== '' && headers['content-type'] === 'application/json; charset=utf-8';
}

test('login and resource access: no session, login, XSRF token, resource', async (t) => {
	await service.add('workflow', password, { permissions: ['rest.assets'] });
	const browser = createClient(service);
	t.is((await browser.get(`${base}/xsrfToken`)).status, 401, '1. without a session there is no token');

	const login = await browser.post(`${base}/login/password`, { username: 'workflow', password });
	t.is(login.status, 200, '2.');
	t.is(login.setCookie.length, 1, 'the service returns a session cookie');
	t.deepEqual(login.body, { passwordChangeNeeded: false });

	const token = await browser.fetchXsrfToken();
	t.is(typeof token, 'string', '3. a valid session is available');
	t.is(await browser.fetchXsrfToken(), token, '1. a page that comes back gets the token of the session that it has');

	const resource = await browser.get('/services/assets/v1/things');
	t.is(resource.status, 200, '4.');
	t.is(resource.body, 'the treasure');
});

test('a request that fails with 401 succeeds after another login', async (t) => {
	const { browser } = await signedIn('again', { permissions: ['rest.assets'] });
	await browser.logout();
	t.is((await browser.get('/services/assets/v1')).status, 401);
	t.is((await browser.login('again', password)).status, 200);
	t.is((await browser.get('/services/assets/v1')).status, 200);
});

test('the cookie is what a session is made of: without it the token opens nothing', async (t) => {
	const { browser } = await signedIn('cookieless');
	t.is((await browser.me()).status, 200);
	browser.jar.clear();
	t.is((await browser.me()).status, 401);
});

test('updating a password: locked until it is changed, then a new login opens everything', async (t) => {
	const { browser, login } = await signedIn('starter', { mustChange: true, permissions: ['rest.assets'] });
	t.is(login.status, 200);
	t.deepEqual(login.body, { passwordChangeNeeded: true });
	t.is((await browser.get('/services/assets/v1')).status, 401, 'before, other resources are out of reach');

	t.is(typeof (await browser.fetchXsrfToken()), 'string', '1.');
	t.is((await browser.changePassword(password, nextPassword)).status, 204, '2.');
	t.is((await browser.get(`${base}/xsrfToken`)).status, 401, '3. a new login is required');
	const second = await browser.login('starter', nextPassword);
	t.deepEqual(second.body, { passwordChangeNeeded: false });
	t.is((await browser.get('/services/assets/v1')).status, 200);
});

test('a session expires after the inactivity interval, and a new login is necessary', async (t) => {
	const clock = createHandClock();
	const other = await startService({ session: { inactivityInterval: 60, pollingCounts: true } }, clock);
	try {
		await other.add('silent', password);
		const browser = createClient(other);
		await browser.login('silent', password);
		for (const _ of [1, 2, 3]) {
			clock.wind(55_000);
			t.is((await browser.me()).status, 200, 'a request starts the interval anew');
		}
		clock.wind(61_000);
		t.is((await browser.me()).status, 401);
		t.is((await browser.get(`${base}/xsrfToken`)).status, 401);
		t.is((await browser.login('silent', password)).status, 200);
		t.is((await browser.me()).status, 200);
	} finally {
		await other.close();
	}
});

for (const [who, change] of [
	['its owner', 'own'],
	['an operator', 'operator'],
] as const) {
	test(`a session is over when the credentials of its identity are changed by ${who}`, async (t) => {
		const { browser } = await signedIn(`changed-${change}`);
		const { browser: second } = await signedInAgain(`changed-${change}`);
		if (change === 'own') await second.changePassword(password, nextPassword);
		else await resetPassword(`changed-${change}`);
		t.is((await browser.me()).status, 401);
		t.is((await browser.login(`changed-${change}`, password)).status, 401);
		t.is((await browser.login(`changed-${change}`, nextPassword)).status, 200);
	});
}

async function signedInAgain(name: string) {
	const browser = createClient(service);
	await browser.login(name, password);
	return { browser };
}

async function resetPassword(name: string) {
	const { identities } = service.service.core;
	const identity = await identities.findByName(name as never);
	const how = { passwordChangeNeeded: false, policy: true };
	await identities.setPassword(identity!.id, nextPassword as never, how, { actor: 'operator' });
}

test('POST/login/password: the credentials are not correct', async (t) => {
	await service.add('known', password);
	const browser = createClient(service);
	for (const [username, tried] of [
		['known', 'not the password'],
		['unknown', password],
	] as const) {
		const answer = await browser.login(username, tried);
		t.is(answer.status, 401);
		t.true(isFailureReport(answer));
		t.deepEqual(answer.setCookie, []);
	}
});

test('POST/login/certificate: a trusted certificate whose common name is an identity opens a session', async (t) => {
	await service.add('device');
	const as = await service.certificateOf('device');
	const login = await service.ask('POST', `${base}/login/certificate`, { as });
	t.is(login.status, 204);
	t.is(login.body, '');
	t.is(login.setCookie.length, 1);
	const headers = { Cookie: login.setCookie[0]!.split(';')[0]! };
	const token = await service.ask('GET', `${base}/xsrfToken`, { headers });
	t.is(token.status, 200);
	const { xsrfToken } = token.body as { xsrfToken: string };
	const me = await service.ask('GET', `${base}/currentIdentity`, {
		headers: { ...headers, 'X-XSRF-Token': xsrfToken },
	});
	t.is((me.body as { name: string }).name, 'device');
});

test('POST/login/certificate: the credentials are not correct', async (t) => {
	await service.add('Device with a capital');
	const { newCa } = await import('../_support/certificates.ts');
	const rogue = await newCa('Client CA');
	const cases = {
		'no certificate': {},
		'a CA that is not trusted': { as: await rogue.issue({ subject: [{ CN: ['Device with a capital'] }] }) },
		'a name that no identity has': { as: await service.certificateOf('nobody') },
		'a name in another case': { as: await service.certificateOf('device with a capital') },
	};
	for (const [says, what] of Object.entries(cases)) {
		const answer = await service.ask('POST', `${base}/login/certificate`, what);
		t.is(answer.status, 401, says);
		t.true(isFailureReport(answer), says);
		t.deepEqual(answer.setCookie, [], says);
	}
	const overPlainHttp = await createClient(service).post(`${base}/login/certificate`);
	t.is(overPlainHttp.status, 401);
});

test('GET/xsrfToken: one token, for the whole life of a session, and another for every session', async (t) => {
	const { browser } = await signedIn('token');
	const answer = await browser.get(`${base}/xsrfToken`);
	t.is(answer.status, 200);
	const { xsrfToken, ...rest } = answer.body as { xsrfToken: string };
	t.deepEqual(rest, {});
	t.regex(xsrfToken, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
	t.is(await browser.fetchXsrfToken(), xsrfToken);
	await browser.login('token', password);
	t.not(await browser.fetchXsrfToken(), xsrfToken);
});

test('GET/xsrfToken: the current session is not valid', async (t) => {
	const cookies = [
		undefined,
		'JSESSIONID=',
		'JSESSIONID=abc',
		`JSESSIONID=${'A'.repeat(43)}`,
		`other=${'A'.repeat(43)}`,
	];
	for (const Cookie of cookies) {
		const answer = await createClient(service).get(`${base}/xsrfToken`, Cookie === undefined ? {} : { Cookie });
		t.is(answer.status, 401, Cookie);
		t.true(isFailureReport(answer));
	}
});

test('POST/logout: the session is no longer valid', async (t) => {
	const { browser } = await signedIn('leaver');
	const jar = new Map(browser.jar);
	const answer = await browser.logout();
	t.is(answer.status, 204);
	t.is(answer.body, '');
	t.is(browser.jar.size, 0, 'the cookie is taken back');
	for (const [name, value] of jar) browser.jar.set(name, value);
	t.is((await browser.me()).status, 401, 'a cookie that was kept opens nothing');
	t.is((await browser.get(`${base}/xsrfToken`)).status, 401);
	t.is((await browser.logout()).status, 401, 'nor can it be logged out again');
});

test('POST/changePassword: done, and the session is no longer valid', async (t) => {
	const { browser } = await signedIn('changer');
	const jar = new Map(browser.jar);
	const answer = await browser.changePassword(password, nextPassword);
	t.is(answer.status, 204);
	t.is(answer.body, '');
	for (const [name, value] of jar) browser.jar.set(name, value);
	t.is((await browser.me()).status, 401);
	t.is((await browser.login('changer', password)).status, 401);
	t.is((await browser.login('changer', nextPassword)).status, 200);
});

test('POST/changePassword: the new password is not valid', async (t) => {
	const { browser } = await signedIn('weakling');
	for (const weak of ['short', 'password12345678', 'weakling weakling', '', 'a'.repeat(1025), `${nextPassword}\0`]) {
		const answer = await browser.changePassword(password, weak);
		t.is(answer.status, 400, weak);
		t.true(isFailureReport(answer), weak);
	}
	t.is((await browser.me()).status, 200, 'and the session lives on');
	t.is((await createClient(service).login('weakling', password)).status, 200, 'with the password that it had');
});

test('POST/changePassword: the current session is not valid', async (t) => {
	const answer = await createClient(service).changePassword(password, nextPassword);
	t.is(answer.status, 401);
	t.true(isFailureReport(answer));
});

test('whatever goes wrong unexpectedly is 500 with a message, on every endpoint', async (t) => {
	const inFile = 'sqlite:data/latchkey.db';
	const other = await startService({ store: { identities: inFile, sessions: inFile } });
	try {
		await other.add('unlucky', password);
		const browser = createClient(other);
		await browser.login('unlucky', password);
		breakDatabase(other.folder);
		const answers = {
			'POST/login/password': await browser.post(`${base}/login/password`, { username: 'unlucky', password }),
			'GET/xsrfToken': await browser.get(`${base}/xsrfToken`),
			'POST/logout': await browser.logout(),
			'POST/changePassword': await browser.changePassword(password, nextPassword),
			'GET/currentIdentity': await browser.me(),
		};
		for (const [endpoint, answer] of Object.entries(answers)) {
			t.is(answer.status, 500, endpoint);
			t.true(isFailureReport(answer), endpoint);
			t.notRegex(JSON.stringify(answer.body), /sql|table|session|identity|\/|\.ts/i, 'and tells nothing else');
			t.deepEqual(answer.setCookie, [], endpoint);
		}
		t.is((await browser.get('/health/live')).status, 200);
	} finally {
		await other.close();
	}
});

/** What no program expects: somebody drops the tables under it. */
function breakDatabase(folder: string) {
	const db = new DatabaseSync(`${folder}/data/latchkey.db`);
	db.exec('ALTER TABLE session RENAME TO session_gone; ALTER TABLE identity RENAME TO identity_gone;');
	db.close();
}
