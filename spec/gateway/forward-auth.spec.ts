import { readFile } from 'node:fs/promises';
import test from 'ava';
import { type Answer, type Client, createClient } from '../_support/client.ts';
import { createHandClock } from '../_support/hand-clock.ts';
import { startService, type TestService } from '../_support/service.ts';

const verify = '/services/auth/v1/verify';
const password = 'a long enough secret';
const settings = {
	auth: { basic: true },
	trustedProxies: ['127.0.0.1/32'],
	allowedOrigins: ['https://friend.example'],
	resources: [
		{ path: '/assets', permission: 'rest.assets', xsrf: 'unsafe' },
		{ path: '/services/assets/v1', permission: 'rest.assets' },
		{ path: '/admin', permission: 'rest.admin', xsrf: 'unsafe' },
		{ path: '/mixed/only', methods: ['GET'], permission: 'rest.admin', xsrf: 'unsafe' },
		{ path: '/mixed', methods: ['GET', 'POST'], permission: 'rest.assets', xsrf: 'unsafe' },
		{ path: '/mixed', permission: 'rest.admin', xsrf: 'unsafe' },
		{ path: '/public', access: 'public' },
		{ path: '/duplex', websocket: true, permission: 'rest.admin', xsrf: 'unsafe' },
		{ path: '/duplex', permission: 'rest.assets', xsrf: 'unsafe' },
		{ path: '/socket', websocket: true, methods: ['GET'], access: 'denied' },
		{ path: '/socket', permission: 'rest.assets', xsrf: 'unsafe' },
	],
};

let service: TestService;
/** Foo, who holds `rest.assets`: by way of a trusted proxy, and by way of nobody that we know. */
let trusted: Client;
let direct: Client;
let stranger: Client;

test.before(async () => {
	service = await startService(settings);
	await service.add('foo', password, { permissions: ['rest.assets', 'rest.cloud'] });
	await service.add('Jürgen', password, { permissions: ['rest.assets'] });
	const port = Number(new URL(service.url).port);
	// With the URL: every answer is held against openapi.yaml.
	trusted = createClient(service);
	direct = createClient({ port, from: '127.0.0.2' });
	stranger = createClient(service);
	await trusted.login('foo', password);
	await direct.login('foo', password);
});
test.after.always(() => service.close());

type Headers = Record<string, string | string[]>;

const asked = (method: string, uri: string) => ({ 'X-Forwarded-Method': method, 'X-Forwarded-Uri': uri });
const get = asked('GET', '/assets/1');

const decisions: { says: string; status: number; headers: Headers; token?: 'none' }[] = [
	{ says: 'what its permission opens', status: 200, headers: get },
	{ says: 'to look at what asks for the token only where something changes', status: 200, headers: get, token: 'none' },
	{ says: 'its head', status: 200, headers: asked('HEAD', '/assets/1'), token: 'none' },
	{ says: 'to change it, with the token', status: 200, headers: asked('DELETE', '/assets/1') },
	{ says: 'to change it, without the token', status: 401, headers: asked('DELETE', '/assets/1'), token: 'none' },
	{ says: 'to do who knows what with it', status: 401, headers: asked('get', '/assets/1'), token: 'none' },
	{ says: 'what always asks for the token', status: 200, headers: asked('GET', '/services/assets/v1/a') },
	{
		says: 'what always asks for the token, without it',
		status: 401,
		headers: asked('GET', '/services/assets/v1/a'),
		token: 'none',
	},
	{ says: 'what another permission opens', status: 403, headers: asked('GET', '/admin') },
	{ says: 'what no rule names', status: 403, headers: asked('GET', '/') },
	{ says: 'what no rule names, though it begins like one', status: 403, headers: asked('GET', '/assetsandmore') },
	{ says: 'its own paths', status: 403, headers: asked('GET', verify) },
	{ says: 'with a query', status: 200, headers: asked('GET', '/assets/1?a=/../admin') },
	{ says: 'in capitals', status: 200, headers: asked('GET', '/ASSETS/1') },
	{ says: 'escaped', status: 200, headers: asked('GET', '/%61ssets/1') },
	{
		says: 'in the words of nginx',
		status: 200,
		headers: { 'X-Original-Method': 'GET', 'X-Original-URI': '/assets/1' },
	},
	{
		says: 'in the words of nginx’s Ingress controller',
		status: 200,
		headers: { 'X-Original-Method': 'GET', 'X-Original-URL': 'http://example.org:8443/assets/1?a' },
	},
	{
		says: 'in all words at once',
		status: 200,
		headers: { ...get, 'X-Original-URI': '/assets/1', 'X-Original-URL': 'http://h/assets/1', 'X-Forwarded-Host': 'h' },
	},
];
for (const { says, status, headers, token } of decisions) {
	test(`asked by a trusted proxy for ${says}: ${status}`, async (t) => {
		const answer = await (token === 'none' ? trusted.withoutToken : trusted.send)(verify, { headers });
		t.is(answer.status, status);
		if (status !== 200) t.is(typeof (answer.body as { message?: unknown }).message, 'string');
	});
	test(`asked by a trusted proxy on behalf of a stranger for ${says}: no`, async (t) => {
		const answer = await stranger.send(verify, { headers });
		t.is(answer.status, status === 403 && says !== 'what another permission opens' ? 403 : 401);
	});
}

