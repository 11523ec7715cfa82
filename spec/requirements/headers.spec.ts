import test from 'ava';
import { type SecureService, startSecureService } from '../_support/secure-service.ts';
import { startService, type TestService } from '../_support/service.ts';
import { startUpstream, type Upstream } from '../_support/upstream.ts';
import { ask, base, login, me, raw, signIn, verify } from './ask.ts';

/* Cookies and headers of every answer. Sources: OWASP ASVS 5.0 3.3 and 3.4, RFC 6265bis. */

const password = 'four brown bears';

let upstream: Upstream;
let service: SecureService;
let proxied: TestService;

test.before(async () => {
	upstream = await startUpstream();
	const resources = [{ path: '/treasure', permission: 'p', upstream: upstream.url }];
	service = await startSecureService({ resources });
	proxied = await startService({ trustedProxies: ['127.0.0.1'], session: { cookieName: '__Host-session' } });
	for (const name of ['ann', 'leaver', 'changer']) await service.add(name, password, { permissions: ['p'] });
	await service.add('by certificate');
	await proxied.add('ann', password);
});

test.after.always(async () => {
	await service.close();
	await proxied.close();
	upstream.close();
});

test('over https a session cookie is Secure, HttpOnly, SameSite, for every path and for no other host', async (t) => {
	const byPassword = await service.ask('POST', `${base}/login/password`, { body: { username: 'ann', password } });
	const certificate = await service.certificateOf('by certificate');
	const byCertificate = await service.ask('POST', `${base}/login/certificate`, { as: certificate });
	for (const { setCookie } of [byPassword, byCertificate]) {
		t.is(setCookie.length, 1);
		const [pair = '', ...attributes] = (setCookie[0] ?? '').split('; ');
		t.regex(pair, /^JSESSIONID=[A-Za-z0-9_-]{43}$/);
		t.deepEqual(attributes.map((each) => each.toLowerCase()).sort(), ['httponly', 'path=/', 'samesite=lax', 'secure']);
		t.true(Buffer.byteLength(pair) <= 4096);
	}
});

test('over plain http the cookie is not Secure, and the login is a login', async (t) => {
	const answer = await login(service.url, 'ann', password);
	t.is(answer.status, 200);
	const attributes = (answer.headers['set-cookie']?.[0] ?? '').toLowerCase().split('; ').slice(1);
	t.deepEqual(attributes.sort(), ['httponly', 'path=/', 'samesite=lax']);
});

test('a cookie of https opens nothing over plain http, nor the other way round', async (t) => {
	const { setCookie } = await service.ask('POST', `${base}/login/password`, { body: { username: 'ann', password } });
	const [Cookie = ''] = (setCookie[0] ?? '').split(';');
	t.is((await ask(service.url, 'GET', `${base}/xsrfToken`, { headers: { Cookie } })).status, 401);
	t.is((await service.ask('GET', `${base}/xsrfToken`, { headers: { Cookie } })).status, 200);
	const plain = await signIn(service.url, 'ann', password);
	const headers = { Cookie: plain.headers.Cookie };
	t.is((await service.ask('GET', `${base}/xsrfToken`, { headers })).status, 401);
});

test('who says that a proxy saw https, and is no proxy of ours, changes nothing', async (t) => {
	const headers = { 'X-Forwarded-Proto': 'https', 'X-Forwarded-Ssl': 'on', Forwarded: 'proto=https' };
	const answer = await login(service.url, 'ann', password, { headers });
	t.is(answer.status, 200);
	t.notRegex(answer.headers['set-cookie']?.[0] ?? 'secure', /secure/i);
	t.is(answer.headers['strict-transport-security'], undefined);
});

test('a trusted proxy that saw https gets a Secure cookie with a __Host- name; without its word there is no Secure one', async (t) => {
	const over = await login(proxied.url, 'ann', password, { headers: { 'X-Forwarded-Proto': 'https' } });
	t.regex(over.headers['set-cookie']?.[0] ?? '', /^__Host-session=.*; path=\/;.*secure/i);
	t.notRegex(over.headers['set-cookie']?.[0] ?? 'domain', /domain/i);
	const plain = await login(proxied.url, 'ann', password, { headers: { 'X-Forwarded-Proto': 'https, http' } });
	t.is(plain.status, 200);
	t.notRegex(plain.headers['set-cookie']?.[0] ?? 'secure', /secure/i);
});

