import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import test from 'ava';
import WebSocket, { WebSocketServer } from 'ws';
import { type Client, createClient } from '../_support/client.ts';
import { startService, type TestService } from '../_support/service.ts';
import { startUpstream, type Upstream } from '../_support/upstream.ts';

/* Who may pass: public, authenticated, denied, some or all permissions; and what must come from a page of one's own. */

const password = 'a long enough secret';
const verify = '/services/auth/v1/verify';
const basic = { Authorization: `Basic ${Buffer.from(`both:${password}`).toString('base64')}` };

let upstream: Upstream;
let sockets: WebSocketServer;
/** The headers of what opened a socket last. */
let handshake: Record<string, unknown> = {};
let service: TestService;
let port: number;
const people: Record<string, Client> = {};

test.before(async () => {
	upstream = await startUpstream();
	sockets = new WebSocketServer({ port: 0, host: '127.0.0.1' }).on('connection', (socket, req) => {
		handshake = req.headers;
		socket.send('there');
	});
	await once(sockets, 'listening');
	const behind = { upstream: upstream.url, xsrf: 'unsafe' };
	const socketsBehind = { upstream: `http://127.0.0.1:${(sockets.address() as AddressInfo).port}` };
	service = await startService({
		auth: { basic: true },
		trustedProxies: ['127.0.0.1/32'],
		allowedOrigins: ['https://friend.example'],
		resources: [
			{ path: '/public/denied', access: 'denied', ...behind },
			{ path: '/public/ws', access: 'public', ...socketsBehind },
			{ path: '/public', access: 'public', ...behind },
			{ path: '/authenticated', access: 'authenticated', ...behind },
			{ path: '/any', permissions: { any: ['a', 'b'] }, ...behind },
			{ path: '/all', permissions: { all: ['a', 'b'] }, ...behind },
			{ path: '/anyall', permissions: { any: ['a', 'b'], all: ['c'] }, ...behind },
			{ path: '/app/ws', permission: 'a', xsrf: 'origin', ...socketsBehind },
			{ path: '/app', permission: 'a', ...behind, xsrf: 'origin' },
		],
	});
	port = Number(new URL(service.url).port);
	const holders = { none: [], a: ['a'], both: ['a', 'b'], ac: ['a', 'c'], c: ['c'], admin: ['kura.admin'] };
	for (const [name, permissions] of Object.entries(holders)) {
		await service.add(name, password, { permissions });
		const visitor = createClient({ port });
		await visitor.login(name, password);
		people[name] = visitor;
	}
	people.stranger = createClient({ port });
});
test.after.always(async () => {
	await service?.close();
	upstream?.close();
	sockets?.close();
});

const asked = (path: string, method = 'GET') => ({ 'X-Forwarded-Method': method, 'X-Forwarded-Uri': path });

const passes: { path: string; by: Record<string, number> }[] = [
	{ path: '/public', by: { stranger: 200, none: 200, admin: 200 } },
	{ path: '/public/denied', by: { stranger: 404, a: 404, admin: 404 } },
	{ path: '/authenticated', by: { stranger: 401, none: 200, admin: 200 } },
	{ path: '/any', by: { stranger: 401, none: 403, a: 200, both: 200, c: 403, admin: 200 } },
	{ path: '/all', by: { stranger: 401, none: 403, a: 403, both: 200, admin: 200 } },
	{ path: '/anyall', by: { stranger: 401, a: 403, both: 403, ac: 200, c: 403, admin: 200 } },
];
for (const { path, by } of passes) {
	test(`who may pass ${path}: ${Object.entries(by)
		.map((pair) => pair.join(' '))
		.join(', ')}`, async (t) => {
		for (const [name, status] of Object.entries(by)) {
			const answer = await people[name]!.send(path);
			t.is(answer.status, status, name);
			const judged = await people[name]!.send(verify, { headers: asked(path) });
			t.is(judged.status, status === 404 ? 403 : status, `forward-auth: ${name}`);
			if (status === 200) t.is(judged.headers['remote-user'], path === '/public' ? '' : name);
		}
	});
}

test('a refusal names what is lacking', async (t) => {
	const messageFor = async (path: string, name: string) =>
		((await people[name]!.send(path)).body as { message: string }).message;
	t.is(await messageFor('/any', 'none'), 'The permission a or b is needed');
	t.is(await messageFor('/all', 'a'), 'The permission b is needed');
	t.is(await messageFor('/anyall', 'both'), 'The permission c is needed');
});

test('behind a public rule nobody learns who somebody is, and our secrets go no further', async (t) => {
	const forged = { 'Remote-User': 'root', 'Remote-Groups': 'kura.admin', Remote_User: 'root', 'X-Remote-User': 'root' };
	const more = {
		...basic,
		...forged,
		Cookie: `${people.admin!.cookies()}; theirs=1`,
		Connection: 'Remote-User, Cookie',
	};
	const answer = await people.admin!.send('/public/secrets', { method: 'POST', headers: more });
	t.is(answer.status, 200);
	const got = upstream.headers[upstream.reached.indexOf('/public/secrets')] ?? {};
	t.deepEqual(
		Object.keys(got).filter((name) => /remote|authorization|xsrf/.test(name)),
		[],
	);
	t.is(got.cookie, 'theirs=1');
	const socket = new WebSocket(`ws://127.0.0.1:${port}/public/ws`, { headers: { ...more, Connection: 'Upgrade' } });
	await once(socket, 'message');
	socket.terminate();
	t.is(handshake.cookie, 'theirs=1');
	t.is(handshake['remote-user'], undefined);
	const judged = await people.admin!.send(verify, { headers: { ...asked('/public/x'), ...basic } });
	t.deepEqual([judged.status, judged.headers['remote-user'], judged.headers['remote-groups']], [200, '', '']);
});

