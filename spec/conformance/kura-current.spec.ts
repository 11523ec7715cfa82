import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import test from 'ava';
import { serverAuth } from '../_support/certificates.ts';
import { createClient } from '../_support/client.ts';
import { cheapHashes } from '../_support/command-line.ts';
import { type SecureService, startSecureService } from '../_support/secure-service.ts';
import { hasProgram } from '../_support/server.ts';
import { startService } from '../_support/service.ts';
import { startUpstream, type Upstream } from '../_support/upstream.ts';

/* Eleven small truths of current Kura (and Kismet) that clients rely on, in the order in which they were collected. */

const base = '/services/session/v1';
const verify = '/services/auth/v1/verify?permission=rest.assets';
const assets = '/services/assets/v1';
const password = 'four brown bears';
const passwordHash = { ...cheapHashes, concurrency: 16 };
const run = promisify(execFile);

let upstream: Upstream;
/** Everything on. */
let service: SecureService;
/** Everything off that stands there as on. */
let off: SecureService;

const resources = () => [{ path: assets, permission: 'rest.assets', upstream: upstream.url }];

test.before(async () => {
	upstream = await startUpstream();
	[service, off] = await Promise.all([
		startSecureService({
			resources: resources(),
			passwordHash,
			auth: { basic: true, statelessCertificate: true },
			banner: { beforeLogin: 'Authorized use only', afterLogin: 'You are being watched' },
		}),
		startSecureService({
			resources: resources(),
			passwordHash,
			auth: { basic: true, password: false, statelessCertificate: true, certificate: false, certificateAnswer: 'body' },
		}),
	]);
	for (const each of [service, off]) {
		await each.add('ada', password, { permissions: ['rest.assets'] });
		await each.add('robot', undefined, { permissions: ['rest.assets'] });
	}
});

test.after.always(async () => {
	await Promise.all([service?.close(), off?.close()]);
	upstream?.close();
});

const basic = (name: string, secret = password) => ({
	Authorization: `Basic ${Buffer.from(`${name}:${secret}`).toString('base64')}`,
});

test('1. a client certificate without extendedKeyUsage is taken; one that has it without clientAuth is refused, and the log says what to do', async (t) => {
	const subject = [{ CN: ['robot'] }];
	const login = (as: Awaited<ReturnType<typeof service.certificateOf>>) =>
		service.ask('POST', `${base}/login/certificate`, { as });
	t.is((await login(await service.clientCa.issue({ subject, purposes: null }))).status, 204);
	t.is((await login(await service.clientCa.issue({ subject, purposes: null, keyUsage: null }))).status, 204);
	t.is((await login(await service.clientCa.issue({ subject, purposes: [serverAuth] }))).status, 401);
	const told = service.lines.find(({ flaw }) => flaw === 'wrong-purpose');
	t.regex(String(told?.advice), /clientAuth/);
});

test('2. authenticationInfo offers certificates only where they are asked for, and the ports in order', async (t) => {
	const infoOf = async (of: Pick<SecureService, 'url'>) =>
		(await createClient(of).get(`${base}/authenticationInfo`)).body as Record<string, unknown>;
	const port = Number(new URL(service.secureUrl).port);
	const info = await infoOf(service);
	t.deepEqual([info.certificateAuthenticationEnabled, info.certificateAuthenticationPorts], [true, [port]]);
	const plain = await startService();
	const without = await infoOf(plain);
	await plain.close();
	t.is(without.certificateAuthenticationEnabled, false, 'no https, no clientCa');
	t.false('certificateAuthenticationPorts' in without);
	t.is((await infoOf(off)).certificateAuthenticationEnabled, false);
});

test('3. auth.password: false ends Basic, too, and auth.certificate: false ends stateless certificates', async (t) => {
	const as = await off.certificateOf('robot');
	for (const path of [assets, verify]) {
		t.is((await createClient(off).get(path, basic('ada'))).status, 401, path);
		t.is((await off.ask('GET', path, { as })).status, 401, path);
		t.is((await createClient(service).get(path, basic('ada'))).status, 200, path);
		t.is((await service.ask('GET', path, { as: await service.certificateOf('robot') })).status, 200, path);
	}
	t.is((await createClient(off).get(assets)).headers['www-authenticate'], undefined, 'nor is it asked for');
	t.is((await off.ask('POST', `${base}/login/certificate`, { as })).status, 404);
});

