import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { startSecureService } from '../_support/secure-service.ts';
import { startService } from '../_support/service.ts';
import { startUpstream } from '../_support/upstream.ts';
import { type Answer, ask, base, login, raw, signIn, verify } from './ask.ts';
import { install } from './process.ts';

/* What is told of what happened: everything that matters, once, and no secret. Source: OWASP ASVS 5.0 16. */

const password = 'four brown bears';
const form = { 'Content-Type': 'application/x-www-form-urlencoded' } as const;
const basic = (name: string, word: string) => `Basic ${Buffer.from(`${name}:${word}`).toString('base64')}`;

test('no password, cookie, token or header value is ever logged or kept, at the level of most words', async (t) => {
	const canary = (what: string) => `canary-${what}-${Math.random().toString(36).slice(2)}`;
	const secrets = new Set<string>();
	const secret = (what: string) => {
		const made = canary(what);
		secrets.add(made);
		return made;
	};
	const upstream = await startUpstream();
	const installation = install({
		log: { level: 'trace' },
		auth: { basic: true },
		resources: [
			{ path: '/treasure', permission: 'p', upstream: upstream.url },
			{ path: '/gone', permission: 'p', upstream: 'http://127.0.0.1:9' },
		],
		dialects: { kismet: { enabled: true, password: secret('configured') }, insights: { enabled: true } },
	});
	t.teardown(() => {
		installation.remove();
		upstream.close();
	});
	const adminPassword = secret('admin');
	const add = ['identity', 'add', 'admin', '--password-stdin', '--permission', 'kura.admin', '--no-policy'];
	const added = await installation.run(add, adminPassword);
	t.is(added.status, 0, added.stderr);
	const weak = await installation.run(['identity', 'add', 'weak', '--password-stdin'], secret('weak').slice(0, 11));
	t.is(weak.status, 1);
	const { url, stdout, stderr, end } = await installation.start();
	const admin = await signIn(url, 'admin', adminPassword);
	const [mine, next] = [secret('ann'), secret('next')];
	const headers = admin.headers;
	const make = { name: 'ann', password: mine, permissions: ['p'], passwordChangeNeeded: false };
	t.is((await ask(url, 'POST', `${base}/identities`, { headers, body: make })).status, 201);
	const jar = await signIn(url, 'ann', mine);
	for (const word of [jar.cookie, jar.xsrf, admin.cookie, admin.xsrf]) secrets.add(word);

	// Passwords in the wrong place, wrong ones, and ones that are no passwords.
	await login(url, secret('typed-as-name'), 'x');
	await login(url, 'ann', secret('wrong'));
	await login(url, 'ann', `${secret('too-long')}${'x'.repeat(2000)}`);
	await ask(url, 'POST', `${base}/login/password`, {
		body: `{"username":"ann","password":"${secret('torn')}`,
		headers: { 'Content-Type': 'application/json' },
	});
	await ask(url, 'POST', `${base}/setup`, { body: { password: secret('setup'), token: secret('setup-token') } });
	await ask(url, 'GET', `/treasure?pw=${secret('query')}`, {
		headers: { Authorization: basic('ann', secret('basic')) },
	});
	await ask(url, 'GET', '/treasure', { headers: { Authorization: basic('ann', mine) } });
	await ask(url, 'GET', '/treasure', { headers: { Authorization: `Bearer ${secret('bearer')}` } });
	await ask(url, 'GET', '/session/check_session', { headers: { Authorization: basic('kismet', secret('kismet')) } });
	await ask(url, 'POST', '/session/set_password', { headers: form, body: `password=${secret('set')}` });
	const bodyOf = (pw: string) => new URLSearchParams({ uid: 'ann', pw }).toString();
	const opened = await ask(url, 'POST', '/prime-14.01/api/!login', { headers: form, body: bodyOf(mine) });
	if (opened.status === 200) secrets.add(JSON.parse(opened.body).epw);
	await ask(url, 'POST', '/prime-14.01/api/!login', { headers: form, body: bodyOf(secret('insights')) });
	for (const name of ['JSESSIONID', 'KISMET', 'session', 'other']) {
		await ask(url, 'GET', `${verify}?permission=p&token=${secret('in-query')}`, {
			headers: { Cookie: `${name}=${secret('cookie')}`, 'X-XSRF-Token': secret('xsrf'), 'X-Custom': secret('custom') },
		});
	}
	await ask(url, 'GET', '/gone', { headers: { ...jar.headers, Authorization: `Bearer ${secret('gone')}` } });
	await raw(url, `GET /${secret('unreadable')} HTTP/9.9\r\nCookie: ${secret('unreadable')}\r\n\r\n`);
	const change = { currentPassword: mine, newPassword: next };
	t.is((await ask(url, 'POST', `${base}/changePassword`, { headers: jar.headers, body: change })).status, 204);
	await signIn(url, 'ann', next);
	t.is(await end('SIGTERM'), 0);

	const data = join(installation.folder, 'data');
	const kept = readdirSync(data).map((file) => readFileSync(join(data, file), 'latin1'));
	const said = [stdout(), stderr(), added.stdout, added.stderr, weak.stdout, weak.stderr];
	t.true(stdout().split('\n').length > 15);
	for (const word of secrets) {
		for (const form of [word, Buffer.from(word).toString('base64'), encodeURIComponent(word), word.slice(0, -3)]) {
			for (const text of [...said, ...kept]) t.false(text.includes(form), form);
		}
	}
	t.notRegex(said.join(), /canary|argon2id/);
});

