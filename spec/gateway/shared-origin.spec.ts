import test from 'ava';
import { type Client, createClient } from '../_support/client.ts';
import { startService, type TestService } from '../_support/service.ts';
import { startUpstream, type Upstream } from '../_support/upstream.ts';

/*
 * The console and all that is protected share one origin in the eyes of a browser: what one application can do to the
 * pages of others, and what its answers say for all of them.
 */

const password = 'a long enough secret';
const friend = 'https://app.example.org';
const verify = '/services/auth/v1/verify';

let upstream: Upstream;
let service: TestService;
/** With the application at `/`, and nothing of ours in its way. */
let alone: TestService;
let ada: Client;
let adaAlone: Client;

test.before(async () => {
	upstream = await startUpstream((req, res) => {
		if (req.url === '/app/cookies') res.setHeader('Set-Cookie', ['JSESSIONID=theirs; Path=/', 'theirs=1']);
		res.setHeader('Access-Control-Allow-Origin', '*');
		res.setHeader('Access-Control-Expose-Headers', 'ETag');
		res.setHeader('Service-Worker-Allowed', '/');
		res.end('the treasure');
	});
	const at = (path: string, also = {}) => ({ path, permission: 'p', xsrf: 'unsafe', upstream: upstream.url, ...also });
	const settings = { trustedProxies: ['127.0.0.1/32'], allowedOrigins: [friend] };
	const resources = [at('/app/deep/er'), at('/app'), at('/sw.js'), at('/wiki', { host: 'wiki.internal' }), at('/')];
	service = await startService({ ...settings, resources });
	alone = await startService({
		...{ ...settings, resources: [at('/')], console: { enabled: false }, docs: { enabled: false } },
	});
	for (const each of [service, alone]) await each.add('ada', password, { permissions: ['p'] });
	ada = createClient({ port: Number(new URL(service.url).port) });
	adaAlone = createClient({ port: Number(new URL(alone.url).port) });
	await ada.login('ada', password);
	await adaAlone.login('ada', password);
});

test.after.always(async () => {
	await service.close();
	await alone.close();
	upstream.close();
});

const script = { 'Service-Worker': 'script', 'Sec-Fetch-Site': 'same-origin', 'Sec-Fetch-Dest': 'serviceworker' };

const workers = [
	{ path: '/app/sw.js', says: 'its folder holds a rule further down', status: 403 },
	{ path: '/app/deep/sw.js', says: 'its folder holds a rule further down', status: 403 },
	{ path: '/app/x/sw.js', says: 'its folder is its own rule’s', status: 200 },
	{ path: '/app/deep/er/sw.js', says: 'its folder is its own rule’s', status: 200 },
	{ path: '/app/deep/er', says: 'its folder is above its rule', status: 403 },
	{ path: '/app', says: 'its folder is that of the console', status: 403 },
	{ path: '/sw.js', says: 'its folder is that of the console', status: 403 },
	{ path: '/other.js', says: 'its folder is that of the console', status: 403 },
	{ path: '/APP/sw.js', says: 'a folder is the same in capitals', status: 403 },
	{ path: '/%61pp/sw.js', says: 'a folder is the same, escaped', status: 403 },
	{ path: '/other/sw.js', says: 'a folder of its own', status: 200 },
];
for (const { path, says, status } of workers) {
	test(`the script of a service worker at ${path} is ${status}: ${says}`, async (t) => {
		t.is((await ada.send(path, { headers: script })).status, status);
		t.is((await ada.send(path)).status, 200, 'and a script like any other where no worker asks');
		const asked = { 'X-Forwarded-Method': 'GET', 'X-Forwarded-Uri': path, 'X-Forwarded-For': '192.0.2.1' };
		t.is((await ada.send(verify, { headers: { ...script, ...asked } })).status, status, 'forward-auth');
		const byName = await ada.send(`${verify}?permission=p&xsrf=unsafe`, { headers: { ...script, ...asked } });
		t.is(byName.status, path.includes('/er/') || path.includes('/x/') || path.startsWith('/other/') ? 200 : 403);
	});
}

/** Two rules, the second for what the first leaves of its own paths; of the first one's `/app/sw.js`, unless another is named. */
const halves: { says: string; first: object; second: object; status: number; at?: string }[] = [
	{ says: 'who come from elsewhere', first: { from: ['127.0.0.0/8'] }, second: {}, status: 403 },
	{ says: 'other methods', first: { methods: ['GET'] }, second: {}, status: 403 },
	{ says: 'WebSockets and what else there is', first: { websocket: false }, second: {}, status: 403 },
	{ says: 'WebSockets, which no worker sees', first: { websocket: false }, second: { websocket: true }, status: 200 },
	{ says: 'what is above it, too', first: { from: ['127.0.0.0/8'] }, second: { path: '/' }, status: 403 },
	{ says: 'the page above it alone', first: { methods: ['GET'] }, second: { path: '/', exact: true }, status: 200 },
	{ says: 'its own page alone', first: { methods: ['GET'] }, second: { exact: true }, status: 403 },
	{
		says: 'its own page alone, and the worker is further down',
		...{ first: { methods: ['GET'] }, second: { exact: true }, status: 200, at: '/app/x/sw.js' },
	},
	{ says: 'another host', first: { methods: ['GET'] }, second: { hosts: ['other.example'] }, status: 200 },
	{ says: 'nothing of its folder', first: {}, second: { path: '/' }, status: 200 },
];
for (const { says, first, second, status, at = '/app/sw.js' } of halves) {
	test(`a service worker is ${status} where another application has ${says}: ${JSON.stringify([first, second])}`, async (t) => {
		const rule = { path: '/app', permission: 'p', xsrf: 'unsafe', upstream: upstream.url };
		const other = upstream.url.replace('127.0.0.1', 'localhost');
		t.not(other, upstream.url);
		const ask = async (upstreamOfSecond: string) => {
			const resources = [
				{ ...rule, ...first },
				{ ...rule, upstream: upstreamOfSecond, ...second },
			];
			const split = await startService({ resources, console: { enabled: false }, docs: { enabled: false } });
			t.teardown(() => split.close());
			await split.add('ada', password, { permissions: ['p'] });
			const visitor = createClient({ port: Number(new URL(split.url).port) });
			await visitor.login('ada', password);
			const answer = await visitor.send(at, { headers: script });
			if (answer.status === 403) t.like(answer.body, { code: 'worker-scope' });
			return answer.status;
		};
		t.is(await ask(other), status);
		t.is(await ask(upstream.url), 200, 'of the same application');
	});
}