test('4. currentIdentity answers for every credential; the XSRF token is asked of sessions only', async (t) => {
	const me = `${base}/currentIdentity`;
	const ada = { name: 'ada', passwordChangeNeeded: false, permissions: ['rest.assets'] };
	const byBasic = await createClient(service).get(me, basic('ada'));
	t.deepEqual([byBasic.status, byBasic.body], [200, ada]);
	t.deepEqual(byBasic.setCookie, []);
	const byCertificate = await service.ask('GET', me, { as: await service.certificateOf('robot') });
	t.deepEqual([byCertificate.status, byCertificate.body], [200, { ...ada, name: 'robot' }]);
	const browser = createClient(service);
	await browser.login('ada', password);
	t.deepEqual((await browser.get(me)).body, ada);
	t.is((await browser.get(me, { 'X-XSRF-Token': '' })).status, 401);
	t.is((await createClient(service).get(me, basic('ada', 'not hers'))).status, 401);
	t.is((await createClient(service).get(me)).status, 401);
	await service.add('newcomer', password, { mustChange: true });
	t.is((await createClient(service).get(me, basic('newcomer'))).status, 401);
	t.is((await createClient(off).get(me, basic('ada'))).status, 401);
});

const challenged: readonly (readonly [says: string, headers: Record<string, string>, isAsked: boolean])[] = [
	['a program', {}, true],
	['a program with a wrong password', basic('ada', 'not hers'), true],
	['a page that a browser opens', { 'Sec-Fetch-Mode': 'navigate', 'Sec-Fetch-Dest': 'document' }, true],
	["a page's fetch", { 'Sec-Fetch-Mode': 'cors' }, false],
	["a page's picture", { 'Sec-Fetch-Mode': 'no-cors' }, false],
	["a page's WebSocket", { 'Sec-Fetch-Mode': 'websocket' }, false],
	["an older page's script", { 'X-Requested-With': 'XMLHttpRequest' }, false],
	['a client with a session that is over', { Cookie: `JSESSIONID=${'A'.repeat(43)}` }, false],
];

for (const [says, headers, isAsked] of challenged) {
	test(`5. with auth.basic a 401 ${isAsked ? 'asks' : 'does not ask'} ${says} for Basic credentials`, async (t) => {
		// A page that a browser opens at a resource is led to the sign-in page instead.
		const isOpened = headers['Sec-Fetch-Mode'] === 'navigate';
		for (const path of [...(isOpened ? [] : [assets]), verify, `${base}/currentIdentity`]) {
			// Not by `fetch`, which says of itself that it is a page's script.
			const answer = await createClient(service).get(path, headers);
			t.is(answer.status, 401, path);
			const line = isAsked ? 'Basic realm="Latchkey", charset="UTF-8"' : undefined;
			t.is(answer.headers['www-authenticate'], line, path);
		}
	});
}

test('5. what is no 401 asks for nothing', async (t) => {
	await service.add('guest', password);
	for (const [name, status] of [
		['guest', 403],
		['ada', 200],
	] as const) {
		const answer = await createClient(service).send(assets, { basic: [name, password] });
		t.deepEqual([answer.status, answer.headers['www-authenticate']], [status, undefined]);
	}
});

const clients: readonly (readonly [program: string, args: readonly string[]])[] = [
	['wget', ['-q', '-O', '-', '--user=ada', `--password=${password}`]],
	['curl', ['-sf', '--anyauth', '-u', `ada:${password}`]],
];

for (const [program, args] of clients) {
	const says = `5. ${program}, which sends Basic credentials only where it is asked for them, gets in`;
	if (!hasProgram(program)) {
		test.skip(`${says}: ${program} is not on this machine`, () => undefined);
		continue;
	}
	test(says, async (t) => {
		for (const path of [assets, `${base}/currentIdentity`]) {
			const { stdout } = await run(program, [...args, service.url + path]);
			t.true(stdout.length > 0, path);
		}
	});
}

test('6. banner: one text before the login, and one in its answer', async (t) => {
	const browser = createClient(service);
	const { message } = (await browser.get(`${base}/authenticationInfo`)).body as { message: string };
	t.is(message, 'Authorized use only');
	const { body } = await browser.login('ada', password);
	t.deepEqual(body, { passwordChangeNeeded: false, message: 'You are being watched' });
});

