import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import { connect, createServer as createNetServer, type Socket } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import WebSocket, { WebSocketServer } from 'ws';
import type { Tunnelled } from '../../../src/gateway/proxy/reverse-proxy.ts';
import { type Front, listen, raw, startFront, valuesOf } from './servers.ts';

interface Opened {
	readonly client: WebSocket;
	/** What the upstream has of it. */
	readonly server: WebSocket;
	readonly request: IncomingMessage;
	readonly front: Front;
	readonly tunnel: Tunnelled['tunnel'];
}

const secrets = { secretCookies: ['JSESSIONID'], remove: ['X-XSRF-Token'], set: { 'Remote-User': 'foo' } };

async function open(t: ExecutionContext, path = '/'): Promise<Opened> {
	const upstream = createServer();
	const sockets = new WebSocketServer({ server: upstream, handleProtocols: () => 'two' });
	const connected = once(sockets, 'connection') as Promise<[WebSocket, IncomingMessage]>;
	const front = await startFront(t, await listen(t, upstream), secrets);
	const headers = { Cookie: 'JSESSIONID=secret; a=b', 'X-Identity': 'admin', Remote_User: 'admin', Origin: 'http://a' };
	const client = new WebSocket(`ws://127.0.0.1:${front.port}${path}`, ['one', 'two'], { headers });
	t.teardown(() => client.terminate());
	const [[server, request]] = await Promise.all([connected, once(client, 'open')]);
	await front.ended(1);
	return { client, server, request, front, tunnel: (front.passed[0] as Tunnelled).tunnel };
}

/** The connection below, which `ws` keeps to itself. */
const socketOf = (socket: WebSocket) => (socket as unknown as { _socket: Socket })._socket;

const left = (socket: WebSocket) =>
	new Promise<number>((resolve) => socket.on('error', () => {}).once('close', resolve));

test('messages pass in both directions, large ones and many', async (t) => {
	const { client, server } = await open(t);
	server.on('message', (message, binary) => server.send(message, { binary }));
	const messages = ['', 'ä', 'x'.repeat(5_000_000), ...Array.from({ length: 200 }, (_, at) => `${at}`)];
	const echoes: string[] = [];
	const all = new Promise<void>((resolve) => {
		client.on('message', (message) => {
			if (echoes.push(String(message)) === messages.length) resolve();
		});
	});
	for (const message of messages) client.send(message);
	await all;
	t.deepEqual(echoes, messages);
});

test('the upstream gets the target, what we say of the identity, and no secret of ours', async (t) => {
	const { client, request } = await open(t, '/%61/b?c=%2f');
	t.is(request.url, '/a/b?c=%2f');
	t.deepEqual(valuesOf(request.rawHeaders, 'remote-user'), ['foo']);
	t.deepEqual(valuesOf(request.rawHeaders, 'cookie'), ['a=b']);
	t.deepEqual(valuesOf(request.rawHeaders, 'origin'), ['http://a']);
	t.false(request.rawHeaders.includes('admin'));
	t.is(client.protocol, 'two');
});

test('of the headers that accept the upgrade all pass but cookies in our name', async (t) => {
	const upstream = createServer();
	new WebSocketServer({ server: upstream }).on('headers', (headers) =>
		headers.push('Set-Cookie: JSESSIONID=evil', 'Set-Cookie: a=b', 'X-Theirs: c'),
	);
	const { port } = await startFront(t, await listen(t, upstream), secrets);
	const client = new WebSocket(`ws://127.0.0.1:${port}/`);
	const opened = once(client, 'open');
	const [response] = (await once(client, 'upgrade')) as [IncomingMessage];
	t.deepEqual(response.headers['set-cookie'], ['a=b']);
	t.is(response.headers['x-theirs'], 'c');
	await opened;
	client.terminate();
});

test('a goodbye passes, from either side, and with it both connections are closed', async (t) => {
	for (const from of ['client', 'server'] as const) {
		const { client, server, tunnel } = await open(t);
		const both = Promise.all([left(client), left(server)]);
		({ client, server })[from].close(4001);
		t.deepEqual(await both, [4001, 4001]);
		await tunnel.closed;
	}
});

test('when one side breaks off, the other is let go', async (t) => {
	for (const from of ['client', 'server'] as const) {
		const { client, server, tunnel } = await open(t);
		const both = Promise.all([left(client), left(server)]);
		({ client, server })[from].terminate();
		await both;
		await tunnel.closed;
		t.pass();
	}
});

test('when one side resets its connection, the other is let go', async (t) => {
	for (const from of ['client', 'server'] as const) {
		const { client, server, tunnel } = await open(t);
		const both = Promise.all([left(client), left(server)]);
		socketOf({ client, server }[from]).resetAndDestroy();
		await both;
		await tunnel.closed;
		t.pass();
	}
});

test('a side that hangs up and leaves the other waiting is not waited for long', async (t) => {
	const { client, server, tunnel } = await open(t);
	socketOf(server).removeAllListeners('end').pause();
	socketOf(client).end();
	await tunnel.closed;
	t.pass();
});

test('the one that let it through can close it, at any time, and with it both connections', async (t) => {
	const { client, server, tunnel } = await open(t);
	const both = Promise.all([left(client), left(server)]);
	tunnel.close();
	await tunnel.closed;
	await both;
	t.notThrows(() => tunnel.close());
});

test('closing the proxy closes what is open', async (t) => {
	const { client, front, tunnel } = await open(t);
	const gone = left(client);
	front.close();
	await tunnel.closed;
	await gone;
	t.pass();
});