/** What is asked to copy `/assets/1`, by the rule for `/assets`. */
const destinations: { says: string; status: number; destination?: string | string[]; method?: string }[] = [
	{ says: 'a path of the same rule', status: 200, destination: '/assets/2?rev=1' },
	{ says: 'a URL of the same host', status: 200, destination: 'https://LOCALHOST/assets/2' },
	{ says: 'a path that is escaped', status: 200, destination: '/%61ssets/gr%C3%BC' },
	{ says: 'a path of another rule', status: 403, destination: '/admin/1' },
	{ says: 'a path of another rule of the same permission', status: 403, destination: '/services/assets/v1/1' },
	{ says: 'a path of another rule, escaped', status: 403, destination: '/%61dmin/1' },
	{ says: 'a path of no rule', status: 403, destination: '/1' },
	{ says: 'a path that some would read in another way', status: 403, destination: '/assets/..%20/admin' },
	{ says: 'a path that leads elsewhere', status: 403, destination: '/assets/../admin' },
	{ says: 'a URL of another host', status: 403, destination: 'https://other.example/assets/2' },
	{ says: 'a URL of another port', status: 403, destination: 'https://localhost:8443/assets/2' },
	{ says: 'a URL with a user', status: 403, destination: 'https://localhost@localhost/assets/2' },
	{ says: 'a host alone', status: 403, destination: 'https://localhost' },
	{ says: 'what begins with two slashes', status: 403, destination: '//localhost/assets/2' },
	{ says: 'what is relative', status: 403, destination: '2' },
	{ says: 'two', status: 403, destination: ['/assets/2', '/assets/3'] },
	{ says: 'two in one', status: 403, destination: '/assets/2, /admin/1' },
	{ says: 'nothing', status: 403 },
	{ says: 'nothing, to move', status: 403, method: 'MOVE' },
	{ says: 'a path of another rule, to move', status: 403, method: 'MOVE', destination: '/admin/1' },
	{
		says: 'a path of another rule, in a method that nobody knows',
		status: 403,
		method: 'BMOVE',
		destination: '/admin/1',
	},
	{ says: 'nothing, in a method that has no use for it', status: 200, method: 'PROPFIND' },
	{
		says: 'a path of another rule, in a method that does not look at it',
		status: 200,
		method: 'PUT',
		destination: '/admin/1',
	},
];
for (const { says, status, destination, method = 'COPY' } of destinations) {
	const headers = { ...asked(method, '/assets/1'), 'X-Forwarded-Host': 'localhost', 'X-Forwarded-Proto': 'https' };
	test(`${method} that names ${says} as its Destination: ${status}`, async (t) => {
		const sent = { ...headers, ...(destination !== undefined && { Destination: destination }) };
		t.is((await stranger.send(verify, { headers: { Authorization: basic('foo', password), ...sent } })).status, status);
	});
}