test('cookies are set by login, logout and change of password alone, and nobody else’s is ever touched', async (t) => {
	const { headers } = await signIn(service.url, 'leaver', password);
	const carried = { ...headers, Cookie: `other=1; ${headers.Cookie}; theme=dark` };
	for (const path of [
		`${base}/xsrfToken`,
		`${base}/currentIdentity`,
		`${verify}?permission=p`,
		'/treasure',
		'/nowhere',
	]) {
		const answer = await ask(service.url, 'GET', path, { headers: carried });
		t.is(answer.headers['set-cookie'], undefined, path);
	}
	const out = await ask(service.url, 'POST', `${base}/logout`, { headers: carried });
	t.is(out.status, 204);
	const [cookie = '', ...others] = out.headers['set-cookie'] ?? [];
	t.deepEqual(others, []);
	t.regex(cookie, /^JSESSIONID=; path=\/; expires=Thu, 01 Jan 1970 .*; samesite=lax; httponly$/i);
});

/** As a Tomcat on the same host sets it; and one that could be ours. */
const tomcat = 'JSESSIONID=0A1B2C3D4E5F60718293A4B5C6D7E8F9.node1';
const ended = `JSESSIONID=${'A'.repeat(43)}`;

const twice: readonly (readonly [says: string, cookies: (good: string) => string | readonly string[]])[] = [
	['a bad one first', (good) => `JSESSIONID=bad; ${good}`],
	['a bad one last', (good) => `${good}; JSESSIONID=bad`],
	['that of a Tomcat first', (good) => `${tomcat}; ${good}`],
	['that of a Tomcat last', (good) => `${good}; ${tomcat}`],
	['one that has ended first', (good) => `${ended}; ${good}`],
	['one that has ended last', (good) => `${good}; ${ended}`],
	['the same one twice', (good) => `${good}; ${good}`],
	['an empty one first', (good) => `JSESSIONID=; ${good}`],
	['one in another header', (good) => [good, 'JSESSIONID=bad']],
	['one in another header, first', (good) => ['JSESSIONID=bad', good]],
	['in quotes', (good) => good.replace(/=(.*)/, '="$1"')],
];

for (const [says, cookies] of twice) {
	test(`of several session cookies the one that lives counts, whatever its place: ${says}`, async (t) => {
		const { headers } = await signIn(service.url, 'ann', password);
		const both = { ...headers, Cookie: cookies(headers.Cookie ?? '') };
		t.is((await ask(service.url, 'GET', `${base}/currentIdentity`, { headers: both })).status, 200);
		t.is((await ask(service.url, 'GET', '/treasure', { headers: both })).status, 200);
		const withoutToken = { Cookie: both.Cookie };
		t.is((await ask(service.url, 'GET', `${base}/currentIdentity`, { headers: withoutToken })).status, 401);
		const body = { username: 'ann', password };
		const again = await ask(service.url, 'POST', `${base}/login/password`, { body, headers: withoutToken });
		t.is(again.status, 200);
		t.is((await ask(service.url, 'GET', `${base}/xsrfToken`, { headers })).status, 401, 'a login ends it');
	});
}

for (const [says, order] of [
	['one first', (pair: string[]) => pair],
	['the other first', (pair: string[]) => pair.toReversed()],
] as const) {
	test(`two session cookies that both live are none, and a login ends both: ${says}`, async (t) => {
		const pair = [await signIn(service.url, 'ann', password), await signIn(service.url, 'ann', password)];
		const Cookie = order(pair.map(({ headers }) => headers.Cookie ?? '')).join('; ');
		t.is((await ask(service.url, 'GET', `${base}/xsrfToken`, { headers: { Cookie } })).status, 401);
		for (const { headers } of pair) t.is((await ask(service.url, 'GET', `${base}/xsrfToken`, { headers })).status, 200);
		t.is((await login(service.url, 'ann', password, { headers: { Cookie } })).status, 200);
		for (const { headers } of pair) t.is((await ask(service.url, 'GET', `${base}/xsrfToken`, { headers })).status, 401);
	});
}

