import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import test from 'ava';
import WebSocket, { WebSocketServer } from 'ws';
import { type Client, createClient } from '../_support/client.ts';
import { startService, type TestService } from '../_support/service.ts';
import { startUpstream, type Upstream } from '../_support/upstream.ts';

/* Rules for hosts, methods, suffixes, WebSockets and networks, on the wire: own reverse proxy, and forward-auth. */

const password = 'a long enough secret';
const verify = '/services/auth/v1/verify';

let upstream: Upstream;
let sockets: WebSocketServer;
let service: TestService;
/** Foo holds `open`: through a trusted proxy, and from an address that is none. */
let proxied: Client;
let direct: Client;

test.before(async () => {
	upstream = await startUpstream();
	sockets = new WebSocketServer({ port: 0, host: '127.0.0.1' }).on('connection', (socket) => socket.send('there'));
	await once(sockets, 'listening');
	const { port: socketPort } = sockets.address() as AddressInfo;
	const behind = { upstream: upstream.url, xsrf: 'unsafe' };
	service = await startService({
		trustedProxies: ['127.0.0.1/32'],
		networks: { office: ['192.0.2.0/24', '2001:db8::/32'] },
		resources: [
			{ hosts: ['open.example', '*.open.example'], suffixes: ['.cmd'], permission: 'shut', ...behind },
			{ hosts: ['open.example', '*.open.example'], paths: ['/ws'], websocket: false, permission: 'shut', ...behind },
			{
				hosts: ['open.example'],
				path: '/ws',
				permission: 'open',
				...behind,
				upstream: `http://127.0.0.1:${socketPort}`,
			},
			{ hosts: ['open.example', '*.open.example'], methods: ['DELETE'], permission: 'shut', ...behind },
			{ hosts: ['open.example', '*.open.example'], permission: 'open', ...behind },
			{ hosts: ['office.example'], from: ['office'], permission: 'open', ...behind },
			{ hosts: ['office.example'], permission: 'shut', ...behind },
			{ hosts: ['shut.example', 'bücher.example', 'open.example:8443'], permission: 'shut', ...behind },
		],
	});
	await service.add('foo', password, { permissions: ['open'] });
	const port = Number(new URL(service.url).port);
	proxied = createClient({ port });
	direct = createClient({ port, from: '127.0.0.2' });
	for (const visitor of [proxied, direct]) await visitor.login('foo', password);
});
test.after.always(async () => {
	await service?.close();
	upstream?.close();
	sockets?.close();
});

/** What both ways to ask must answer; the own proxy says 400 and 404 where forward-auth says 403. */
const hosts: { host: string | string[]; open: boolean }[] = [
	...['open.example', 'OPEN.example', 'open.example.', 'open.example:80', 'open.example:443', 'Open.Example.:443'].map(
		(host) => ({ host, open: true }),
	),
	...['x.open.example', 'X.Y.open.EXAMPLE.'].map((host) => ({ host, open: true })),
	...['shut.example', 'SHUT.example', 'shut.example.', 'xn--bcher-kva.example', 'XN--BCHER-KVA.EXAMPLE'].map(
		(host) => ({
			host,
			open: false,
		}),
	),
	...['open.example:8443', 'open.example:81', 'xopen.example', 'open.example.evil', 'evil', '127.0.0.1'].map(
		(host) => ({
			host,
			open: false,
		}),
	),
	...[
		'open.example,shut.example',
		'open.example, open.example',
		'open.example evil',
		'open.example\u00a0',
		'open.example\tevil',
		'a@open.example',
		'open.example/',
	].map((host) => ({ host, open: false })),
	{ host: ['open.example', 'shut.example'], open: false },
	{ host: ['open.example', 'open.example'], open: false },
];
for (const { host, open } of hosts) {
	test(`the host ${JSON.stringify(host)} is ${open ? 'open' : 'shut, or refused'}`, async (t) => {
		const statusOf = async (target: string, headers: Record<string, string | string[]>, visitor = proxied) =>
			(await visitor.send(target, { headers })).status;
		const asked = { 'X-Forwarded-Method': 'GET', 'X-Forwarded-Uri': '/x', 'X-Forwarded-For': '198.51.100.1' };
		const expected = open ? [200] : [400, 403, 404];
		t.true(expected.includes(await statusOf('/x', { 'X-Forwarded-Host': host })), 'by X-Forwarded-Host');
		t.true(
			(open ? [200] : [403]).includes(await statusOf(verify, { ...asked, 'X-Forwarded-Host': host })),
			'forward-auth',
		);
		if (Array.isArray(host)) return;
		t.true(expected.includes(await statusOf('/x', { Host: host }, direct)), 'by Host');
		// By the scheme of the session: it counts as the request's.
		const url = `http://${host}/x`;
		const byUrl = await statusOf(verify, { 'X-Forwarded-Method': 'GET', 'X-Original-URL': url });
		t.true((open ? [200] : [403]).includes(byUrl), 'by X-Original-URL');
	});
}