const unclear: { says: string; headers: Headers }[] = [
	{ says: 'nothing', headers: {} },
	{ says: 'no path', headers: { 'X-Forwarded-Method': 'GET' } },
	{ says: 'no method', headers: { 'X-Forwarded-Uri': '/assets/1' } },
	{ says: 'two paths', headers: { ...get, 'X-Forwarded-Uri': ['/assets/1', '/admin'] } },
	{ says: 'the same path twice', headers: { ...get, 'X-Forwarded-Uri': ['/assets/1', '/assets/1'] } },
	{ says: 'one path and another', headers: { ...get, 'X-Original-URI': '/assets/2' } },
	{ says: 'one path and the URL of another', headers: { ...get, 'X-Original-URL': 'http://h/assets/2' } },
	{ says: 'a path in place of a URL', headers: { ...get, 'X-Original-URL': '/assets/1' } },
	{ says: 'a URL in place of a path', headers: asked('GET', 'http://h/assets/1') },
	{ says: 'a URL without a path', headers: { 'X-Forwarded-Method': 'GET', 'X-Original-URL': 'http://h?/assets/1' } },
	{ says: 'two methods', headers: { ...get, 'X-Forwarded-Method': ['GET', 'DELETE'] } },
	{ says: 'the same method twice', headers: { ...get, 'X-Forwarded-Method': ['GET', 'GET'] } },
	{ says: 'one method and another', headers: { ...get, 'X-Original-Method': 'DELETE' } },
	{ says: 'a path, and a host by another word alone', headers: { ...get, 'X-Original-URL': 'http://h/assets/1' } },
	{
		says: 'a path in the words of nginx, and a host by another word alone',
		headers: { 'X-Original-Method': 'GET', 'X-Original-URI': '/assets/1', 'X-Original-URL': 'http://h/assets/1' },
	},
	{ says: 'an empty path', headers: asked('GET', '') },
	{ says: 'two hosts', headers: { ...get, 'X-Forwarded-Host': ['a', 'b'] } },
];
for (const { says, headers } of unclear) {
	test(`a proxy that names ${says} gets 403`, async (t) => {
		t.is((await trusted.send(verify, { headers })).status, 403);
	});
}
for (const { says, headers } of unclear.filter(({ headers }) => Object.values(headers).some(Array.isArray))) {
	test(`a proxy that names ${says} gets 403, also where it names the permission`, async (t) => {
		t.is((await trusted.send(`${verify}?permission=rest.assets`, { headers })).status, 403);
	});
}

const ambiguous = [
	...['/assets/..;/admin', '/assets/%2e%2e/admin', '/assets/../admin', '//assets', '/assets//1', '/assets%2f1'],
	...['/assets/%252e', '/assets/%00', '/assets\\1', '/assets;a=b', '/assets/.', '/assets/%ff', '/assets#', 'assets'],
	...['/assets/%5c', '/assets/%c0%af', '/assets/1 HTTP/1.1', '*'],
	...[
		'/assets./..%20/admin',
		'/assets/...',
		'/admin.',
		'/ADMIN~1',
		'/admin::$DATA',
		'/ad%E2%80%8Cmin',
		'/services/assets/v1.',
	],
];
for (const uri of ambiguous) {
	test(`the path ${uri}, which not everybody reads in the same way, gets 403`, async (t) => {
		t.is((await trusted.send(verify, { headers: asked('GET', uri) })).status, 403);
	});
}

