import { createServer } from 'node:https';
import { setDefaultCACertificates, type TLSSocket } from 'node:tls';
import test, { type ExecutionContext } from 'ava';
import WebSocket, { WebSocketServer } from 'ws';
import { newCa, serverAuth } from '../../_support/certificates.ts';
import { ask, listen, raw, startFront } from './servers.ts';

const ca = await newCa();
setDefaultCACertificates([ca.cert]);

/** An https upstream, and how many requests got as far as it. */
async function startUpstream(t: ExecutionContext, { trusted = true, host = 'localhost' } = {}) {
	const { cert, key } = await (trusted ? ca : await newCa('Another CA')).issue({
		hosts: [host],
		purposes: [serverAuth],
	});
	let reached = 0;
	const server = createServer({ cert, key }, (req, res) => {
		reached++;
		res.end(`${(req.socket as TLSSocket & { servername: string }).servername} ${req.headers.host}`);
	});
	return { server, port: await listen(t, server), reached: () => reached };
}

test('an https upstream is asked by its own name, whatever host the client asked for', async (t) => {
	const { port } = await startUpstream(t);
	const front = await startFront(t, `https://localhost:${port}`);
	t.is((await ask(front.port, '/', { headers: { Host: 'front.example' } })).body, 'localhost front.example');
});

test('an https upstream without a certificate that we trust is a 502, and gets no request', async (t) => {
	for (const wrong of [{ trusted: false }, { host: 'else.example' }]) {
		const { port, reached } = await startUpstream(t, wrong);
		const front = await startFront(t, `https://localhost:${port}`);
		t.is((await ask(front.port, '/', { headers: { Host: wrong.host ?? 'localhost' } })).status, 502);
		const handshake = 'GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n';
		t.regex(await raw(front.port, handshake), /^HTTP\/1.1 502 /);
		t.is(reached(), 0);
	}
});

test('a tunnel to an https upstream is encrypted', async (t) => {
	const { server, port } = await startUpstream(t);
	new WebSocketServer({ server }).on(
		'connection',
		(socket, { socket: { encrypted } }: { socket: { encrypted?: boolean } }) => socket.send(String(encrypted)),
	);
	const client = new WebSocket(`ws://127.0.0.1:${(await startFront(t, `https://localhost:${port}`)).port}/`);
	const message = await new Promise((resolve) => client.once('message', (bytes) => resolve(String(bytes))));
	t.is(message, 'true');
	client.terminate();
});

test('a GET on a kept connection that an https upstream closes is asked again; bodies travel on connections of their own', async (t) => {
	const { server, port, reached } = await startUpstream(t);
	const served = new WeakSet();
	let fresh = 0;
	server.prependListener('request', (req) => {
		if (served.has(req.socket)) req.socket.destroy();
		else fresh++;
		served.add(req.socket);
	});
	const front = await startFront(t, `https://localhost:${port}`);
	for (let round = 0; round < 4; round++) {
		t.is((await ask(front.port, '/')).status, 200);
		t.is((await ask(front.port, '/', { method: 'POST' }, 'body')).status, 200);
	}
	t.is(fresh, 8);
	t.true(reached() > 8, 'some were asked again');
});
