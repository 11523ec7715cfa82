import test from 'ava';
import { readConfig } from '../../src/config/read.ts';
import { StoreUnavailable } from '../../src/core/stores.ts';
import { createReturnAddresses, parseWebOrigin, returnAddressOf } from '../../src/gateway/return-address.ts';
import { type Answer, type Call, type Client, createClient } from '../_support/client.ts';
import { startService, type TestService } from '../_support/service.ts';
import { startUpstream, type Upstream } from '../_support/upstream.ts';

/*
 * Who opens a protected page without a session is led to the sign-in page and told to come back; programs are not.
 */

const password = 'a long enough secret';
const tab = {
	'Sec-Fetch-Mode': 'navigate',
	'Sec-Fetch-Dest': 'document',
	'Sec-Fetch-Site': 'none',
	Accept: 'text/html',
};
const script = { 'Sec-Fetch-Mode': 'cors', 'Sec-Fetch-Dest': 'empty', 'Sec-Fetch-Site': 'same-origin', Accept: '*/*' };
const form = { ...tab, 'Sec-Fetch-Site': 'same-origin', 'Content-Type': 'application/x-www-form-urlencoded' };

let upstream: Upstream;
let service: TestService;
/** With its console elsewhere, Basic on, and a proxy that is trusted. */
let moved: TestService;
let nobody: Client;

test.before(async () => {
	upstream = await startUpstream((_, res) => void res.end('inside'));
	const at = (path: string, more: object = {}) => ({
		...{ path, permission: 'p', xsrf: 'unsafe', upstream: upstream.url },
		...more,
	});
	service = await startService({
		resources: [
			at('/app'),
			at('/always', { xsrf: 'always' }),
			at('/forced', { unauthenticated: 'redirect' }),
			at('/api', { unauthenticated: '401' }),
		],
	});
	moved = await startService({
		auth: { basic: true },
		console: { path: '/latchkey' },
		trustedProxies: ['127.0.0.1'],
		allowedOrigins: ['https://friend.example'],
		resources: [at('/')],
	});
	await service.add('ada', password, { permissions: ['p'] });
	await service.add('eve', password, { permissions: ['p'], mustChange: true });
	await service.add('ivo', password);
	nobody = visitor(service);
});
test.after.always(async () => {
	await service.close();
	await moved.close();
	upstream.close();
});

function visitor({ url }: TestService): Client {
	return createClient({ port: Number(new URL(url).port) });
}

/** Where the sign-in page is told to lead back to. */
function returnOf({ headers }: Answer, name = 'location'): string | null {
	return new URL(String(headers[name])).searchParams.get('return');
}

const host = () => `localhost:${new URL(service.url).port}`;

test('a page is led to the sign-in page, in full', async (t) => {
	const { status, headers, body } = await nobody.send('/app/d/7?x=1&y=%20', { headers: tab });
	t.is(status, 302);
	const back = encodeURIComponent(`http://${host()}/app/d/7?x=1&y=%20`);
	t.is(headers.location, `http://${host()}/?return=${back}`);
	t.is(headers['cache-control'], 'no-store');
	t.is(headers.vary, 'Cookie, Accept, Sec-Fetch-Mode');
	t.is(headers['latchkey-login'], undefined);
	t.is(headers['x-content-type-options'], 'nosniff');
	t.deepEqual(body, { message: 'The current session is not valid', code: 'session-missing' });
});

test('so is its head, and a client that names text/html without Sec-Fetch-*', async (t) => {
	t.is((await nobody.send('/app', { method: 'HEAD', headers: tab })).status, 302);
	t.is((await nobody.send('/app', { headers: { Accept: 'text/html,*/*;q=0.8' } })).status, 302);
});

test('a form is led by 303, to the same address by GET', async (t) => {
	const answer = await nobody.send('/app/save', { method: 'POST', headers: form, body: 'a=b' });
	t.is(answer.status, 303);
	t.is(returnOf(answer), `http://${host()}/app/save`);
});

test('scripts and programs get 401 as ever, and are told where the sign-in page is', async (t) => {
	for (const headers of [script, { Accept: '*/*' }, { ...tab, 'X-Requested-With': 'x' }] as Call['headers'][]) {
		const answer = await nobody.send('/app/data', { headers: headers ?? {} });
		t.is(answer.status, 401);
		t.deepEqual(answer.body, { message: 'The current session is not valid', code: 'session-missing' });
		t.is(returnOf(answer, 'latchkey-login'), `http://${host()}/app/data`);
		t.is(answer.headers['latchkey-login-status'], undefined);
		t.is(answer.headers.location, undefined);
	}
	t.is((await nobody.send('/app', { method: 'DELETE', headers: tab })).status, 401);
});