/** Of a POST to `/mixed`, where other methods than GET and POST need another permission. */
const overrides: { headers: Headers; status: number }[] = [
	{ headers: {}, status: 200 },
	{ headers: { 'X-HTTP-Method-Override': 'GET' }, status: 200 },
	{ headers: { 'X-HTTP-Method-Override': 'post' }, status: 200 },
	{ headers: { 'X-HTTP-Method-Override': 'DELETE' }, status: 403 },
	{ headers: { 'X-HTTP-Method-Override': 'delete' }, status: 403 },
	{ headers: { 'X-HTTP-Method-Override': ['POST', 'DELETE'] }, status: 403 },
	{ headers: { 'X-HTTP-Method-Override': ['GET', 'get'] }, status: 200 },
	...['POST, DELETE', 'DELETE, POST', 'DELETE,', 'POST DELETE', 'P\u00f6ST', ''].map((value) => ({
		headers: { 'X-HTTP-Method-Override': value },
		status: 403,
	})),
	{ headers: { X_HTTP_Method_Override: 'DELETE' }, status: 403 },
	{ headers: { 'X.Method_Override': 'DELETE' }, status: 403 },
	{ headers: { 'X-HTTP-Method': 'DELETE' }, status: 403 },
	{ headers: { 'X-Method-Override': 'PATCH' }, status: 403 },
	{ headers: { 'X-Rewrite-URL': '/mixed/2?a' }, status: 200 },
	{ headers: { 'X-Rewrite-URL': '/admin' }, status: 403 },
	{ headers: { 'X-Rewrite-URL': '/mixed/../admin' }, status: 403 },
	{ headers: { 'X-Rewrite-URL': 'https://localhost/mixed/2' }, status: 403 },
	{ headers: { X_Rewrite_URL: '/admin' }, status: 403 },
	{ headers: { 'X-Original-URL': '/admin' }, status: 403 },
	{ headers: { X_Original_URL: '/admin' }, status: 403 },
	// Of each alone the rule is the same.
	{ headers: { 'X-Rewrite-URL': '/mixed/only' }, status: 200 },
	{ headers: { 'X-HTTP-Method': 'GET' }, status: 200 },
	{ headers: { 'X-Rewrite-URL': '/mixed/only', 'X-HTTP-Method': 'GET' }, status: 403 },
];
for (const [method, path, status] of [
	['POST', '/mixed/1', 200],
	['post', '/mixed/1', 403],
	['Delete', '/mixed/1', 403],
	['delete', '/mixed/1', 403],
	['Post', '/assets/1', 200],
	['get', '/mixed/only', 403],
] as const) {
	test(`the method ${method} of ${path}, which some applications read in capitals: ${status}`, async (t) => {
		t.is((await trusted.send(verify, { headers: asked(method, path) })).status, status);
	});
}

test('two overrides that say two things are refused, and hundreds that say one cost no more than one', async (t) => {
	const ask = async (headers: Headers) =>
		(await trusted.send(verify, { headers: { ...asked('POST', '/mixed/1'), ...headers } })).status;
	t.is(await ask({ 'X-HTTP-Method': 'GET', 'X-Method-Override': 'POST' }), 403);
	t.is(await ask({ 'X-Rewrite-URL': ['/mixed/2', '/mixed/3'] }), 403);
	t.is(await ask({ 'X-HTTP-Method': Array(200).fill('GET'), 'X-Rewrite-URL': Array(200).fill('/mixed/2') }), 200);
});

for (const { headers, status } of overrides) {
	test(`what an application could take for another request, by ${JSON.stringify(headers)}: ${status}`, async (t) => {
		const sent = { ...asked('POST', '/mixed/1'), ...headers };
		t.is((await trusted.send(verify, { headers: sent })).status, status);
	});
}

for (const method of ['GET', 'POST', 'HEAD', 'OPTIONS', 'DELETE']) {
	test(`a handshake by ${method} passes only where it may, whether it becomes a WebSocket or not`, async (t) => {
		const own = { 'Sec-Fetch-Site': 'same-origin' };
		const key = { 'Sec-WebSocket-Version': '13', 'Sec-WebSocket-Key': 'AAAAAAAAAAAAAAAAAAAAAA==' };
		for (const handshake of [key, { ...key, 'X-Forwarded-Proto': 'ws' }, { ...key, Upgrade: 'websocket' }])
			for (const [path, status] of [
				['/assets/1', 200],
				['/duplex/1', 403],
				['/socket/1', 403],
			] as const) {
				const headers = { ...asked(method, path), ...own, ...handshake };
				t.is((await trusted.send(verify, { headers })).status, status, `${path} ${JSON.stringify(handshake)}`);
			}
		for (const path of ['/duplex/1', '/socket/1'])
			t.is((await trusted.send(verify, { headers: { ...asked(method, path), ...own } })).status, 200, path);
	});
}

test('a GET that an application could take for what changes something needs the XSRF token', async (t) => {
	const ask = async (method: string, query = '') => {
		const headers = { ...asked('GET', '/assets/1'), 'X-HTTP-Method-Override': method };
		return (await trusted.withoutToken(verify + query, { headers })).status;
	};
	for (const query of ['', '?permission=rest.assets&xsrf=unsafe'])
		t.deepEqual([await ask('HEAD', query), await ask('PUT', query)], [200, 401], query);
});

