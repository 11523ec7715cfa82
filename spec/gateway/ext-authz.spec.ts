import test from 'ava';
import { type Client, createClient } from '../_support/client.ts';
import { startService, type TestService } from '../_support/service.ts';

/*
 * Envoy's `ext_authz` over HTTP, whose requests are played: the method and the Host of the request that it asks about, and
 * its path behind a prefix. Debian has no Envoy. Source: Envoy, HTTP filters, External Authorization.
 */

const prefix = '/services/auth/v1/ext-authz';
const password = 'a long enough secret';
const host = 'app.example.org';

let service: TestService;
let ada: Client;
let stranger: Client;
/** Not by way of a trusted proxy. */
let direct: Client;

test.before(async () => {
	service = await startService({
		trustedProxies: ['127.0.0.1/32'],
		portal: { url: 'https://login.example.org' },
		auth: { basic: true },
		resources: [
			{ hosts: [host], path: '/static', access: 'public' },
			{ hosts: [host], path: '/live', websocket: true, permission: 'rest.live', xsrf: 'origin' },
			{ hosts: [host], path: '/admin', permission: 'rest.admin', xsrf: 'origin' },
			{ hosts: [host], permission: 'rest.app', xsrf: 'origin' },
		],
	});
	await service.add('ada', password, { permissions: ['rest.app', 'rest.live'] });
	const port = Number(new URL(service.url).port);
	[ada, stranger, direct] = [createClient({ port }), createClient({ port }), createClient({ port, from: '127.0.0.2' })];
	for (const visitor of [ada, direct]) {
		// Over https, as Envoy says: a session of plain http is worth nothing there.
		const headers = visitor === ada ? { 'X-Forwarded-Proto': 'https' } : {};
		const { status } = await visitor.post(
			'/services/session/v1/login/password',
			{ username: 'ada', password },
			headers,
		);
		if (status !== 200) throw new Error(`login: ${status}`);
	}
});
test.after.always(() => service.close());

type Headers = Record<string, string | string[]>;

const own = { 'Sec-Fetch-Site': 'same-origin' };
const page = { Accept: 'text/html', 'Sec-Fetch-Mode': 'navigate', 'Sec-Fetch-Dest': 'document' };

function asked(by: Client, path: string, { method = 'GET', ...headers }: Headers & { method?: string } = {}) {
	const common = { Host: host, 'X-Forwarded-Proto': 'https', 'X-Forwarded-For': '203.0.113.9' };
	return by.withoutToken(`${prefix}${path}`, { method, headers: { ...common, ...headers } });
}

const rows: { path: string; status: number; by?: 'stranger' | 'direct'; headers?: Headers & { method?: string } }[] = [
	{ path: '/d/7?x=1', status: 200 },
	{ path: '/', status: 200 },
	{ path: '/d/7', status: 401, by: 'stranger' },
	{ path: '/static/a.css', status: 200, by: 'stranger' },
	{ path: '/static/../admin', status: 403, by: 'stranger' },
	{ path: '/admin', status: 403 },
	{ path: '/d/7', status: 200, headers: { method: 'POST', ...own } },
	{ path: '/d/7', status: 403, headers: { method: 'POST', Origin: 'https://evil.example' } },
	{ path: '/d/7', status: 403, headers: { method: 'POST' } },
	// What a client asks for in its query, or says in headers of other proxies, is its own affair.
	{ path: '/admin?permission=rest.app', status: 403 },
	{ path: '/admin?answer=401', status: 403 },
	{ path: '/admin', status: 403, headers: { 'X-Forwarded-Uri': '/d/7', 'X-Forwarded-Method': 'GET' } },
	{ path: '/admin', status: 403, headers: { 'X-Original-URL': `https://${host}/d/7` } },
	{ path: '/d/7', status: 200, headers: { 'X-Forwarded-Host': host } },
	{ path: '/d/7', status: 403, headers: { 'X-Forwarded-Host': 'other.example.org' } },
	{ path: '/d/7', status: 403, headers: { Host: 'other.example.org' } },
	// Another path than the one that would be judged.
	{ path: '//d/7', status: 403 },
	{ path: '/../verify?permission=rest.app', status: 403 },
	{ path: '/%2e%2e/verify?permission=rest.app', status: 403 },
	{ path: '/d/7#', status: 400 },
	{ path: '/d/..;/admin', status: 403 },
	{ path: '/d/%00', status: 403 },
	// A WebSocket that Envoy does not name is judged as both.
	{ path: '/live', status: 403, headers: { 'Sec-WebSocket-Key': 'AAAA', ...own } },
	{ path: '/d/7', status: 200, headers: { 'Sec-WebSocket-Key': 'AAAA', ...own } },
	{ path: '/d/7', status: 403, headers: { 'Sec-WebSocket-Key': 'AAAA', Origin: 'https://evil.example' } },
	// WebDAV's methods, and where they write.
	{ path: '/d/7', status: 200, headers: { method: 'PROPFIND', ...own } },
	{ path: '/admin', status: 403, headers: { method: 'PROPFIND', ...own } },
	{ path: '/d/7', status: 200, headers: { method: 'MOVE', Destination: `https://${host}/d/8`, ...own } },
	{ path: '/d/7', status: 403, headers: { method: 'MOVE', Destination: `https://${host}/admin/8`, ...own } },
	{ path: '/d/7', status: 403, headers: { method: 'MOVE', ...own } },
	{ path: '/d/7', status: 405, headers: { method: 'TRACE', ...own } },
	// Only a proxy that we know may ask for others.
	{ path: '/d/7', status: 403, by: 'direct' },
	{ path: '/static/a.css', status: 403, by: 'direct' },
];