test('every way to be without a living session leads', async (t) => {
	const stale = visitor(service);
	await stale.login('ada', password);
	const cookie = stale.cookies();
	t.is((await stale.withoutToken('/app', { headers: tab })).status, 200);
	await stale.logout();
	t.is((await nobody.send('/app', { headers: { ...tab, Cookie: cookie } })).status, 302, 'ended');
	t.is((await nobody.send('/app', { headers: { ...tab, Cookie: 'JSESSIONID=x' } })).status, 302, 'no token at all');
	const locked = visitor(service);
	await locked.login('eve', password);
	t.is((await locked.withoutToken('/app', { headers: tab })).status, 302, 'the password must be changed');
	t.is((await locked.send('/app', { headers: script })).status, 401);
});

test('who is signed in and may not is not led; nor is who lacks the XSRF token alone', async (t) => {
	const ivo = visitor(service);
	await ivo.login('ivo', password);
	t.is((await ivo.withoutToken('/app', { headers: tab })).status, 403);
	const ada = visitor(service);
	await ada.login('ada', password);
	t.is((await ada.withoutToken('/always', { headers: tab })).status, 401);
	const unsafe = await ada.withoutToken('/app', { method: 'POST', headers: form, body: 'a=b' });
	t.is(unsafe.status, 401);
	t.is(unsafe.headers['latchkey-login'], undefined, 'to sign in would not help');
	t.is((await nobody.send('/nowhere', { headers: tab })).status, 404);
});

test('a rule leads whatever asks by GET, or nobody', async (t) => {
	t.is((await nobody.send('/forced', { headers: { Accept: '*/*' } })).status, 302);
	t.is((await nobody.send('/forced', { method: 'POST', headers: script, body: '{}' })).status, 401);
	t.is((await nobody.send('/forced', { method: 'POST', headers: form, body: 'a=b' })).status, 303);
	const never = await nobody.send('/api', { headers: tab });
	t.is(never.status, 401);
	t.is(never.headers['latchkey-login'], undefined);
	const socket = {
		Upgrade: 'websocket',
		Connection: 'Upgrade',
		'Sec-WebSocket-Version': '13',
		'Sec-WebSocket-Key': `${'A'.repeat(22)}==`,
	};
	t.is((await nobody.send('/forced', { headers: socket })).status, 401, 'a WebSocket has nothing to show a page in');
});

test('the console may stand elsewhere; the host that was asked is the proxy’s word; Basic is not asked for', async (t) => {
	const asked = { ...tab, 'X-Forwarded-Host': 'App.example.org', 'X-Forwarded-Proto': 'https' };
	const answer = await visitor(moved).send('/d/7', { headers: asked });
	t.is(answer.headers.location, 'https://app.example.org/latchkey/?return=https%3A%2F%2Fapp.example.org%2Fd%2F7');
	t.is(answer.headers['www-authenticate'], undefined);
	t.regex(String((await visitor(moved).send('/d/7')).headers['www-authenticate']), /^Basic /);
});

test('a host that is none leads nowhere, and an address too long for its way back is left out', async (t) => {
	for (const forged of ['a@b', 'a/b', 'a?b', 'a#b', 'a b', 'a\\b', 'good.example/..', '%0d', '[', 'a:b', 'a:99999']) {
		const { status, headers } = await visitor(moved).send('/', { headers: { ...tab, 'X-Forwarded-Host': forged } });
		t.is(status, 401, forged);
		t.is(headers.location, undefined, forged);
	}
	const answer = await nobody.send(`/app/${'x'.repeat(2100)}`, { headers: tab });
	t.is(answer.headers.location, `http://${host()}/`);
});

test('what a URL would not hold is encoded', async (t) => {
	const answer = await nobody.send('/app?a="<', { headers: tab });
	t.is(returnOf(answer), `http://${host()}/app?a=%22%3C`);
	const returns = createReturnAddresses({ insecure: false, hosts: [] });
	const origin = parseWebOrigin('https://app.example.org');
	const written = origin && returnAddressOf(origin, '/a?b=\\c\xc3\xa9', returns);
	t.is(written?.href, 'https://app.example.org/a?b=%5Cc%C3%A9', 'as a proxy may tell it');
});

const verify = '/services/auth/v1/verify';
const https = { 'X-Forwarded-Host': 'app.example.org', 'X-Forwarded-Proto': 'https' };
const get = { 'X-Forwarded-Method': 'GET', 'X-Forwarded-Uri': '/d/7?x=1' };
const back = 'https://app.example.org/d/7?x=1';