test('a POST that an application could take for a COPY writes by the rule of both paths, too', async (t) => {
	const post = async (to: string, method: string, query = '') => {
		const headers = { ...asked('POST', '/assets/1'), 'X-HTTP-Method-Override': method, Destination: to };
		return (await trusted.send(verify + query, { headers })).status;
	};
	for (const method of ['COPY', 'move']) {
		t.is(await post('/assets/2', method), 200, method);
		t.is(await post('/admin/1', method), 403, method);
		t.is(await post('/assets/2', method, '?permission=rest.assets'), 403, method);
	}
	t.is(await post('/admin/1', 'PUT'), 200);
	for (const query of ['', '?permission=rest.assets'])
		t.is(await post('/assets/2', 'COPY, MOVE', query), 403, 'each application takes of a list what it likes');
});

test('where a proxy itself names the permission, nobody knows what a Destination requires', async (t) => {
	const ask = async (headers: Headers) => (await trusted.send(`${verify}?permission=rest.assets`, { headers })).status;
	t.is(await ask({ ...asked('COPY', '/assets/1'), Destination: '/assets/2' }), 403);
	t.is(await ask({ ...asked('MOVE', '/assets/1') }), 403);
	t.is(await ask({ Destination: '/assets/2' }), 403);
	t.is(await ask({ ...asked('PUT', '/assets/1'), Destination: '/assets/2' }), 200);
	t.is(await ask(asked('PROPFIND', '/assets/1')), 200);
});

test('a client that is no trusted proxy cannot ask about another request than its own', async (t) => {
	const spellings: Headers[] = [
		get,
		{ 'X-Original-Method': 'GET', 'X-Original-URI': '/assets/1' },
		{ ...get, 'X-Forwarded-For': '127.0.0.1', Forwarded: 'for=127.0.0.1' },
	];
	for (const headers of spellings) t.is((await direct.send(verify, { headers })).status, 403);
});

const permissions: { query: string; status: number; of?: 'direct'; headers?: Headers; token?: 'none' }[] = [
	{ query: '?permission=rest.assets', status: 200 },
	{ query: '?permission=rest.assets', status: 200, of: 'direct' },
	{ query: '?permission=rest.admin', status: 403 },
	{ query: '?permission=rest.assets', status: 401, headers: get, token: 'none' },
	{ query: '?permission=rest.assets&xsrf=always', status: 401, headers: get, token: 'none' },
	{ query: '?permission=rest.assets&xsrf=unsafe', status: 200, headers: get, token: 'none' },
	{ query: '?permission=rest.assets&xsrf=unsafe', status: 200, headers: asked('GET', '/whatever'), token: 'none' },
	{ query: '?permission=rest.assets&xsrf=unsafe', status: 401, headers: asked('POST', '/assets/1'), token: 'none' },
	{ query: '?permission=rest.assets&xsrf=unsafe', status: 401, token: 'none' },
	// A client that is not trusted cannot say that nothing will change.
	{ query: '?permission=rest.assets&xsrf=unsafe', status: 401, of: 'direct', headers: get, token: 'none' },
	{ query: '?permission=rest.assets', status: 403, headers: asked('GET', '/assets/..;/admin') },
	{ query: '?permission=', status: 403 },
	{ query: '?permission=a%20b', status: 403 },
	{ query: '?permission=rest.assets&permission=rest.cloud', status: 403 },
	{ query: '?permission=rest.assets&xsrf=never', status: 403 },
	{ query: '?permission=rest.assets&xsrf=unsafe&xsrf=always', status: 403 },
	{ query: '?xsrf=unsafe', status: 403 },
];
for (const { query, status, of, headers = {}, token } of permissions) {
	const what = headers['X-Forwarded-Method']
		? `${headers['X-Forwarded-Method']} ${headers['X-Forwarded-Uri']}`
		: 'who knows what';
	test(`${of ?? 'by a proxy'}, ${query} for ${what}${token ? ' without token' : ''} is ${status}`, async (t) => {
		const visitor = of === 'direct' ? direct : trusted;
		const answer = await (token === 'none' ? visitor.withoutToken : visitor.send)(verify + query, { headers });
		t.is(answer.status, status);
	});
}