test('a public page may be posted to from anywhere, and is no page for a service worker of others', async (t) => {
	const headers = { Origin: 'https://elsewhere.example', 'Sec-Fetch-Site': 'cross-site' };
	t.is((await people.stranger!.send('/public/hook', { method: 'POST', headers })).status, 200);
	const script = { 'Service-Worker': 'script', 'Sec-Fetch-Site': 'same-origin' };
	t.is((await people.stranger!.send('/public/sw.js', { headers: script })).status, 403);
	t.is((await people.stranger!.send(verify, { headers: { ...asked('/public/sw.js'), ...script } })).status, 403);
});

const own = 'http://localhost:1';
const changes: { says: string; headers: Record<string, string>; status: number }[] = [
	{ says: 'a page of the host itself', headers: { Origin: own, 'Sec-Fetch-Site': 'same-origin' }, status: 200 },
	{
		says: 'a page of it that hides its origin',
		headers: { Origin: 'null', 'Sec-Fetch-Site': 'same-origin' },
		status: 200,
	},
	{ says: 'the person', headers: { 'Sec-Fetch-Site': 'none' }, status: 200 },
	{ says: 'an older browser', headers: { Origin: own }, status: 200 },
	{ says: 'a program with a session', headers: {}, status: 403 },
	{ says: 'a program with Basic beside a session', headers: basic, status: 200 },
	{
		says: 'a page of another site',
		headers: { Origin: 'https://evil.example', 'Sec-Fetch-Site': 'cross-site' },
		status: 403,
	},
	{
		says: 'a page of a sibling',
		headers: { Origin: 'http://x.localhost:1', 'Sec-Fetch-Site': 'same-site' },
		status: 403,
	},
	{
		says: 'a page of another port',
		headers: { Origin: 'http://localhost:2', 'Sec-Fetch-Site': 'same-site' },
		status: 403,
	},
	{ says: 'a page that hides its origin', headers: { Origin: 'null', 'Sec-Fetch-Site': 'cross-site' }, status: 403 },
	{ says: 'a page of another site, with Basic', headers: { ...basic, Origin: 'https://evil.example' }, status: 403 },
	{ says: 'an older browser on another site', headers: { Origin: 'https://evil.example' }, status: 403 },
	{
		says: 'a page of an allowed origin',
		headers: { Origin: 'https://friend.example', 'Sec-Fetch-Site': 'same-site' },
		status: 403,
	},
	{ says: 'a site that says nothing of its origin', headers: { 'Sec-Fetch-Site': 'same-site' }, status: 403 },
];
for (const { says, headers, status } of changes) {
	test(`xsrf: origin: a change by ${says} is ${status}`, async (t) => {
		const sent = { method: 'POST', headers: { Host: 'localhost:1', ...headers } };
		t.is((await people.a!.withoutToken('/app/form', sent)).status, status);
		const judged = { headers: { ...asked('/app/form', 'POST'), 'X-Forwarded-Host': 'localhost:1', ...headers } };
		t.is((await people.a!.withoutToken(verify, judged)).status, status, 'forward-auth');
		const byName = await people.a!.withoutToken(`${verify}?permission=a&xsrf=origin`, judged);
		t.is(byName.status, status, 'forward-auth by permission');
		const socket = new WebSocket(`ws://127.0.0.1:${port}/app/ws`, {
			headers: { Cookie: people.a!.cookies(), ...sent.headers },
		});
		const opened = await new Promise((resolve) => {
			socket.on('open', () => resolve(200)).on('unexpected-response', (_, res) => resolve(res.statusCode));
		});
		socket.on('error', () => undefined).terminate();
		t.is(opened, status, 'WebSocket');
	});
}

test('xsrf: origin: reading takes no token, and a stranger is told to sign in', async (t) => {
	t.is((await people.a!.withoutToken('/app/x')).status, 200);
	t.is((await people.none!.withoutToken('/app/x')).status, 403);
	t.is(
		(await people.stranger!.send('/app/form', { method: 'POST', headers: { 'Sec-Fetch-Site': 'same-origin' } })).status,
		401,
	);
	await people.a!.withoutToken('/app/form', { method: 'POST' });
	const isForeign = ({ act, reason }: { act?: unknown; reason?: unknown }) =>
		act === 'access' && reason === 'cross-site';
	const told = service.audit().filter(isForeign);
	t.like(told.at(-1), { identity: 'a', outcome: 'refused' });
	await people.a!.withoutToken('/app/form', { method: 'POST', headers: basic });
	t.is(service.audit().filter(isForeign).length, told.length, 'what Basic lets in is not told as refused');
});