test('a hundred cookies of four kilobytes are too many, and the next request is answered', async (t) => {
	const cookie = Array.from({ length: 100 }, (_, at) => `c${at}=${'x'.repeat(4000)}`).join('; ');
	const answer = await raw(service.url, `GET /health/live HTTP/1.1\r\nHost: a\r\nCookie: ${cookie}\r\n\r\n`);
	t.regex(answer, /^HTTP\/1\.1 431 /);
	t.is((await ask(service.url, 'GET', '/health/live')).status, 200);
});

const audited: readonly (readonly [says: string, method: string, path: string, status: number])[] = [
	['an answer', 'GET', '/health/live', 200],
	['what anybody may ask', 'GET', `${base}/authenticationInfo`, 200],
	['a missing session', 'GET', `${base}/currentIdentity`, 401],
	['a missing permission', 'GET', `${verify}?permission=p`, 401],
	['a resource behind us', 'GET', '/treasure', 401],
	['a path that nobody knows', 'GET', '/nowhere/at/all', 404],
	['an ambiguous path', 'GET', '/a/..;/b', 400],
	['a wrong method', 'DELETE', `${base}/login/password`, 405],
	['a wrong type', 'POST', `${base}/login/password`, 415],
	['forward-auth', 'GET', verify, 403],
];

const always = {
	'x-content-type-options': 'nosniff',
	'content-security-policy': "default-src 'none'; frame-ancestors 'none'; base-uri 'none'",
	'referrer-policy': 'no-referrer',
	'cross-origin-resource-policy': 'same-origin',
	'cache-control': 'no-store',
};

for (const [says, method, path, status] of audited) {
	test(`every answer says how browsers are to treat it: ${says}`, async (t) => {
		const answer = await ask(service.url, method, path);
		t.is(answer.status, status);
		for (const [name, value] of Object.entries(always)) t.is(answer.headers[name], value, name);
		t.regex(answer.headers['content-type'] ?? '', /^application\/json; charset=utf-8$/);
		for (const name of ['server', 'x-powered-by', 'x-aspnet-version', 'via']) t.is(answer.headers[name], undefined);
		// Where the sign-in page is says our address, which looks like a version.
		const told = (JSON.stringify(answer.headers) + answer.body).replaceAll('127.0.0.1', '');
		t.notRegex(told, /koa|node|express|\d+\.\d+\.\d+\b(?!\.)/i);
		t.is(answer.headers['strict-transport-security'], undefined);
		const secure = await service.ask(method, path);
		t.regex(secure.headers['strict-transport-security'] ?? '', /^max-age=(31536000|[4-9]\d{7})/);
	});
}

const unreadable = [
	['headers that are too large', `GET / HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`, 431],
	['what is no HTTP', 'hello\r\n\r\n', 400],
	['a method that nobody knows', 'BREW / HTTP/1.1\r\nHost: a\r\n\r\n', 400],
	['CONNECT', 'CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n', 405],
] as const;

for (const [says, bytes, status] of unreadable) {
	// Alone: a client that reads late, as one in a busy process does, is cut off by then.
	test.serial(`even to ${says} the answer says so`, async (t) => {
		const answer = (await raw(service.url, bytes)).toLowerCase();
		t.true(answer.startsWith(`http/1.1 ${status} `), answer);
		for (const [name, value] of Object.entries(always)) t.true(answer.includes(`\r\n${name}: ${value}\r\n`), name);
		t.true(answer.includes('\r\ncontent-type: application/json; charset=utf-8\r\n'));
	});
}

test('a client that was answered so and does not hang up is cut off', async (t) => {
	for (const bytes of ['CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n', 'hello\r\n\r\n']) {
		t.regex(await raw(service.url, bytes), /^HTTP\/1\.1 40[05] /);
	}
});

