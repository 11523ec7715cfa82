import { once } from 'node:events';
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import { connect, createServer as createNetServer, type Socket } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import test from 'ava';
import { startOwnTime } from '../../_support/own-time.ts';
import { ask, echo, listen, raw, startFront } from './servers.ts';

test('an upstream that is down is a 502', async (t) => {
	const { port, passed } = await startFront(t, 'http://127.0.0.1:1');
	const { status, body } = await ask(port, '/', { method: 'POST' }, 'body');
	t.deepEqual([status, JSON.parse(body)], [502, { message: 'bad-gateway' }]);
	t.is(passed[0]?.kind, 'bad-gateway');
	t.is((await ask((await startFront(t, 'http://nowhere.invalid')).port, '/')).status, 502);
});

const silences = [
	{ says: 'that never answers', method: 'GET', body: '' },
	{ says: 'that never answers what it read', method: 'POST', body: 'x'.repeat(100) },
	{ says: 'that does not even read', method: 'POST', body: 'x'.repeat(20_000_000) },
];
for (const { says, method, body } of silences) {
	test(`an upstream ${says} is a 504 when we have waited long enough, and is let go`, async (t) => {
		const upstream = createNetServer({ pauseOnConnect: body.length > 100 });
		const connected = once(upstream, 'connection') as Promise<[Socket]>;
		const { port } = await startFront(t, await listen(t, upstream), { timeoutMs: 150 });
		const time = startOwnTime();
		t.teardown(time.stop);
		const startedAt = performance.now();
		const answered = ask(port, '/', { method }, body);
		const [socket] = await connected;
		const closed = once(
			socket.on('error', () => {}),
			'close',
		);
		t.deepEqual((({ status, body }) => [status, body])(await answered), [504, '{"message":"gateway-timeout"}']);
		const tookMs = performance.now() - startedAt;
		t.true(tookMs >= 149 && time.now() < 1500, `${tookMs} ms, ${time.now()} of them ours`);
		socket.resume();
		await closed;
	});
}

test('an upstream with which no connection comes about is a 504 before that', async (t) => {
	const silent = await listen(
		t,
		createNetServer((socket) => socket.on('error', () => {}).resume()),
	);
	const { port } = await startFront(t, `https://127.0.0.1:${silent}`, { timeoutMs: 60_000, connectTimeoutMs: 100 });
	t.is((await ask(port, '/')).status, 504);
});

test('a client that takes its time does not make the upstream too slow', async (t) => {
	const { port } = await startFront(t, await listen(t, createServer(echo)), { timeoutMs: 2000 });
	const slow = request({ port, host: '127.0.0.1', method: 'POST', agent: false });
	slow.write('a');
	await wait(3000);
	slow.end('b');
	const [res] = (await once(slow, 'response')) as [IncomingMessage];
	t.is(res.statusCode, 200);
	res.resume();
});

const nonsense = [
	{ says: 'closes without a word', answer: '' },
	{ says: 'does not speak HTTP', answer: 'SSH-2.0-OpenSSH\r\n' },
	{ says: 'breaks off within the headers', answer: 'HTTP/1.1 200 OK\r\nContent-Le' },
	{ says: 'sends a control in a header', answer: 'HTTP/1.1 200 OK\r\nX: a\0b\r\n\r\n' },
	{ says: 'sends two lengths', answer: 'HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 5\r\n\r\nabcde' },
	{
		says: 'sends a length beside chunks',
		answer: 'HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
	},
	{
		says: 'changes the protocol unasked',
		answer: 'HTTP/1.1 101 Go\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n',
	},
	{ says: 'sends a status that is none', answer: 'HTTP/1.1 099 Hm\r\nContent-Length: 0\r\n\r\n' },
	{ says: 'sends headers without end', answer: `HTTP/1.1 200 OK\r\nX: ${'x'.repeat(100_000)}` },
];
for (const { says, answer } of nonsense) {
	test(`an upstream that ${says} is a 502, and nothing of its answer gets out`, async (t) => {
		const upstream = createNetServer((socket) => {
			socket.on('error', () => {}).once('data', () => socket.end(answer));
		});
		const { port } = await startFront(t, await listen(t, upstream));
		const { status, body } = await ask(port, '/', { method: 'POST' }, 'a');
		t.deepEqual([status, body], [502, '{"message":"bad-gateway"}']);
	});
}

const halves = [
	{ says: 'a length', head: 'Content-Length: 10\r\n\r\nhalf' },
	{ says: 'chunks', head: 'Transfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n' },
];
for (const { says, head } of halves) {
	for (const version of ['1.1', '1.0']) {
		test(`half an answer with ${says} does not look whole to a client that speaks HTTP/${version}`, async (t) => {
			const upstream = createNetServer((socket) => {
				socket.on('error', () => {}).once('data', () => socket.write(`HTTP/1.1 200 OK\r\n${head}`));
				socket.once('data', () => setTimeout(() => socket.destroy(), 50));
			});
			const { port, passed, ended } = await startFront(t, await listen(t, upstream));
			const client = connect(port, '127.0.0.1').setEncoding('latin1');
			let answer = '';
			let failure: unknown;
			client.on('data', (text) => {
				answer += text;
			});
			client.on('error', (fault) => {
				failure = fault;
			});
			client.write(`GET / HTTP/${version}\r\nHost: a\r\n\r\n`);
			await once(client, 'close').catch(() => {});
			await ended(1);
			t.like(passed[0], { kind: 'cut', by: 'upstream' });
			t.true(answer.includes('half'));
			const saysHowLong =
				/Content-Length: 10/.test(answer) || (/chunked/.test(answer) && !answer.includes('0\r\n\r\n'));
			t.true(saysHowLong || failure !== undefined, answer);
		});
	}
}

