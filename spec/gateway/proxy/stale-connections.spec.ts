import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { connect, createServer, type Socket } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import { ask, listen, startFront } from './servers.ts';

/*
 * An upstream closes a connection that was kept just when the next request is on its way. Where asking twice changes
 * nothing, the client does not notice. Rule: RFC 9110, 9.2.2.
 */

const good = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';

/** An upstream that answers the first request of each connection, and does something else at the next one. */
async function startStale(t: ExecutionContext, atTheNext: (socket: Socket) => void) {
	const requests: string[] = [];
	/** Those that came on a connection that was kept. */
	const later: string[] = [];
	const upstream = createServer((socket) => {
		let first = true;
		socket
			.on('error', () => {})
			.on('data', (bytes) => {
				const line = bytes.toString().split('\r\n', 1)[0] ?? '';
				requests.push(line);
				if (!first) later.push(line);
				if (first) socket.write(good);
				else atTheNext(socket);
				first = false;
			});
	});
	return { requests, later, port: await listen(t, upstream) };
}

/** The answer to a GET that met a kept connection: a machine that stands still for a second lets go of it before. */
async function askOnKept(upstream: { readonly later: readonly string[] }, port: number) {
	for (let round = 0; ; round++) {
		const { status } = await ask(port, `/${round}`);
		const line = `GET /${round} HTTP/1.1`;
		if (upstream.later.includes(line)) return { status, line };
	}
}

const endings = {
	resets: (socket: Socket) => socket.resetAndDestroy(),
	closes: (socket: Socket) => socket.destroy(),
	'closes its side of': (socket: Socket) => socket.end(),
};
for (const [ends, end] of Object.entries(endings)) {
	test(`a GET on a kept connection that the upstream ${ends} is asked again, on a new one`, async (t) => {
		const upstream = await startStale(t, end);
		const { port } = await startFront(t, upstream.port);
		for (let round = 0; round < 6; round++) {
			for (const method of ['GET', 'OPTIONS']) {
				const { status, body } = await ask(port, `/${round}`, { method });
				t.deepEqual([status, body], [200, 'ok']);
			}
		}
		t.true(upstream.requests.length > 12, 'some were asked again');
	});
}

test('an upstream that closes soon after each answer, at any moment, is no 502 for a GET', async (t) => {
	const upstream = createServer((socket) => {
		socket
			.on('error', () => {})
			.on('data', () => {
				socket.write(good);
				setTimeout(() => socket.destroy(), Math.random() * 10);
			});
	});
	const { port } = await startFront(t, await listen(t, upstream));
	for (let round = 0; round < 60; round++) {
		t.is((await ask(port, '/')).status, 200);
		await wait(round % 10);
	}
});

test('what may change something is never asked twice, nor does it meet such a connection', async (t) => {
	const upstream = await startStale(t, endings.resets);
	const { port } = await startFront(t, upstream.port);
	const asked: string[] = [];
	for (const method of ['POST', 'PUT', 'PATCH', 'DELETE', 'HEAD']) {
		for (const body of method === 'HEAD' ? [undefined] : [undefined, 'a body']) {
			t.is((await ask(port, '/get')).status, 200);
			const path = `/${method}/${body?.length ?? 0}`;
			const headers = { 'Content-Length': body?.length ?? 0 };
			t.is((await ask(port, path, { method, headers }, body)).status, 200, path);
			asked.push(`${method} ${path} HTTP/1.1`);
		}
	}
	t.deepEqual(
		upstream.requests.filter((line) => !line.includes('/get')),
		asked,
	);
});

const answered = {
	'half a status line': 'HTTP/1.1 2',
	'an interim answer': 'HTTP/1.1 100 Continue\r\n\r\n',
	'what cannot be read': 'nonsense\r\n\r\n',
};
for (const [says, bytes] of Object.entries(answered)) {
	test(`a GET that was answered with ${says} is not asked again`, async (t) => {
		const upstream = await startStale(t, (socket) => socket.end(bytes));
		const { port } = await startFront(t, upstream.port);
		const { status, line } = await askOnKept(upstream, port);
		t.is(status, 502);
		t.is(upstream.requests.filter((each) => each === line).length, 1);
	});
}

test('a GET that fails on a new connection is not asked again', async (t) => {
	let connections = 0;
	const upstream = createServer((socket) => {
		connections += 1;
		socket.on('error', () => {}).once('data', () => socket.destroy());
	});
	const { port } = await startFront(t, await listen(t, upstream));
	t.is((await ask(port, '/')).status, 502);
	t.is(connections, 1);
});

test('a GET that waits for too long on a kept connection is not asked again', async (t) => {
	const upstream = await startStale(t, () => {});
	const { port } = await startFront(t, upstream.port, { timeoutMs: 300 });
	const { status, line } = await askOnKept(upstream, port);
	t.is(status, 504);
	t.is(upstream.requests.filter((each) => each === line).length, 1);
});

test('a GET whose client has left is not asked again', async (t) => {
	const upstream = createHttpServer();
	const { port, passed, ended } = await startFront(t, await listen(t, upstream));
	let requests = 0;
	upstream.on('request', (_, res) => {
		requests += 1;
		if (requests === 1) res.end('ok');
		else client.destroy();
	});
	t.is((await ask(port, '/')).status, 200);
	const client = connect(port, '127.0.0.1');
	client.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
	await once(client, 'close');
	await ended(2);
	t.like(passed[1], { kind: 'cut', by: 'client' });
	t.is(requests, 2);
});
