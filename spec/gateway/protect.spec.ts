import { once } from 'node:events';
import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mock } from 'node:test';
import test, { type ExecutionContext } from 'ava';
import WebSocket, { WebSocketServer } from 'ws';
import type { IdentityId, Permission } from '../../src/core/identity.ts';
import { type Answer, type Client, createClient } from '../_support/client.ts';
import { freePort } from '../_support/proxies.ts';
import { startService, type TestService } from '../_support/service.ts';
import { type Echo, echo, valuesOf } from './proxy/servers.ts';

/*
 * Requests to what stands behind us, from the client's socket to the upstream's and back, through the whole service.
 */

const password = 'a long enough secret';

let service: TestService;
let upstream: Server;
let port: number;
/** Targets that reached the upstream. */
const reached: string[] = [];
/** Foo holds `rest.assets`, admin everything. */
let foo: Client;
let admin: Client;

test.before(async () => {
	upstream = createServer((req, res) => {
		reached.push(req.url ?? '');
		if (req.url === '/assets/silence') return;
		if (req.url === '/assets/cookies') res.setHeader('Set-Cookie', ['a=b; Path=/', 'JSESSIONID=theirs; Path=/']);
		if (req.url === '/assets/headers') res.setHeader('Cache-Control', 'max-age=60').statusCode = 418;
		if (req.url === '/assets/events') return events(req, res);
		return echo(req, res);
	});
	new WebSocketServer({ server: upstream }).on('connection', (socket, req: IncomingMessage) => {
		reached.push(req.url ?? '');
		socket.send(JSON.stringify(req.rawHeaders));
		socket.on('message', (message, binary) => socket.send(message, { binary }));
	});
	const behind = `http://127.0.0.1:${await listening(upstream)}`;
	service = await startService({
		auth: { basic: true },
		allowedOrigins: ['https://friend.example'],
		resources: [
			{ path: '/assets', permission: 'rest.assets', upstream: behind, xsrf: 'unsafe' },
			{ path: '/services/assets/v1', permission: 'rest.assets', upstream: behind },
			{ path: '/admin', permission: 'rest.admin', upstream: behind, xsrf: 'unsafe' },
			{ path: '/asked', permission: 'rest.assets' },
			{ path: '/down', permission: 'rest.assets', upstream: `http://127.0.0.1:${await freePort()}` },
		],
	});
	await service.add('foo', password, { permissions: ['rest.assets'] });
	await service.add('Jürgen', password, { permissions: ['rest.assets'] });
	await service.add('admin', password, { permissions: ['kura.admin'] });
	port = Number(new URL(service.url).port);
	foo = await login('foo');
	admin = await login('admin');
});
test.after.always(async () => {
	await service.close();
	upstream.closeAllConnections();
	upstream.close();
});

async function listening(
	server: { listen(port: number, host: string): unknown; address(): unknown } & NodeJS.EventEmitter,
) {
	server.listen(0, '127.0.0.1');
	await once(server, 'listening');
	return (server.address() as AddressInfo).port;
}

async function login(name: string): Promise<Client> {
	const visitor = createClient({ port });
	await visitor.login(name, password);
	return visitor;
}

/** An event at once, and the next one when the client shows that it has the first. */
let showIt: () => void;
async function events(_: IncomingMessage, res: ServerResponse) {
	res.setHeader('Content-Type', 'text/event-stream');
	res.write('data: 1\n\n');
	await new Promise<void>((resolve) => {
		showIt = resolve;
	});
	res.end('data: 2\n\n');
}

const told = (answer: Answer) => answer.body as Echo;

/** Sends something that must not reach the upstream. */
async function keptOut(t: ExecutionContext, sent: Promise<Answer>, status: number): Promise<Answer> {
	const before = reached.length;
	const answer = await sent;
	t.is(answer.status, status, answer.text);
	t.is(typeof (answer.body as { message?: unknown }).message, 'string');
	t.is(answer.headers['x-content-type-options'], 'nosniff');
	t.is(answer.headers['cache-control'], 'no-store');
	t.deepEqual(reached.slice(before), []);
	return answer;
}

test.serial('a stranger gets 401, and the upstream nothing', async (t) => {
	for (const target of ['/assets', '/ASSETS', '/services/assets/v1/1', '/admin']) {
		const answer = await keptOut(t, createClient({ port }).send(target), 401);
		t.is(answer.headers['set-cookie'], undefined);
	}
});

test.serial('who lacks the permission gets 403, and the audit knows', async (t) => {
	for (const target of ['/admin', '/Admin/1', '/%61dmin']) await keptOut(t, foo.send(target), 403);
	t.like(service.audit().at(-1), { act: 'access', outcome: 'refused', reason: 'permission-missing', identity: 'foo' });
	t.is((await admin.send('/admin')).status, 200);
});