test('two names of the host must be one', async (t) => {
	const asked = { 'X-Forwarded-Method': 'GET', 'X-Original-URL': 'https://open.example/x' };
	const send = (host: string) => proxied.send(verify, { headers: { ...asked, 'X-Forwarded-Host': host } });
	t.is((await send('OPEN.example:443')).status, 200);
	t.is((await send('shut.example')).status, 403);
});

const forged = [
	'X-Forwarded-Host',
	'X-Original-Host',
	'X-Host',
	'X-Forwarded-Server',
	'X-HTTP-Host-Override',
	'X_Forwarded_Host',
	'X-Forwarded_Host',
	'X.Forwarded.Host',
	'Forwarded',
];
for (const name of forged) {
	test(`${name} of a stranger chooses no rule`, async (t) => {
		const value = name === 'Forwarded' ? 'host=open.example' : 'open.example';
		t.is((await direct.send('/x', { headers: { Host: 'shut.example', [name]: value } })).status, 403);
		t.is((await direct.send('/x', { headers: { Host: 'open.example', [name]: 'shut.example' } })).status, 200);
	});
}
test.serial(
	'what a trusted proxy passes on in another spelling is the client’s word, and goes no further',
	async (t) => {
		const spelt = { X_Forwarded_Host: 'open.example', 'X-Forwarded_Host': 'open.example', X_Forwarded_Uri: '/x' };
		const headers = {
			'X-Forwarded-Host': 'shut.example',
			...spelt,
			Remote_User: 'root',
			'Remote.Groups': 'kura.admin',
		};
		t.is((await proxied.send('/x', { headers })).status, 403);
		const asked = { 'X-Forwarded-Method': 'GET', 'X-Forwarded-Uri': '/a.cmd' };
		t.is((await proxied.send(verify, { headers: { ...headers, ...asked } })).status, 403);
		const Connection = 'close, Remote-User, Remote-Groups, Cookie, X-Forwarded-Host, X-Forwarded-For';
		const open = { ...headers, 'X-Forwarded-Host': 'open.example', Connection };
		t.is((await proxied.send('/x', { headers: open })).status, 200, 'the cookie counts, whatever Connection says');
		const got = upstream.headers.at(-1) ?? {};
		t.is(got['remote-user'], 'foo');
		t.is(got['x-forwarded-host'], 'open.example');
		t.deepEqual(
			Object.keys(got).filter((name) => /[_.]/.test(name) || name === 'cookie'),
			[],
		);
	},
);
for (const name of [
	'X-Forwarded-Uri',
	'X-Original-URI',
	'X-Original-URL',
	'X_Forwarded_Uri',
	'X_Original_URL',
	'X_Forwarded_Method',
	'X_Forwarded_For',
	'X-Rewrite-URL',
	'X-Forwarded-Method',
	'X-HTTP-Method-Override',
	'X-Forwarded-For',
	'X-Real-IP',
	'X-Client-IP',
	'True-Client-IP',
]) {
	test(`${name} of a stranger chooses no rule, either`, async (t) => {
		const headers = { [name]: /IP|For/.test(name) ? '192.0.2.7' : name.endsWith('URL') ? '/x' : 'GET' };
		t.is((await direct.send('/a.cmd', { headers: { Host: 'open.example', ...headers } })).status, 403);
		t.is((await direct.send('/x', { headers: { Host: 'office.example', ...headers } })).status, 403);
		t.is((await direct.send('/x', { method: 'DELETE', headers: { Host: 'open.example', ...headers } })).status, 403);
	});
}