test('7. auth.certificateAnswer: empty is 204, body is 200 and says what a login by password says', async (t) => {
	const empty = await service.ask('POST', `${base}/login/certificate`, { as: await service.certificateOf('robot') });
	t.deepEqual([empty.status, empty.body], [204, '']);
	const other = await startSecureService({ auth: { certificateAnswer: 'body' }, banner: { afterLogin: 'Hello' } });
	try {
		await other.add('robot', password, { mustChange: true });
		const login = await other.ask('POST', `${base}/login/certificate`, { as: await other.certificateOf('robot') });
		t.deepEqual([login.status, login.body], [200, { passwordChangeNeeded: false, message: 'Hello' }]);
		t.is(login.setCookie.length, 1);
		const { body } = await createClient(other).get(`${base}/authenticationInfo`);
		t.false('message' in (body as object), 'nothing is said before the login');
	} finally {
		await other.close();
	}
});

for (const [says, blank] of [
	['spaces', '   '],
	['a tab and a line feed', '\t\n'],
	['a no-break space', '\u00a0'],
] as const) {
	test(`8. a field of white space alone is missing, 400: ${says}`, async (t) => {
		const browser = createClient(service);
		const login = (body: unknown) => createClient(service).post(`${base}/login/password`, body);
		t.is((await login({ username: 'ada', password: blank })).status, 400);
		t.is((await login({ username: blank, password })).status, 400);
		await browser.login('ada', password);
		t.is((await browser.changePassword(blank, 'seven green frogs')).status, 400);
		t.is((await browser.changePassword(password, blank)).status, 400);
		t.is((await browser.me()).status, 200, 'and the session lives on');
	});
}

for (const [from, to] of [
	['http', 'https'],
	['https', 'http'],
] as const) {
	test(`9. a login on ${to} ends the session that it carries of ${from}`, async (t) => {
		const send = async (where: string, path: string, body?: unknown, cookie?: string) => {
			const headers = cookie === undefined ? {} : { Cookie: cookie };
			if (where === 'https') {
				return service.ask(body ? 'POST' : 'GET', path, { headers, ...(body !== undefined && { body }) });
			}
			const answer = await createClient(service).send(path, { method: body ? 'POST' : 'GET', json: body, headers });
			return { ...answer, setCookie: answer.setCookie };
		};
		const credentials = { username: 'ada', password };
		const first = await send(from, `${base}/login/password`, credentials);
		const cookie = first.setCookie[0]?.split(';')[0];
		t.is((await send(from, `${base}/xsrfToken`, undefined, cookie)).status, 200);
		t.is((await send(to, `${base}/login/password`, { ...credentials, password: 'wrong' }, cookie)).status, 401);
		t.is((await send(from, `${base}/xsrfToken`, undefined, cookie)).status, 401);
	});
}

test('9. a login that was not tried ends nothing', async (t) => {
	await service.add('guessed', password);
	const browser = createClient(service);
	await browser.login('ada', password);
	const guess = () => createClient(service).post(`${base}/login/password`, { username: 'guessed', password: 'wrong' });
	for (let tries = 0; tries < 10; tries += 1) await guess();
	const carried = await browser.post(`${base}/login/password`, { username: 'guessed', password: 'wrong' });
	t.is(carried.status, 429);
	t.is((await browser.me()).status, 200);
});

test("10. Kismet's calls say yes in Kismet's own words, which scripts look for", async (t) => {
	const kismet = await startService({ passwordHash, dialects: { kismet: { enabled: true, password } } });
	try {
		for (const [path, words] of [
			['/session/check_session', 'Session valid\n'],
			['/session/check_login', 'Login valid\n'],
		] as const) {
			t.is((await createClient(kismet).get(path, basic('kismet'))).body, words);
		}
	} finally {
		await kismet.close();
	}
	// `Login configured`, which needs a first run, and the others once more: kismet-rules.spec.ts.
});

for (const method of ['DELETE', 'TRACE', 'PROPFIND', 'PURGE']) {
	test(`11. 405 carries Allow: ${method}`, async (t) => {
		const { status, headers } = await createClient(service).send(`${base}/xsrfToken`, { method });
		t.is(status, 405);
		t.regex(String(headers.allow), /\bGET\b/);
	});
}