test.serial('what no rule names, and what only others pass on, is 404 for everybody', async (t) => {
	for (const target of ['/other', '/assetsandmore', '/asked', '/asked/1', '/services', '/services/assets/v10']) {
		for (const visitor of [createClient({ port }), foo, admin]) await keptOut(t, visitor.send(target), 404);
	}
});

const ambiguous = [
	...['/assets/..;/admin', '/assets/%2e%2e/admin', '/assets/../admin', '/assets/./1', '//assets', '/assets//1'],
	...[
		'/assets%2f1',
		'/assets%2f..%2fadmin',
		'/assets/%5c..',
		'/assets\\1',
		'/assets/%00',
		'/assets/%252e',
		'/assets;a',
	],
	...[
		'/assets/%ff',
		'/assets/%c0%af',
		'/assets#',
		'/%2fassets',
		'/assets/%0d%0aX:1',
		'/assets/%',
		'http://evil/assets',
	],
	...['/services/session/v1/..;/..;/assets', '/health/live/../../assets', '/other/../assets', '/%2e%2e/other'],
];
for (const target of ambiguous) {
	test.serial(`${target}, which not everybody reads in the same way, is 400 for everybody`, async (t) => {
		for (const visitor of [createClient({ port }), foo, admin]) await keptOut(t, visitor.send(target), 400);
	});
}

const targets = [
	['/assets', '/assets'],
	['/assets/', '/assets/'],
	['/ASSETS/1', '/ASSETS/1'],
	['/%61ssets/%41', '/assets/A'],
	['/assets/a%20b', '/assets/a%20b'],
	['/assets/%7Eb%2e', '/assets/~b.'],
	['/assets/gr%c3%b6%c3%9fe', '/assets/gr%C3%B6%C3%9Fe'],
	['/assets/1.json?a=/../admin&b=%2f;c', '/assets/1.json?a=/../admin&b=%2f;c'],
	['/assets/?', '/assets/?'],
] as const;
for (const [sent, judged] of targets) {
	test.serial(`${sent} is judged as ${judged}, and sent as it was judged`, async (t) => {
		t.is(told(await foo.send(sent)).url, judged);
	});
}

test.serial('the upstream is told who it is, where from, and what for', async (t) => {
	const { headers } = told(await foo.send('/assets', { headers: { Host: 'Example.org:81' } }));
	const of = (name: string) => valuesOf(headers, name);
	t.deepEqual(of('remote-user'), ['foo']);
	t.deepEqual(of('remote-groups'), ['rest.assets']);
	t.deepEqual(of('host'), ['Example.org:81'], 'the host is the one that the client asked for');
	t.deepEqual(of('x-forwarded-host'), ['example.org:81']);
	t.deepEqual(of('x-forwarded-for'), ['127.0.0.1']);
	t.deepEqual(of('x-forwarded-proto'), ['http']);
});

test.serial('a name beyond ASCII arrives in UTF-8', async (t) => {
	const { headers } = told(await (await login('Jürgen')).send('/assets'));
	t.is(Buffer.from(valuesOf(headers, 'remote-user').join(), 'latin1').toString(), 'Jürgen');
});

const spoofed = [
	...['Remote-User', 'remote-user', 'REMOTE-USER', 'Remote_User', 'remote_user', 'Remote.User', 'Remote-Groups'],
	...['Remote-Name', 'Remote-Email', 'X-Remote-User', 'X-Identity', 'X_Identity', 'X-Identity-Groups', 'X-Auth-User'],
	...['X-Auth-Request-Email', 'X_Auth_User', 'X-Authenticated-User', 'X-WebAuth-User', 'X-Forwarded-User', 'Forwarded'],
	...['X-Forwarded-For', 'X-Forwarded-Host', 'X-Forwarded-Proto', 'X-Forwarded-Uri', 'X-Real-IP', 'X-Original-URL'],
	...['X-Rewrite-URL', 'Client-Cert', 'Client-Cert-Chain', 'X-Client-Cert', 'X-SSL-Client-Cert', 'True-Client-IP'],
	...['Client-IP', 'Forwarded-For', 'Proxy-Client-IP', 'WL-Proxy-Client-IP', 'WL-Proxy-Client-Cert', 'WL-Proxy-SSL'],
	...['X-ClientCert', 'Subject-Id', 'Pairwise-Id', 'Targeted-Id', 'Impersonate-User', 'ES-Security-RunAs-User'],
];
for (const name of spoofed) {
	test.serial(`from outside, ${name} never reaches the upstream`, async (t) => {
		const answer = told(await foo.send('/assets', { headers: { [name]: 'spoofed' } }));
		t.notRegex(JSON.stringify(answer.headers), /spoofed/);
		t.deepEqual(valuesOf(answer.headers, 'remote-user'), ['foo']);
	});
}