test('one event is one line, whatever stands in a name, a program’s name or a path', async (t) => {
	const forged = '\n{"level":"info","audit":true,"act":"login","outcome":"ok","identity":"admin"}\n';
	const installation = install();
	t.teardown(() => installation.remove());
	const { url, stdout, audit, end } = await installation.start();
	await login(url, `a${forged}`, password);
	await login(url, '\u001b[31mred"\\', password);
	await login(url, 'ann', password, { headers: { 'User-Agent': 'x\t{"audit":true}"\\' } });
	await ask(url, 'GET', `/${encodeURIComponent(forged)}`);
	await raw(url, `GET /x HTTP/1.1\r\nHost: a\r\nUser-Agent: x\x1b[31m"\r\nConnection: close\r\n\r\n`);
	await end('SIGTERM');
	const lines = stdout().trim().split('\n');
	for (const line of lines) t.notThrows(() => JSON.parse(line), line);
	t.false(stdout().includes('\u001b'));
	t.deepEqual(
		audit().map(({ act, outcome }) => `${act} ${outcome}`),
		['start ok', 'login refused', 'stop ok'],
	);
});

interface Happening {
	readonly says: string;
	readonly act: () => Promise<Answer | unknown>;
	/** What is told: `act outcome[ reason]`. */
	readonly told: readonly string[];
}