test('Envoy is answered by the rules, for the host, the method and the path of its question', async (t) => {
	const got: string[] = [];
	for (const { path, by, headers = {} } of rows) {
		const visitor = by === 'stranger' ? stranger : by === 'direct' ? direct : ada;
		const { status } = await asked(visitor, path, headers);
		got.push(`${by ?? 'ada'} ${path} ${JSON.stringify(headers)}: ${status}`);
	}
	t.deepEqual(
		got,
		rows.map(({ path, by = 'ada', headers = {}, status }) => `${by} ${path} ${JSON.stringify(headers)}: ${status}`),
	);
});

test('the application is told who it is', async (t) => {
	const { headers } = await asked(ada, '/d/7');
	t.like(headers, { 'remote-user': 'ada', 'remote-groups': 'rest.app,rest.live' });
});

/** What the application gets of these headers, as Envoy makes it: it sets what the answer names, and removes last. */
function arriving(sent: Headers, { status, headers }: Awaited<ReturnType<typeof asked>>): Headers {
	if (status !== 200) throw new Error(`refused: ${status}`);
	const allowed = ['remote-user', 'remote-groups'].filter((name) => headers[name] !== undefined);
	const lower = Object.entries(sent).map(([name, value]) => [name.toLowerCase(), value] as const);
	const all = new Map([...lower, ...allowed.map((name) => [name, String(headers[name])] as const)]);
	for (const name of String(headers['x-envoy-auth-headers-to-remove'] ?? '').split(',')) all.delete(name.trim());
	return Object.fromEntries(all);
}

test('nobody says who it is but Latchkey, where nobody is asked, too; what is for Latchkey goes no further', async (t) => {
	const spoofed = {
		...{ 'Remote-User': 'admin', 'Remote-Groups': 'kura.admin', 'Remote-Name': 'admin', 'Remote-Email': 'a@b.c' },
		...{ 'X-HTTP-Method-Override': 'DELETE', X_HTTP_Method: 'DELETE', 'X-Original-URL': '/admin' },
		...{ Remote_User: 'admin', 'Remote.User': 'admin', remote_groups: 'kura.admin', 'Client-Cert': ':AA==:' },
	};
	const basic = { Authorization: `Basic ${Buffer.from(`ada:${password}`).toString('base64')}` };
	const sent = { ...spoofed, ...basic, 'X-XSRF-Token': 'x', 'X-Other': 'y' };
	t.deepEqual(arriving(sent, await asked(stranger, '/static/a.css', sent)), { 'x-other': 'y' });
	const who = { 'remote-user': 'ada', 'remote-groups': 'rest.app,rest.live' };
	t.deepEqual(arriving(sent, await asked(ada, '/d/7', sent)), { ...who, 'x-other': 'y' });
});

test('what Envoy is answered is as openapi.yaml has it, where nobody is asked, too', async (t) => {
	const held = createClient(service);
	const basic = { Authorization: `Basic ${Buffer.from(`ada:${password}`).toString('base64')}` };
	const got: number[] = [];
	for (const [path, headers] of [
		['/static/a.css', {}],
		['/d/7', basic],
		['/d/7', { 'Sec-Fetch-Mode': 'cors' }],
		['/d/7?x=1', page],
	] as const) {
		got.push((await asked(held, path, headers)).status);
	}
	t.deepEqual(got, [200, 200, 401, 302]);
});

test('a browser is led to the sign-in page, and a script is not', async (t) => {
	const led = await asked(stranger, '/d/7?x=1', page);
	t.is(led.status, 302);
	const login = new URL(String(led.headers.location));
	t.is(login.origin, 'https://login.example.org');
	t.is(login.searchParams.get('return'), `https://${host}/d/7?x=1`);
	const form = await asked(stranger, '/d/7', { method: 'POST', ...page, ...own, Origin: `https://${host}` });
	t.is(form.status, 303);
	t.is((await asked(stranger, '/d/7', { 'Sec-Fetch-Mode': 'cors' })).status, 401);
});

test('a person who may not see a page gets a page', async (t) => {
	const { status, headers, text } = await asked(ada, '/admin', page);
	t.is(status, 403);
	t.regex(String(headers['content-type']), /^text\/html/);
	t.regex(text, /rest\.admin/);
});

test('the prefix itself is nothing', async (t) => {
	for (const path of ['', '?x=1', 'x/d/7']) t.not((await asked(ada, path)).status, 200, path);
});

test('with the store gone, Envoy gets neither 2xx nor a redirect', async (t) => {
	const other = await startService({
		trustedProxies: ['127.0.0.1/32'],
		resources: [{ path: '/', permission: 'rest.app' }],
	});
	await other.add('ada', password, { permissions: ['rest.app'] });
	const visitor = createClient({ port: Number(new URL(other.url).port) });
	await visitor.login('ada', password);
	await other.service.core.close();
	const { status, headers } = await visitor.withoutToken(`${prefix}/d/7`, { headers: page });
	t.true(status >= 500);
	t.is(headers.location, undefined);
	await other.close();
});
