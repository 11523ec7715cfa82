import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import test, { type ExecutionContext } from 'ava';
import { listen } from '../../../src/http/server/listen.ts';

/* Requests that come on one connection before the first of them is answered. */

const log = { debug() {}, info() {}, warn() {}, error() {} };

async function start(t: ExecutionContext, handler: (req: IncomingMessage, res: ServerResponse) => unknown) {
	const listening = await listen({ handler, endpoints: [{ host: '127.0.0.1', port: 0 }], log });
	t.teardown(() => listening.close({ patienceMs: 0, graceMs: 0 }));
	const socket = connect(Number(new URL(listening.urls[0] ?? '').port), '127.0.0.1');
	await once(socket, 'connect');
	return { listening, socket: socket.on('error', () => undefined) };
}

const get = (path: string | number, ...headers: string[]) =>
	[`GET /${path} HTTP/1.1`, 'Host: a', ...headers, '', ''].join('\r\n');
const gets = (count: number) => Array.from({ length: count }, (_, at) => get(at)).join('');
const answered = (answers: string) => [...answers.matchAll(/answer to \/(\d+)/g)].map(([, path]) => Number(path));
const upTo = (count: number) => Array.from({ length: count }, (_, at) => at);

test('they are handled one by one, and answered in order', async (t) => {
	let [now, most] = [0, 0];
	const { socket } = await start(t, (req, res) => {
		most = Math.max(most, ++now);
		setImmediate(() => {
			now -= 1;
			res.end(`answer to ${req.url}`);
		});
	});
	socket.write(gets(50) + get(50, 'Connection: close'));
	t.deepEqual(answered(await text(socket)), upTo(51));
	t.is(most, 1);
});

test('bodies of those that wait arrive whole', async (t) => {
	const { socket } = await start(t, async (req, res) => res.end(`answer to /${(await text(req)).length}`));
	const lengths = [1, 100_000, 0, 300_000];
	const post = (length: number, at: number) =>
		`POST / HTTP/1.1\r\nHost: a\r\n${at === 3 ? 'Connection: close\r\n' : ''}Content-Length: ${length}\r\n\r\n${'x'.repeat(length)}`;
	socket.write(lengths.map(post).join(''));
	t.deepEqual(answered(await text(socket)), lengths);
});

test('of a flood of them a hundred wait at the most, are answered, and the connection ends', async (t) => {
	let handled = 0;
	const first = Promise.withResolvers<ServerResponse>();
	const { socket } = await start(t, (req, res) => {
		if (handled++ === 0) first.resolve(res);
		else res.end(`answer to ${req.url}`);
	});
	const all = text(socket);
	socket.write(gets(40_000));
	const held = await first.promise;
	// All of it is read, although nothing is answered.
	await new Promise((resolve) => socket.write('', resolve));
	t.is(handled, 1);
	held.end('answer to /0');
	const answers = await all;
	t.deepEqual(answered(answers), upTo(101));
	t.is(answers.match(/\r\nConnection: close\r\n/gi)?.length, 1);
	t.is(handled, 101);
});

test('those that wait are answered before the connection ends for what cannot be read behind them', async (t) => {
	const { socket } = await start(t, (req, res) => setImmediate(() => res.end(`answer to ${req.url}`)));
	socket.write(`${gets(3)}hello\r\n\r\n`);
	const answers = await text(socket);
	t.deepEqual(answered(answers), upTo(3));
	t.notRegex(answers, /HTTP\/1.1 4/);
});

test('those that wait are answered when the service is told to stop', async (t) => {
	const first = Promise.withResolvers<ServerResponse>();
	const { socket, listening } = await start(t, (req, res) => {
		if (req.url === '/0') first.resolve(res);
		else res.end(`answer to ${req.url}`);
	});
	const all = text(socket);
	socket.write(gets(3));
	const held = await first.promise;
	const ending = () => void setImmediate(() => held.end('answer to /0'));
	const closed = listening.close({ patienceMs: 60_000, graceMs: 0, ending });
	const answers = await all;
	t.deepEqual(answered(answers), upTo(3));
	t.regex(answers.slice(answers.lastIndexOf('HTTP/1.1 ')), /\r\nConnection: close\r\n/i);
	await closed;
});