const paths = [
	'/a.cmd',
	'/a.CMD',
	'/a%2ecmd',
	'/a.c%6d%64',
	'/a.cmd/',
	'/a.cmd;x=.json',
	'/a.cmd%3bx=.json',
	'/a.cmd%23.json',
	'/a.cmd#.json',
	'/a.cmd%3f.json',
	'//a.cmd',
	'/x//a.cmd',
	'/x/../a.cmd',
	'/a.cmd%20',
	'/a.cmd.',
	'/a.cmd%00.json',
	'/a.cmd%252f',
	'/a.cmd\\x',
	'/a.cmd::$DATA',
];
for (const path of paths) {
	test(`what could end in .cmd is shut: ${path}`, async (t) => {
		const Host = 'open.example';
		const { status } = await direct.send(path, { headers: { Host } });
		t.true([400, 403].includes(status), String(status));
		const asked = { 'X-Forwarded-Method': 'GET', 'X-Forwarded-Uri': path, 'X-Forwarded-Host': Host };
		t.is((await proxied.send(verify, { headers: asked })).status, 403);
		t.deepEqual(
			upstream.reached.filter((each) => /^(?!.a.json).*cmd/i.test(each)),
			[],
		);
	});
}

test('a query has no part in it', async (t) => {
	t.is((await direct.send('/a.json?x=.cmd', { headers: { Host: 'open.example' } })).status, 200);
	t.is((await direct.send('/a.cmd?x=.json', { headers: { Host: 'open.example' } })).status, 403);
});

test('a rule of a network looks at the client’s address, as far as trusted proxies tell it', async (t) => {
	const ask = (address: string | string[], target = '/x', more = {}) =>
		proxied.send(target, { headers: { 'X-Forwarded-Host': 'office.example', 'X-Forwarded-For': address, ...more } });
	for (const [address, status] of [
		['192.0.2.7', 200],
		['2001:db8::7', 200],
		['::ffff:192.0.2.7', 200],
		['198.51.100.7, 192.0.2.7', 200],
		['198.51.100.7', 403],
		['192.0.2.7, 198.51.100.7', 403],
	] as const) {
		t.is((await ask(address)).status, status, address);
		const asked = { 'X-Forwarded-Method': 'GET', 'X-Forwarded-Uri': '/x' };
		t.is((await ask(address, verify, asked)).status, status, `forward-auth: ${address}`);
	}
});

test('a WebSocket is let through where anything else is not, and says so by its upgrade alone', async (t) => {
	const Host = 'open.example';
	const handshake = { 'Sec-WebSocket-Version': '13', 'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==' };
	const socket = new WebSocket(`${service.url.replace('http', 'ws')}/ws`, {
		headers: { Cookie: direct.cookies(), Host },
	});
	t.is(await new Promise((told) => socket.on('message', (data) => told(String(data))).on('error', told)), 'there');
	socket.terminate();
	for (const headers of [{}, handshake])
		t.is((await direct.send('/ws', { headers: { Host, ...headers } })).status, 403);
	const asked = { 'X-Forwarded-Method': 'GET', 'X-Forwarded-Uri': '/ws', 'X-Forwarded-Host': Host, ...handshake };
	const statusOf = async (more: Record<string, string>) =>
		(await proxied.send(verify, { headers: { ...asked, ...more } })).status;
	t.is(await statusOf({}), 403, 'where the proxy does not say that it becomes one');
	t.is(await statusOf({ 'X-Forwarded-Proto': 'ws' }), 200, 'in Traefik’s words');
	t.is(await statusOf({ 'X-Forwarded-Proto': 'ws', 'X-Forwarded-Method': 'POST' }), 403, 'which is no handshake');
});