const carried: { query: string; headers: Headers }[] = [
	{ query: '?permission=rest.assets', headers: asked('GET', '/admin?permission=rest.assets') },
	{ query: '?permission=rest.assets&xsrf=unsafe', headers: asked('DELETE', '/assets?xsrf=unsafe') },
	{ query: '?xsrf=unsafe&permission=rest.assets', headers: asked('DELETE', '/assets?xsrf=unsafe') },
	{ query: '?permission=rest%2eassets', headers: asked('GET', '/admin?permission=rest.assets') },
	{ query: '?permission=rest.assets', headers: asked('GET', '/admin?permission=rest.assets&') },
	{ query: '?%70ermission=rest.assets&', headers: asked('GET', '/admin?permission=rest.%61ssets') },
	{ query: '?xsrf=unsafe&permission=rest.assets', headers: asked('GET', '/admin?permission=rest.assets&xsrf=unsafe') },
	{
		query: '?permission=rest.assets',
		headers: { 'X-Original-Method': 'GET', 'X-Original-URL': 'http://h/admin?permission=rest.assets' },
	},
];
for (const { query, headers } of carried) {
	test(`a proxy that asks ${query} with the query of what it asks about, ${JSON.stringify(headers)}, gets 403`, async (t) => {
		t.is((await trusted.send(verify + query, { headers })).status, 403);
		t.is((await direct.send(verify + query, { headers })).status, 403);
	});
}

test('a proxy may name a permission and ask about what has a query', async (t) => {
	const headers = asked('GET', '/assets?assets&permission=rest.assets');
	t.is((await trusted.send(`${verify}?permission=rest.assets`, { headers })).status, 200);
});

const own = { 'X-Forwarded-Host': 'example.org', 'X-Forwarded-Proto': 'http' };
const sites: { says: string; status: number; headers: Headers }[] = [
	{
		says: 'a change by the own page',
		status: 200,
		headers: { ...asked('POST', '/assets'), Origin: 'http://example.org' },
	},
	{
		says: 'a change by a friend’s page',
		status: 200,
		headers: { ...asked('POST', '/assets'), Origin: 'https://friend.example' },
	},
	{
		says: 'a change by another page',
		status: 403,
		headers: { ...asked('POST', '/assets'), Origin: 'http://evil.example' },
	},
	{ says: 'a change by nobody’s page', status: 403, headers: { ...asked('POST', '/assets'), Origin: 'null' } },
	{
		says: 'a change by a page elsewhere',
		status: 403,
		headers: { ...asked('PUT', '/assets'), 'Sec-Fetch-Site': 'cross-site' },
	},
	{
		says: 'a change by a neighbour',
		status: 403,
		headers: { ...asked('PATCH', '/assets'), 'Sec-Fetch-Site': 'same-site' },
	},
	{ says: 'a look by another page', status: 403, headers: { ...get, Origin: 'http://evil.example' } },
	{ says: 'a script in a neighbour’s page', status: 403, headers: { ...get, 'Sec-Fetch-Site': 'same-site' } },
	{
		says: 'a link in another page',
		status: 200,
		headers: { ...get, 'Sec-Fetch-Site': 'cross-site', 'Sec-Fetch-Mode': 'navigate', 'Sec-Fetch-Dest': 'document' },
	},
	{
		says: 'a form of a page that hides its name',
		status: 200,
		headers: { ...asked('POST', '/assets'), Origin: 'null', 'Sec-Fetch-Site': 'same-origin' },
	},
	{
		says: 'a WebSocket of the own page',
		status: 200,
		headers: { ...get, 'Sec-WebSocket-Version': '13', Origin: 'http://example.org' },
	},
	{
		says: 'a WebSocket of another page',
		status: 403,
		headers: { ...get, 'Sec-WebSocket-Version': '13', Origin: 'http://evil.example' },
	},
	{
		says: 'a WebSocket of another page, its Upgrade passed on',
		status: 403,
		headers: { ...get, Upgrade: 'websocket', Connection: 'Upgrade', Origin: 'http://evil.example' },
	},
];
for (const { says, status, headers } of sites) {
	test(`${says} is ${status}, judged by the request that is asked about`, async (t) => {
		const answer = await trusted.send(verify, { headers: { ...own, ...headers } });
		t.is(answer.status, status);
	});
}