test('where nothing of ours is in its way, an application at / may have a worker', async (t) => {
	t.is((await adaAlone.send('/sw.js', { headers: script })).status, 200);
});

test('a worker that was refused is in the audit', async (t) => {
	await ada.send('/sw.js', { headers: script });
	t.like(service.audit().at(-1), { act: 'access', outcome: 'refused', reason: 'worker-scope' });
});

test('no application widens the scope of its workers, and no cache gives a worker’s script what a page loaded', async (t) => {
	const { headers } = await ada.send('/app/x/sw.js', { headers: script });
	t.is(headers['service-worker-allowed'], undefined);
	t.regex(headers.vary ?? '', /Service-Worker/);
});

test.serial('the Host of a rule reaches the upstream, and without one the client’s', async (t) => {
	t.is((await ada.send('/wiki/x', { headers: { Host: 'other.internal' } })).status, 200);
	t.like(upstream.headers.at(-1), { host: 'wiki.internal', 'x-forwarded-host': 'other.internal' });
	t.is((await ada.send('/app/x', { headers: { Host: 'gate.example' } })).status, 200);
	t.is(upstream.headers.at(-1)?.host, 'gate.example');
});

test('a page of an allowed origin reads what it asks for, and what a refusal says', async (t) => {
	const Origin = friend;
	const asks = { Origin, 'Access-Control-Request-Method': 'PUT', 'Access-Control-Request-Headers': 'if-match,x-any' };
	const preflight = await createClient({ port: Number(new URL(service.url).port) }).send('/app/x', {
		method: 'OPTIONS',
		headers: asks,
	});
	t.is(preflight.status, 204);
	t.is(preflight.headers['access-control-allow-headers'], 'if-match,x-any');
	for (const [path, method] of [
		['/app/x', 'GET'],
		['/app/x', 'PUT'],
		['/app/..;/x', 'GET'],
	] as const) {
		const { headers } = await ada.send(path, { method, headers: { Origin, 'Sec-Fetch-Site': 'cross-site' } });
		t.is(headers['access-control-allow-origin'], friend, path);
		t.is(headers['access-control-allow-credentials'], 'true');
		t.regex(headers['access-control-expose-headers'] ?? '', /^Retry-After, X-Request-Id/);
		t.regex(headers.vary ?? '', /Origin/);
	}
	const answer = await ada.send('/app/x', { headers: { Origin } });
	t.is(answer.text, 'the treasure');
	t.is(answer.headers['access-control-expose-headers'], 'Retry-After, X-Request-Id, Latchkey-Login, ETag');
});

test('a page of any other origin is told nothing, whatever the upstream says', async (t) => {
	for (const headers of [{}, { Origin: 'https://evil.example' }, { Origin: 'null', 'Sec-Fetch-Site': 'same-origin' }]) {
		const answer = await ada.send('/app/x', { headers });
		t.deepEqual(
			Object.keys(answer.headers).filter((name) => name.startsWith('access-control-')),
			[],
		);
		if (answer.status === 200) t.regex(answer.headers.vary ?? '', /Origin/, 'a cache must not give it to the other');
	}
	const asks = { Origin: 'https://evil.example', 'Access-Control-Request-Method': 'PUT' };
	t.is(
		(await ada.send('/app/x', { method: 'OPTIONS', headers: asks })).headers['access-control-allow-origin'],
		undefined,
	);
});

test('strange lists of headers are not granted', async (t) => {
	for (const names of ['x-a\tb', 'a,,b', 'a;b', '', 'a "b"']) {
		const headers = { Origin: friend, 'Access-Control-Request-Method': 'PUT', 'Access-Control-Request-Headers': names };
		const { headers: got } = await ada.send('/app/x', { method: 'OPTIONS', headers });
		t.is(got['access-control-allow-headers'], 'Content-Type, X-XSRF-Token', names);
	}
});

test('an upstream that sets a cookie of our name is told of in the log, once a start', async (t) => {
	const told = () => service.lines.filter(({ msg }) => String(msg).includes('cookie of our name'));
	for (const _ of [1, 2, 3]) t.deepEqual((await ada.send('/app/cookies')).headers['set-cookie'], ['theirs=1']);
	t.is(told().length, 1);
	t.like(told()[0], { cookie: 'JSESSIONID', upstream: new URL(upstream.url).host });
});

test('logging out empties the browser’s cache', async (t) => {
	const visitor = createClient({ port: Number(new URL(service.url).port) });
	await visitor.login('ada', password);
	const answer = await visitor.logout();
	t.is(answer.status, 204);
	t.is(answer.headers['clear-site-data'], '"cache"');
});