test.serial('a header of one hop takes nothing away that we say', async (t) => {
	const headers = { Connection: 'close, Remote-User, Remote-Groups, X-Forwarded-For, X-A', 'X-A': 'b' };
	const answer = told(await foo.send('/assets', { headers }));
	t.deepEqual(valuesOf(answer.headers, 'remote-user'), ['foo']);
	t.deepEqual(valuesOf(answer.headers, 'x-forwarded-for'), ['127.0.0.1']);
	t.deepEqual(valuesOf(answer.headers, 'x-a'), []);
});

test.serial('what is between the client and us stays there, and everything else passes', async (t) => {
	const Cookie = `a=b; ${foo.cookies()}; c="d e"`;
	const answer = told(await foo.send('/assets', { headers: { Cookie, 'X-A': 'b', Accept: 'text/x' } }));
	t.deepEqual(valuesOf(answer.headers, 'cookie'), ['a=b; c="d e"']);
	t.deepEqual(valuesOf(answer.headers, 'x-xsrf-token'), []);
	t.deepEqual([...valuesOf(answer.headers, 'x-a'), ...valuesOf(answer.headers, 'accept')], ['b', 'text/x']);
	for (const secret of [foo.xsrfToken(), foo.cookies().slice(-20)]) {
		t.false(JSON.stringify(answer).includes(secret));
	}
});

test.serial('Basic credentials that are for us end here', async (t) => {
	const Authorization = `Basic ${Buffer.from(`foo:${password}`).toString('base64')}`;
	const { headers } = told(await createClient({ port }).send('/assets', { headers: { Authorization } }));
	t.deepEqual(valuesOf(headers, 'remote-user'), ['foo']);
	t.deepEqual(valuesOf(headers, 'authorization'), []);
});

test.serial('an upstream’s answer comes back as it is, but sets no cookie in our name', async (t) => {
	const { headers } = await foo.send('/assets/cookies');
	t.deepEqual(headers['set-cookie'], ['a=b; Path=/']);
	const answer = await foo.send('/assets/headers');
	t.is(answer.status, 418);
	t.is(answer.headers['cache-control'], 'private, max-age=60');
	t.is(answer.headers['content-security-policy'], undefined);
	foo.jar.delete('a');
});

test.serial('the XSRF token is asked for as the rule says, before a byte of the body is passed on', async (t) => {
	const body = 'x'.repeat(300_000);
	for (const method of ['POST', 'PUT', 'PATCH', 'DELETE']) {
		await keptOut(t, foo.withoutToken('/assets', { method, body }), 401);
		await keptOut(
			t,
			foo.withoutToken('/assets', { method, body, headers: { 'X-XSRF-Token': admin.xsrfToken() } }),
			401,
		);
		t.is(told(await foo.send('/assets', { method, body })).body, body);
	}
	for (const method of ['GET', 'HEAD', 'OPTIONS']) t.is((await foo.withoutToken('/assets', { method })).status, 200);
	await keptOut(t, foo.withoutToken('/services/assets/v1'), 401);
	t.is((await foo.send('/services/assets/v1')).status, 200);
});

const sites: [Record<string, string>, number][] = [
	[{ Origin: 'https://friend.example', 'Sec-Fetch-Site': 'cross-site' }, 200],
	[{ 'Sec-Fetch-Site': 'same-origin' }, 200],
	[{ Origin: 'https://evil.example' }, 403],
	[{ Origin: 'null' }, 403],
	[{ 'Sec-Fetch-Site': 'cross-site' }, 403],
	[{ 'Sec-Fetch-Site': 'same-site' }, 403],
];
for (const [headers, status] of sites) {
	test.serial(`a change with ${JSON.stringify(headers)} is ${status}, though its token is right`, async (t) => {
		const sent = foo.send('/assets', { method: 'POST', json: {}, headers });
		if (status === 200) t.is((await sent).status, 200);
		else await keptOut(t, sent, status);
		t.is((await foo.send('/assets')).status, 200, 'the session lives on');
	});
}

test.serial('events arrive one by one', async (t) => {
	const req = request({ port, path: '/assets/events', headers: { Host: 'a', Cookie: foo.cookies() } }).end();
	const [res] = (await once(req, 'response')) as [IncomingMessage];
	t.is(res.headers['content-type'], 'text/event-stream');
	const [first] = await once(res.setEncoding('utf8'), 'data');
	t.is(first, 'data: 1\n\n');
	showIt();
	const [second] = await once(res, 'data');
	t.is(second, 'data: 2\n\n');
});

test.serial('an upstream that is down is 502, and no session suffers', async (t) => {
	const answer = await keptOut(t, foo.send('/down'), 502);
	t.is(answer.headers['set-cookie'], undefined);
	t.truthy(answer.headers['x-request-id']);
	t.notRegex(answer.text, /ECONNREFUSED|127\.0\.0\.1/);
	t.is((await foo.send('/assets')).status, 200);
});