for (const origin of ['https://evil.example', 'null', 'https://127.0.0.1.evil.example', 'http://127.0.0.1:1', '']) {
	test(`pages of ${JSON.stringify(origin)} read nothing of ours`, async (t) => {
		const { headers } = await signIn(service.url, 'ann', password);
		for (const method of ['GET', 'OPTIONS', 'POST']) {
			const answer = await ask(service.url, method, `${base}/currentIdentity`, {
				headers: { ...headers, Origin: origin, 'Access-Control-Request-Method': 'POST' },
			});
			for (const name of Object.keys(answer.headers)) t.false(name.startsWith('access-control-'), name);
		}
	});
}

test('pages of an origin that is allowed do, by its own name and with their cookies', async (t) => {
	const friendly = await startService({ allowedOrigins: ['https://app.example.org'] });
	t.teardown(friendly.close);
	await friendly.add('ann', password);
	const headers = { Origin: 'https://app.example.org' };
	const answer = await login(friendly.url, 'ann', password, { headers });
	t.is(answer.status, 200);
	t.is(answer.headers['access-control-allow-origin'], 'https://app.example.org');
	t.is(answer.headers['access-control-allow-credentials'], 'true');
	t.regex(answer.headers.vary ?? '', /origin/i);
	const preflight = await ask(friendly.url, 'OPTIONS', `${base}/logout`, {
		headers: { ...headers, 'Access-Control-Request-Method': 'POST' },
	});
	t.is(preflight.status, 204);
	t.regex(String(preflight.headers['access-control-allow-headers']), /X-XSRF-Token/);
	for (const Origin of ['https://app.example.org.evil.example', 'http://app.example.org', 'https://APP.example.org.']) {
		const other = await login(friendly.url, 'ann', password, { headers: { Origin } });
		t.is(other.status, 403, Origin);
		t.is(other.headers['access-control-allow-origin'], undefined);
	}
});

const methods: readonly (readonly [method: string, path: string, allowed: readonly number[]])[] = [
	['TRACE', `${base}/currentIdentity`, [405]],
	['PROPFIND', `${base}/currentIdentity`, [405]],
	['GET', `${base}/logout`, [405]],
	['GET', `${base}/login/password`, [405]],
	['GET', `${base}/changePassword`, [405]],
	['PUT', `${base}/logout`, [405]],
	['HEAD', `${base}/logout`, [405]],
	['OPTIONS', `${base}/logout`, [200, 204]],
	['GET', '/prime-14.01/api/!login?uid=ann&pw=four%20brown%20bears', [404, 405]],
	['GET', '/session/set_password?password=x', [404, 405]],
];

for (const [method, path, allowed] of methods) {
	test(`${method} ${path.slice(0, 40)} changes nothing`, async (t) => {
		const jar = await signIn(service.url, 'ann', password);
		const answer = await ask(service.url, method, path, { headers: jar.headers });
		t.true(allowed.includes(answer.status), String(answer.status));
		t.is(answer.headers['set-cookie'], undefined);
		t.is((await me(service.url, jar)).status, 200);
	});
}

test('no credential and no token is taken from the query', async (t) => {
	const { cookie, xsrf } = await signIn(service.url, 'ann', password);
	const query = `JSESSIONID=${cookie}&KISMET=${cookie}&session=${cookie}&xsrfToken=${xsrf}&X-XSRF-Token=${xsrf}`;
	const word = encodeURIComponent(password);
	for (const path of [`${base}/currentIdentity`, '/treasure', verify]) {
		const by = `?permission=p&${query}&user=ann&username=ann&uid=ann&password=${word}&pswd=${word}&pw=${word}`;
		t.is((await ask(service.url, 'GET', path + by)).status, 401, path);
	}
	// The cookie alone, and the token beside it in the query, is as good as no token.
	const headers = { Cookie: `JSESSIONID=${cookie}` };
	t.is((await ask(service.url, 'GET', `${base}/currentIdentity?X-XSRF-Token=${xsrf}`, { headers })).status, 401);
	const empty = await ask(service.url, 'POST', `${base}/login/password?username=ann&password=${word}`, { body: {} });
	t.is(empty.status, 400);
});