test('every event is told once, with who, when, from where and how', async (t) => {
	const upstream = await startUpstream();
	const service = await startSecureService({
		resources: [{ path: '/treasure', permission: 'p', upstream: upstream.url }],
		auth: { basic: true },
		session: { mostPerIdentity: 3 },
	});
	t.teardown(async () => {
		await service.close();
		upstream.close();
	});
	const { url } = service;
	for (const name of ['ann', 'bob', 'carl', 'dora']) await service.add(name, password);
	await service.add('root', password, { permissions: ['kura.admin'] });
	const root = await signIn(url, 'root', password);
	let ann = await signIn(url, 'ann', password);
	const asRoot = (method: string, path: string, body?: object) =>
		ask(url, method, `${base}/${path}`, { headers: root.headers, ...(body && { body }) });
	const change = (currentPassword: string, newPassword: string) =>
		ask(url, 'POST', `${base}/changePassword`, { headers: ann.headers, body: { currentPassword, newPassword } });

	const happenings: readonly Happening[] = [
		{ says: 'a login', act: () => login(url, 'bob', password), told: ['login ok'] },
		{ says: 'a wrong one', act: () => login(url, 'bob', 'not it'), told: ['login refused bad-credentials'] },
		{ says: 'one for nobody', act: () => login(url, 'nobody', 'not it'), told: ['login refused bad-credentials'] },
		{
			says: 'one without a certificate',
			act: () => service.ask('POST', `${base}/login/certificate`),
			told: ['login refused bad-certificate'],
		},
		{
			says: 'one with a certificate for nobody',
			act: async () => service.ask('POST', `${base}/login/certificate`, { as: await service.certificateOf('nobody') }),
			told: ['login refused bad-credentials'],
		},
		{
			says: 'one with a certificate',
			act: async () => service.ask('POST', `${base}/login/certificate`, { as: await service.certificateOf('ann') }),
			told: ['login ok'],
		},
		{
			says: 'a wrong XSRF token',
			act: () => ask(url, 'GET', `${base}/currentIdentity`, { headers: { Cookie: ann.headers.Cookie ?? '' } }),
			told: ['access refused xsrf-token-mismatch'],
		},
		{
			says: 'a missing permission',
			act: () => ask(url, 'GET', '/treasure', { headers: ann.headers }),
			told: ['access refused permission-missing'],
		},
		{
			says: 'a missing permission at forward-auth',
			act: () => ask(url, 'GET', `${verify}?permission=p`, { headers: ann.headers }),
			told: ['access refused permission-missing'],
		},
		{
			says: 'an administration without the right',
			act: () => ask(url, 'GET', `${base}/identities`, { headers: ann.headers }),
			told: ['access refused permission-missing'],
		},
		{
			says: 'wrong Basic',
			act: () => ask(url, 'GET', '/treasure', { headers: { Authorization: basic('ann', 'no') } }),
			told: ['access refused bad-credentials'],
		},
		{
			says: 'a page of another site at a resource',
			act: () => ask(url, 'POST', '/treasure', { headers: { ...ann.headers, Origin: 'https://evil' } }),
			told: ['access refused cross-site'],
		},
		{
			says: 'a page of another site at an endpoint',
			act: () => login(url, 'ann', password, { headers: { Origin: 'https://evil' } }),
			told: ['access refused cross-site'],
		},
		{
			says: 'a change with the wrong password',
			act: () => change('not it', 'seven green frogs'),
			told: ['password-change refused bad-credentials'],
		},
		{
			says: 'a change to the same password',
			act: () => change(password, password),
			told: ['password-change refused same-password'],
		},
		{
			says: 'a change to a weak password',
			act: () => change(password, 'short'),
			told: ['password-change refused weak-password'],
		},
		{
			says: 'a change',
			act: () => change(password, 'seven green frogs'),
			told: ['password-change ok', 'session-end ok', 'session-end ok'],
		},
		{
			says: 'a request after it',
			act: () => ask(url, 'GET', `${base}/currentIdentity`, { headers: ann.headers }),
			told: [],
		},
		{
			says: 'a login in place of another',
			act: async () => {
				ann = await signIn(url, 'ann', 'seven green frogs');
				ann = await signIn(url, 'ann', 'seven green frogs', { headers: ann.headers });
			},
			told: ['login ok', 'session-end ok', 'login ok'],
		},
		{ says: 'a logout', act: () => ask(url, 'POST', `${base}/logout`, { headers: ann.headers }), told: ['logout ok'] },
		{ says: 'the same once more', act: () => ask(url, 'POST', `${base}/logout`, { headers: ann.headers }), told: [] },
		{
			says: 'more logins than one may have',
			act: async () => {
				for (let logins = 0; logins < 4; logins += 1) await login(url, 'carl', password);
			},
			told: ['login ok', 'login ok', 'login ok', 'session-end ok', 'login ok'],
		},
		{
			says: 'a new identity',
			act: () => asRoot('POST', 'identities', { name: 'newcomer', password: 'nine purple owls' }),
			told: ['identity-add ok'],
		},
		{
			says: 'one that is there',
			act: () => asRoot('POST', 'identities', { name: 'newcomer', password: 'nine purple owls' }),
			told: ['identity-add refused name-taken'],
		},
		{
			says: 'permissions',
			act: () => asRoot('PATCH', 'identities/bob', { permissions: ['a', 'b'] }),
			told: ['permission-grant ok'],
		},
		{
			says: 'other permissions',
			act: () => asRoot('PATCH', 'identities/bob', { permissions: ['b', 'c'] }),
			told: ['permission-grant ok', 'permission-revoke ok'],
		},
		{
			says: 'a reset',
			act: () => asRoot('PUT', 'identities/bob/password', { password: 'nine purple owls' }),
			told: ['session-end ok', 'password-reset ok'],
		},
		{
			says: 'a weak reset',
			act: () => asRoot('PUT', 'identities/bob/password', { password: 'x' }),
			told: ['password-reset refused weak-password'],
		},
		{
			says: 'a forced change',
			act: () => asRoot('PATCH', 'identities/bob', { passwordChangeNeeded: true }),
			told: ['password-reset ok'],
		},
		{
			says: 'a locked session that asks for more',
			act: async () =>
				ask(url, 'GET', `${base}/currentIdentity`, { headers: (await signIn(url, 'bob', 'nine purple owls')).headers }),
			told: ['login ok', 'access refused session-locked'],
		},
		{
			says: 'an identity disabled',
			act: () => asRoot('PATCH', 'identities/dora', { disabled: true }),
			told: ['identity-disable ok'],
		},
		{
			says: 'and enabled',
			act: () => asRoot('PATCH', 'identities/dora', { disabled: false }),
			told: ['identity-enable ok'],
		},
		{
			says: 'sessions ended',
			act: () => asRoot('DELETE', 'sessions?identity=carl'),
			told: Array(3).fill('session-end ok'),
		},
		{ says: 'an identity removed', act: () => asRoot('DELETE', 'identities/carl'), told: ['identity-remove ok'] },
		{
			says: 'a setup that comes too late',
			act: () => ask(url, 'POST', `${base}/setup`, { body: { password: 'nine purple owls' } }),
			told: ['setup refused already-set-up'],
		},
		{
			says: 'a guesser who has to wait',
			act: async () => {
				for (let tries = 0; tries < 11; tries += 1) await login(url, 'dora', `no ${tries}`);
			},
			told: [...Array(10).fill('login refused bad-credentials'), 'login refused too-many-attempts'],
		},
		{ says: 'what anybody may ask', act: () => ask(url, 'GET', `${base}/authenticationInfo`), told: [] },
		{ says: 'a request without a session', act: () => ask(url, 'GET', `${base}/currentIdentity`), told: [] },
	];
	for (const { says, act, told } of happenings) {
		const before = service.audit().length;
		await act();
		const events = service.audit().slice(before);
		t.deepEqual(
			events.map(({ act: what, outcome, reason }) => [what, outcome, reason].filter(Boolean).join(' ')).sort(),
			[...told].sort(),
			says,
		);
		for (const event of events) {
			t.regex(String(event.time), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
			t.is(event.address, '127.0.0.1', says);
			t.regex(String(event.requestId), /^[a-z0-9]+-[a-z0-9]+$/, says);
			if (event.session !== undefined) t.regex(String(event.session), /^[0-9a-f]{64}$/);
			if (event.outcome === 'ok' && event.act === 'login') t.truthy(event.session && event.identity && event.method);
		}
	}
});

test('a fault is told to the log with its cause, and to the client with nothing but where to find it', async (t) => {
	const service = await startService();
	t.teardown(service.close);
	await service.add('ann', password);
	const jar = await signIn(service.url, 'ann', password);
	await service.service.core.close();
	for (const [method, path] of [
		['GET', `${base}/currentIdentity`],
		['GET', `${verify}?permission=p`],
		['POST', `${base}/logout`],
	] as const) {
		const answer = await ask(service.url, method, path, { headers: jar.headers });
		t.true(answer.status >= 401 && answer.status <= 503, String(answer.status));
		const { message, code, requestId, ...rest } = JSON.parse(answer.body);
		t.deepEqual(rest, {});
		t.regex(code, /^(unexpected|unavailable|session-missing)$/);
		t.notRegex(message, /sql|sqlite|database|\/|at |stack|node/i);
		if (answer.status >= 500) {
			t.is(requestId, answer.headers['x-request-id']);
			t.true(service.lines.some((line) => line.requestId === requestId && line.cause !== undefined));
		}
		t.is(answer.headers['set-cookie'], undefined);
	}
});