test('when the client leaves before the answer, the upstream is left as well', async (t) => {
	const upstream = createServer();
	const asked = once(upstream, 'request') as Promise<[IncomingMessage, ServerResponse]>;
	const { port, passed, ended } = await startFront(t, await listen(t, upstream));
	const client = connect(port, '127.0.0.1');
	client.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
	const [, res] = await asked;
	client.destroy();
	await once(res, 'close');
	await ended(1);
	t.like(passed, [{ kind: 'cut', by: 'client' }]);
});

test('when the client leaves within the answer, the upstream is left as well', async (t) => {
	const upstream = createServer();
	const asked = once(upstream, 'request') as Promise<[IncomingMessage, ServerResponse]>;
	const { port, passed, ended } = await startFront(t, await listen(t, upstream));
	const client = connect(port, '127.0.0.1');
	client.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
	const [, res] = await asked;
	res.write('half');
	await once(client, 'data');
	client.destroy();
	await once(res, 'close');
	await ended(1);
	t.like(passed, [{ kind: 'cut', by: 'client' }]);
});

test('when the client leaves within its request, the upstream does not take it for a whole one', async (t) => {
	for (const framing of ['Content-Length: 10\r\n\r\nhalf', 'Transfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n']) {
		const upstream = createServer();
		const asked = once(upstream, 'request') as Promise<[IncomingMessage]>;
		const { port, ended } = await startFront(t, await listen(t, upstream));
		const client = connect(port, '127.0.0.1');
		client.write(`POST / HTTP/1.1\r\nHost: a\r\n${framing}`);
		const [req] = await asked;
		const closed = new Promise((resolve) => req.on('error', () => {}).once('close', resolve));
		await once(req, 'data');
		client.destroy();
		await closed;
		t.false(req.complete);
		await ended(1);
	}
});

test('an upstream that has seen enough answers before it has all, and the client can read it', async (t) => {
	const upstream = createNetServer((socket) => {
		socket
			.on('error', () => {})
			.once('data', () => {
				socket.end('HTTP/1.1 413 Enough\r\nConnection: close\r\nContent-Length: 9\r\n\r\ntoo large');
				socket.resume();
			});
	});
	const { port } = await startFront(t, await listen(t, upstream));
	const { status, body } = await ask(port, '/', { method: 'POST' }, 'x'.repeat(5_000_000));
	t.deepEqual([status, body], [413, 'too large']);
});

test('so it can where the upstream then closes with much of the body unread, and resets what comes', async (t) => {
	const upstream = createNetServer({ pauseOnConnect: true }, (socket) => {
		socket.on('error', () => {}).write('HTTP/1.1 413 Enough\r\nContent-Length: 9\r\n\r\ntoo large');
		socket.read(1);
		socket.end(() => socket.destroy());
	});
	const { port } = await startFront(t, await listen(t, upstream));
	for (let round = 0; round < 20; round++) {
		const { status, body } = await ask(port, '/', { method: 'POST' }, 'x'.repeat(1_000_000));
		t.deepEqual([status, body], [413, 'too large']);
	}
});

test('after such an answer the connection of the client is as good as before', async (t) => {
	const upstream = createServer((req, res) => {
		if (req.method === 'POST') res.writeHead(413).end('too large');
		else res.end('next');
	});
	const { port } = await startFront(t, await listen(t, upstream));
	const bytes = `POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n${'x'.repeat(1_000_000)}`;
	const answer = await raw(port, `${bytes}GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`);
	t.regex(answer, /^HTTP\/1.1 413 [\s\S]*too large[\s\S]*HTTP\/1.1 200 OK[\s\S]*next/);
});

test('after a 502 the connection of the client is as good as before', async (t) => {
	const { port } = await startFront(t, 'http://127.0.0.1:1');
	const bytes = `POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n${'x'.repeat(1_000_000)}`;
	const answer = await raw(port, `${bytes}GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`);
	t.is(answer.match(/HTTP\/1.1 502/g)?.length, 2);
});

test('connections to the upstream are used again, and one that it has closed is not', async (t) => {
	const upstream = createServer((_, res) => res.end('ok'));
	const sockets = new Set<Socket>();
	upstream.on('connection', (socket) => sockets.add(socket));
	const { port } = await startFront(t, await listen(t, upstream));
	for (let i = 0; i < 3; i++) t.is((await ask(port, '/')).status, 200);
	t.is(sockets.size, 1);
	upstream.closeAllConnections();
	for (const socket of sockets) if (!socket.closed) await once(socket, 'close');
	await wait(10);
	t.is((await ask(port, '/')).status, 200);
	t.is(sockets.size, 2);
});