test.serial('an upstream that does not answer is 504 after a minute', async (t) => {
	const before = reached.length;
	mock.timers.enable({ apis: ['setTimeout'] });
	try {
		const sent = foo.send('/assets/silence');
		while (reached.length === before) await new Promise((resolve) => setImmediate(resolve));
		mock.timers.tick(59_000);
		mock.timers.tick(1000);
		const answer = await sent;
		t.is(answer.status, 504);
		t.is(answer.headers['x-content-type-options'], 'nosniff');
		t.is((answer.body as { code?: unknown }).code, 'gateway-timeout');
	} finally {
		mock.timers.reset();
	}
});

function openSocket(target: string, headers: Record<string, string>): WebSocket {
	return new WebSocket(`ws://127.0.0.1:${port}${target}`, { headers });
}

/** The status and the body that refuse a WebSocket. */
async function refusal(socket: WebSocket): Promise<[number, string]> {
	const [, res] = (await once(socket, 'unexpected-response')) as [unknown, IncomingMessage];
	const text = (await res.setEncoding('utf8').toArray()).join('');
	socket.on('error', () => {}).terminate();
	return [res.statusCode ?? 0, text];
}

test.serial('a WebSocket of the own page passes, and its upstream is told whose it is', async (t) => {
	const socket = openSocket('/assets/%61?b', { Cookie: `a=b; ${foo.cookies()}`, Origin: `http://127.0.0.1:${port}` });
	t.teardown(() => socket.terminate());
	const [headers] = await once(socket, 'message');
	const got = JSON.parse(String(headers)) as string[];
	t.deepEqual(valuesOf(got, 'remote-user'), ['foo']);
	t.deepEqual(valuesOf(got, 'cookie'), ['a=b']);
	t.is(reached.at(-1), '/assets/a?b');
	socket.send('ä');
	const [back] = await once(socket, 'message');
	t.is(String(back), 'ä');
});

const sockets: { says: string; target: string; cookie: boolean; headers?: Record<string, string>; status: number }[] = [
	{ says: 'without a session', target: '/assets', cookie: false, status: 401 },
	{
		says: 'of another site',
		target: '/assets',
		cookie: true,
		headers: { Origin: 'https://evil.example' },
		status: 403,
	},
	{ says: 'of nobody’s page', target: '/assets', cookie: true, headers: { Origin: 'null' }, status: 403 },
	{ says: 'of a neighbour', target: '/assets', cookie: true, headers: { 'Sec-Fetch-Site': 'same-site' }, status: 403 },
	{ says: 'without the permission', target: '/admin', cookie: true, status: 403 },
	{ says: 'without the token that is always needed', target: '/services/assets/v1', cookie: true, status: 401 },
	{ says: 'that no rule names', target: '/other', cookie: true, status: 404 },
	{ says: 'whose path is ambiguous', target: '/assets/..;/admin', cookie: true, status: 400 },
	{ says: 'of ours', target: '/health/live', cookie: true, status: 200 },
];
for (const { says, target, cookie, headers, status } of sockets) {
	test.serial(`a WebSocket ${says} is not opened: ${status}`, async (t) => {
		const before = reached.length;
		const socket = openSocket(target, { ...(cookie && { Cookie: foo.cookies() }), ...headers });
		const [answered, text] = await refusal(socket);
		t.is(answered, status, text);
		t.true(text.startsWith('{'));
		t.is(reached.length, before);
	});
}

const by = { actor: 'operator' } as const;
const ends: { says: string; end: (visitor: Client, id: IdentityId) => Promise<unknown> }[] = [
	{ says: 'its session is ended', end: (visitor) => visitor.logout() },
	{
		says: 'its identity loses the permission',
		end: (_, id) => service.service.core.identities.revoke(id, ['rest.assets' as Permission], by),
	},
	{ says: 'its identity is removed', end: (_, id) => service.service.core.identities.remove(id, by) },
];
for (const { says, end } of ends) {
	test.serial(`an open WebSocket is closed within a minute when ${says}, and not before`, async (t) => {
		const { id } = await service.add('socket', password, { permissions: ['rest.assets'] });
		t.teardown(() => service.service.core.identities.remove(id, by));
		const visitor = await login('socket');
		mock.timers.enable({ apis: ['setInterval'] });
		try {
			const socket = openSocket('/assets', { Cookie: visitor.cookies() });
			await once(socket, 'message');
			const closed = once(socket, 'close');
			mock.timers.tick(60_000);
			socket.send('still here?');
			const [back] = await once(socket, 'message');
			t.is(String(back), 'still here?');
			await end(visitor, id);
			mock.timers.tick(60_000);
			await closed;
			t.pass();
		} finally {
			mock.timers.reset();
		}
	});
}