const handshake =
	'GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n';

test('an upstream that refuses the upgrade is heard, however much it says, and no tunnel is left', async (t) => {
	const upstream = createServer().on('upgrade', (_, socket) => {
		socket.end(
			`HTTP/1.1 403 No\r\nSet-Cookie: JSESSIONID=evil\r\nContent-Length: 3000000\r\n\r\n${'x'.repeat(3_000_000)}`,
		);
	});
	const { port, passed } = await startFront(t, await listen(t, upstream), secrets);
	const answer = await raw(port, `${handshake}GET /hidden HTTP/1.1\r\nHost: a\r\n\r\n`);
	t.regex(answer, /^HTTP\/1.1 403 No\r\n/);
	t.regex(answer, /\r\nConnection: close\r\n/);
	t.notRegex(answer, /evil/);
	t.is(answer.slice(answer.indexOf('\r\n\r\n')).length, 3_000_004);
	t.deepEqual(passed, [{ kind: 'answered' }]);
});

test('an upstream that ignores the upgrade answers as to any other request', async (t) => {
	const { port } = await startFront(
		t,
		await listen(
			t,
			createServer((_, res) => res.end('plain')),
		),
	);
	t.regex(await raw(port, handshake), /^HTTP\/1.1 200 OK\r\n[\s\S]*plain/);
});

const faults = [
	{ says: 'that closes without a word', status: 502, answer: '' },
	{
		says: 'that changes to another protocol',
		status: 502,
		answer: 'HTTP/1.1 101 Go\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n',
	},
	{ says: 'that changes it without saying to what', status: 502, answer: 'HTTP/1.1 101 Go\r\n\r\n' },
	{
		says: 'that answers with a status that is none',
		status: 502,
		answer: 'HTTP/1.1 099 Hm\r\nContent-Length: 2\r\n\r\nhm',
	},
	{ says: 'that never answers', status: 504, answer: undefined },
];
for (const { says, status, answer } of faults) {
	test(`an upgrade to an upstream ${says} is a ${status}`, async (t) => {
		const upstream = createNetServer((socket) => {
			socket.on('error', () => {}).once('data', () => answer !== undefined && socket.end(answer));
		});
		const { port } = await startFront(t, await listen(t, upstream), { timeoutMs: answer === undefined ? 150 : 5000 });
		t.regex(await raw(port, handshake), new RegExp(`^HTTP/1.1 ${status} `));
	});
}

test('an upgrade to an upstream that is down is a 502', async (t) => {
	t.regex(await raw((await startFront(t, 'http://127.0.0.1:1')).port, handshake), /^HTTP\/1.1 502 /);
});

test('when the client leaves before the upgrade is accepted, the upstream is left as well', async (t) => {
	const upstream = createServer();
	const asked = once(upstream, 'upgrade') as Promise<[IncomingMessage, Socket]>;
	const { port, passed, ended } = await startFront(t, await listen(t, upstream));
	const client = connect(port, '127.0.0.1');
	client.write(handshake);
	const [, socket] = await asked;
	const left = once(socket.resume(), 'end');
	client.destroy();
	await Promise.all([left, ended(1)]);
	t.like(passed, [{ kind: 'cut', by: 'client' }]);
});

test('nor do bytes behind the handshake hide that it has left', async (t) => {
	for (const size of [1, 20_000]) {
		const upstream = createServer();
		const asked = once(upstream, 'upgrade') as Promise<[IncomingMessage, Socket]>;
		const { port, passed, ended } = await startFront(t, await listen(t, upstream));
		const client = connect(port, '127.0.0.1');
		client.write(handshake + 'x'.repeat(size));
		const [, socket] = await asked;
		client.end();
		await Promise.all([once(socket.resume(), 'end'), ended(1)]);
		t.like(passed, [{ kind: 'cut', by: 'client' }]);
		client.destroy();
	}
});

test('a client that sends without end before its handshake is answered is let go', async (t) => {
	const upstream = createServer();
	const asked = once(upstream, 'upgrade') as Promise<[IncomingMessage, Socket]>;
	const { port, passed, ended } = await startFront(t, await listen(t, upstream));
	const client = connect(port, '127.0.0.1').on('error', () => {});
	client.write(handshake);
	const [, socket] = await asked;
	client.write('x'.repeat(1_000_000));
	await Promise.all([once(socket.resume(), 'end'), ended(1)]);
	t.like(passed, [{ kind: 'cut', by: 'client' }]);
	client.destroy();
});

test('what either side sends right behind the handshake is not lost', async (t) => {
	const upstream = createNetServer((socket) => {
		socket.once('data', () => {
			socket.write('HTTP/1.1 101 Go\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\nearly');
			socket.on('data', (bytes) => socket.end(bytes));
		});
	});
	const { port } = await startFront(t, await listen(t, upstream));
	t.regex(await raw(port, `${handshake}bird`), /\r\n\r\nearlybird$/);
});

test('an open tunnel may be silent for longer than an answer', async (t) => {
	const upstream = createServer();
	const connected = once(new WebSocketServer({ server: upstream }), 'connection') as Promise<[WebSocket]>;
	const { port } = await startFront(t, await listen(t, upstream), { timeoutMs: 2000 });
	const client = new WebSocket(`ws://127.0.0.1:${port}/`);
	const [server] = await connected;
	await wait(3000);
	server.send('still there');
	const [message] = (await once(client, 'message')) as [Buffer];
	t.is(String(message), 'still there');
	client.terminate();
});