test('a proxy that passes every answer on asks for the redirect, and gets it', async (t) => {
	const proxy = visitor(moved);
	for (const query of ['?answer=302', '?permission=p&xsrf=unsafe&answer=302']) {
		const led = await proxy.send(verify + query, { headers: { ...tab, ...https, ...get } });
		t.is(led.status, 302, query);
		t.is(returnOf(led), back);
		t.is(led.headers.vary, 'Origin, Cookie, Accept, Sec-Fetch-Mode', 'it differs for pages that may call us, too');
		t.is(led.headers['cache-control'], 'no-store');
		const post = { ...https, ...get, 'X-Forwarded-Method': 'POST' };
		t.is((await proxy.send(verify + query, { headers: { ...form, ...post } })).status, 303);
		const told = await proxy.send(verify + query, { headers: { ...script, ...https, ...get } });
		t.is(told.status, 401);
		t.is(returnOf(told, 'latchkey-login'), back);
	}
	const whole = { 'X-Original-URL': 'https://Grafana.example.org/d/7', 'X-Original-Method': 'GET' };
	const ingress = await proxy.send(`${verify}?answer=302`, { headers: { ...tab, ...whole } });
	t.is(returnOf(ingress), 'https://grafana.example.org/d/7');
});

test('nginx learns it from headers of its 401', async (t) => {
	const proxy = visitor(moved);
	const page = await proxy.send(verify, { headers: { ...tab, ...https, ...get } });
	t.deepEqual([page.status, returnOf(page, 'latchkey-login')], [401, back]);
	t.is(page.headers['latchkey-login-status'], '302');
	t.is(page.headers.location, undefined);
	const call = await proxy.send(verify, { headers: { ...script, ...https, ...get } });
	t.deepEqual([call.status, returnOf(call, 'latchkey-login')], [401, back]);
	t.is(call.headers['latchkey-login-status'], undefined);
});

test('how to answer is the word of the proxy, not of its client, nor of a stranger', async (t) => {
	const proxy = visitor(moved);
	const carried = { ...get, 'X-Forwarded-Uri': '/d/7?answer=302' };
	for (const query of ['?answer=302', '?answer=%33%302']) {
		t.is((await proxy.send(verify + query, { headers: { ...tab, ...https, ...carried } })).status, 403, query);
	}
	for (const query of ['?answer=200', '?answer=', '?answer=302&answer=302']) {
		t.is((await proxy.send(verify + query, { headers: { ...tab, ...https, ...get } })).status, 403, query);
	}
	const stranger = createClient({ port: Number(new URL(moved.url).port), from: '127.0.0.2' });
	const asked = await stranger.send(`${verify}?answer=302&permission=p`, { headers: { ...tab, ...https, ...get } });
	t.is(asked.status, 401);
	t.is(asked.headers.location, undefined);
	t.is(asked.headers['latchkey-login'], undefined);
});

test('a portal of its own is named everywhere; without a console, without one, it is 401 as ever', async (t) => {
	const resources = [{ path: '/app', permission: 'p', upstream: upstream.url }];
	const portal = { url: 'https://login.example.org/in' };
	const led = async (settings: object) => {
		const other = await startService({ resources, ...settings });
		const { status, headers } = await visitor(other).send('/app', { headers: tab });
		await other.close();
		const [page] = String(headers.location).split('?');
		return [status, headers.location && page];
	};
	t.deepEqual(await led({ portal }), [302, 'https://login.example.org/in/']);
	t.deepEqual(await led({ portal, console: { enabled: false } }), [302, 'https://login.example.org/in/']);
	t.deepEqual(await led({ console: { enabled: false } }), [401, undefined]);
	t.deepEqual(await led({ portal, auth: { sessions: false, basic: true } }), [401, undefined]);
});

test('a portal is a page over https, or on this machine', (t) => {
	const portal = (url: string) => readConfig({ env: { LATCHKEY_PORTAL_URL: url } }).portal.url;
	for (const url of [
		'https://login.example.org',
		'https://x.org:8443/in/',
		'http://127.0.0.1:9000',
		'http://localhost/',
	]) {
		t.is(portal(url), url);
	}
	for (const url of [
		'http://login.example.org',
		'login.example.org',
		'https://a@b.org',
		'https://b.org/?a',
		'https://b.org/#a',
		'ftp://b.org',
		'https:b.org',
	]) {
		t.throws(() => portal(url), { message: /portal\.url/ }, url);
	}
});

test('a store that is away is 503 for everybody, and no redirect', async (t) => {
	const other = await startService({ resources: [{ path: '/app', permission: 'p', upstream: upstream.url }] });
	await other.add('ada', password, { permissions: ['p'] });
	const ada = visitor(other);
	await ada.login('ada', password);
	Object.assign(other.service.core.sessions, {
		check: () => Promise.reject(new StoreUnavailable('away', { cause: undefined })),
	});
	for (const headers of [tab, script]) {
		const answer = await ada.withoutToken('/app', { headers });
		t.is(answer.status, 503);
		t.is(answer.headers.location, undefined);
		t.is(answer.headers['latchkey-login'], undefined);
	}
	await other.close();
});