test('the answer names the identity and what it may use, and nothing of the session', async (t) => {
	const answer = await trusted.send(verify, { headers: get });
	t.is(answer.headers['remote-user'], 'foo');
	t.is(answer.headers['remote-groups'], 'rest.assets,rest.cloud');
	t.is(answer.headers['cache-control'], 'no-store');
	t.is(answer.headers['set-cookie'], undefined);
	t.is(answer.text, '{}');
});

test('where a rule is public, nobody is named, and no header is absent that a proxy would copy', async (t) => {
	const names = ['remote-user', 'remote-groups', 'remote-level', 'remote-methods', 'remote-proved-at'];
	for (const by of [stranger, trusted]) {
		const { status, headers } = await by.send(verify, { headers: asked('GET', '/public') });
		t.is(status, 200);
		for (const name of names) t.is(headers[name], '', name);
	}
	const Authorization = basic('foo', password);
	const { headers } = await stranger.send(verify, { headers: { ...get, Authorization } });
	t.deepEqual(
		names.map((name) => headers[name]),
		['foo', 'rest.assets,rest.cloud', '1', 'pwd', ''],
	);
});

test('a name beyond ASCII arrives in UTF-8', async (t) => {
	const visitor = createClient(service);
	await visitor.login('Jürgen', password);
	const { headers } = await visitor.send(verify, { headers: get });
	t.is(Buffer.from(String(headers['remote-user']), 'latin1').toString(), 'Jürgen');
});

test('a no names nobody, takes no session away, and is not kept', async (t) => {
	for (const headers of [asked('GET', '/admin'), asked('DELETE', '/assets')]) {
		const answer = await trusted.withoutToken(verify, { headers });
		t.not(answer.status, 200);
		for (const name of ['remote-user', 'remote-groups', 'set-cookie']) t.is(answer.headers[name], undefined);
		t.is(answer.headers['cache-control'], 'no-store');
	}
	t.is((await trusted.send(verify, { headers: get })).status, 200);
});

/** As Traefik's ForwardAuth sends it: every header but those of one hop, and its own. */
test('asked in Traefik’s words, over TLS, it knows the session, the address and the page', async (t) => {
	const visitor = createClient(service);
	const hop = { 'X-Forwarded-Proto': 'https', 'X-Forwarded-Host': 'example.org', 'X-Forwarded-For': '203.0.113.7' };
	const traefik = (method: string, uri: string) => ({ ...hop, ...asked(method, uri), 'X-Forwarded-Port': '443' });
	const login = await visitor.send('/services/session/v1/login/password', {
		method: 'POST',
		headers: hop,
		json: { username: 'foo', password },
	});
	t.regex(String(login.headers['set-cookie']), /; secure/i);
	t.is(service.audit().findLast(({ act, outcome }) => act === 'login' && outcome === 'ok')?.address, '203.0.113.7');
	const cases: [Headers, number][] = [
		[traefik('GET', '/assets/1'), 200],
		[{ ...traefik('GET', '/assets/1'), 'X-Forwarded-Proto': 'wss', 'Sec-WebSocket-Version': '13' }, 200],
		// A cookie of the TLS side is worth nothing on the other one.
		[{ ...traefik('GET', '/assets/1'), 'X-Forwarded-Proto': 'http' }, 401],
		[traefik('DELETE', '/assets/1'), 401],
		[traefik('GET', '/admin'), 403],
		[{ ...traefik('DELETE', '/assets/1'), Origin: 'https://example.org' }, 401],
		[{ ...traefik('DELETE', '/assets/1'), Origin: 'https://evil.example' }, 403],
	];
	for (const [headers, status] of cases) t.is((await visitor.send(verify, { headers })).status, status);
});

const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];
for (const method of methods) {
	test(`a proxy that asks with ${method} is answered like any other`, async (t) => {
		const preflight = { Origin: 'https://friend.example', 'Access-Control-Request-Method': 'PUT' };
		t.is((await trusted.send(verify, { method, headers: get })).status, 200);
		t.is((await trusted.send(verify, { method, headers: asked('GET', '/admin') })).status, 403);
		t.is((await stranger.send(verify, { method, headers: { ...get, ...preflight } })).status, 401);
	});
}

const basic = (name: string, secret: string) => `Basic ${Buffer.from(`${name}:${secret}`).toString('base64')}`;

test('Basic credentials open what their identity may use, and guessing them ends in 401 with the time to wait', async (t) => {
	const visitor = createClient(service);
	const ask = (secret: string, address: string) =>
		visitor.send(verify, { headers: { ...get, 'X-Forwarded-For': address, Authorization: basic('foo', secret) } });
	t.is((await ask(password, '203.0.113.8')).status, 200);
	const guesses: Answer[] = [];
	for (let at = 0; at < 12; at += 1) guesses.push(await ask('guess', '203.0.113.9'));
	t.deepEqual([...new Set(guesses.map(({ status }) => status))], [401]);
	t.is(guesses[0]?.headers['retry-after'], undefined);
	t.regex(String(guesses.at(-1)?.headers['retry-after']), /^[1-9]\d*$/);
	t.is((await ask(password, '203.0.113.8')).status, 200);
	t.is((await visitor.login('foo', 'guess')).status, 401, 'who stands behind the proxy is counted, not the proxy');
});

test('a page that asks by itself does not keep a session alive; a proxy that asks for a person does', async (t) => {
	const clock = createHandClock();
	const own = await startService(settings, clock);
	t.teardown(own.close);
	await own.add('foo', password, { permissions: ['rest.assets'] });
	const port = Number(new URL(own.url).port);
	const page = createClient({ port, from: '127.0.0.2' });
	const proxied = createClient(own);
	await page.login('foo', password);
	await proxied.login('foo', password);
	const statuses: number[][] = [];
	for (const minutes of [10, 10]) {
		clock.wind(minutes * 60_000);
		const byPage = await page.send(`${verify}?permission=rest.assets`);
		const byProxy = await proxied.send(verify, { headers: get });
		statuses.push([byPage.status, byProxy.status]);
	}
	t.deepEqual(statuses, [
		[200, 200],
		[401, 200],
	]);
});

test('a session that must change its password opens nothing', async (t) => {
	await service.add('new', password, { permissions: ['rest.assets'], mustChange: true });
	const visitor = createClient(service);
	t.is((await visitor.login('new', password)).status, 200);
	t.is((await visitor.send(verify, { headers: get })).status, 401);
});

test('where the store is gone, nobody passes', async (t) => {
	const own = await startService(settings);
	t.teardown(own.close);
	await own.add('foo', password, { permissions: ['rest.assets'] });
	const visitor = createClient(own);
	await visitor.login('foo', password);
	t.is((await visitor.send(verify, { headers: get })).status, 200);
	await own.service.core.close();
	const answer = await visitor.send(verify, { headers: get });
	t.true(answer.status >= 500, String(answer.status));
	for (const name of ['remote-user', 'set-cookie']) t.is(answer.headers[name], undefined);
});

test('every no is in the audit once, with whom and from where', async (t) => {
	const before = service.audit().length;
	const from = { 'X-Forwarded-For': '203.0.113.77' };
	await trusted.send(verify, { headers: { ...asked('GET', '/admin'), ...from } });
	await trusted.withoutToken(verify, { headers: { ...asked('DELETE', '/assets'), ...from } });
	await trusted.send(verify, { headers: { ...asked('POST', '/assets'), ...from, Origin: 'http://evil.example' } });
	const events = service
		.audit()
		.slice(before)
		.filter(({ address }) => address === '203.0.113.77');
	t.deepEqual(
		events.map(({ act, outcome, reason, identity }) => ({ act, outcome, reason, identity })),
		[
			{ act: 'access', outcome: 'refused', reason: 'permission-missing', identity: 'foo' },
			{ act: 'access', outcome: 'refused', reason: 'xsrf-token-mismatch', identity: 'foo' },
			{ act: 'access', outcome: 'refused', reason: 'cross-site', identity: undefined },
		],
	);
});

test('the examples name the path that answers', async (t) => {
	for (const example of ['nginx.conf', 'Caddyfile', 'latchkey.lua']) {
		t.true((await readFile(new URL(`../examples/${example}`, import.meta.url), 'utf8')).includes(verify));
	}
});
