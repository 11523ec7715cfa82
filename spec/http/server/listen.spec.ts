import { execFileSync, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { connect, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import { type Endpoint, listen } from '../../../src/http/server/listen.ts';

const log = { debug() {}, info() {}, warn() {}, error() {} };
const here: Endpoint = { host: '127.0.0.1', port: 0 };

async function start(
	t: ExecutionContext,
	handler = (_: IncomingMessage, res: ServerResponse): unknown => res.end('ok'),
	answered?: (status: number) => void,
) {
	const listening = await listen({ handler, endpoints: [here], log, answered });
	t.teardown(() => listening.close({ patienceMs: 0, graceMs: 0 }));
	const port = Number(new URL(listening.urls[0] ?? '').port);
	const dial = async () => {
		const socket = connect(port, '127.0.0.1');
		await once(socket, 'connect');
		return socket.on('error', () => undefined);
	};
	return { listening, port, dial };
}

const request = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n';

/** All that comes back until the other side closes. */
async function answerTo(socket: Socket, bytes: string): Promise<string> {
	socket.write(bytes, 'latin1');
	return text(socket);
}

const unreadable: readonly (readonly [says: string, bytes: string, status: number])[] = [
	['no HTTP', 'hello\r\n\r\n', 400],
	['headers of more than 16 KiB', `GET / HTTP/1.1\r\nHost: a\r\nCookie: ${'x'.repeat(16_384)}\r\n\r\n`, 431],
	[
		'a hundred cookies of 4 KiB',
		`GET / HTTP/1.1\r\nHost: a\r\n${`Cookie: ${'x'.repeat(4096)}\r\n`.repeat(100)}\r\n`,
		431,
	],
	['a length twice', 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n', 400],
	['a length and chunks', 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n', 400],
	['a space before a colon', 'GET / HTTP/1.1\r\nHost: a\r\nX : b\r\n\r\n', 400],
	['a method that nobody knows', 'BREW / HTTP/1.1\r\nHost: a\r\n\r\n', 400],
];

for (const [says, bytes, status] of unreadable) {
	test(`what cannot be read is answered and ends the connection: ${says}`, async (t) => {
		const counted: number[] = [];
		const { dial } = await start(t, undefined, (each) => counted.push(each));
		const answer = await answerTo(await dial(), bytes);
		t.true(answer.startsWith(`HTTP/1.1 ${status} `), answer.slice(0, 80));
		t.deepEqual(counted, [status]);
		t.regex(answer, /\r\nX-Request-Id: \S+\r\n/);
		t.regex(answer, /\r\nConnection: close\r\n/i);
		t.regex(answer, /\r\nX-Content-Type-Options: nosniff\r\n/);
		t.regex(answer, /\r\n\r\n\{"message":"[^"]+","code":"[a-z-]+"\}$/);
	});
}

const behind: readonly (readonly [says: string, bytes: string])[] = [
	['no HTTP', 'hello\r\n\r\n'],
	['a length twice', 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n'],
	['chunks that are none', 'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nhello\r\n'],
	['no HTTP, again and again', 'hello\r\n\r\n'.repeat(10_000)],
];
/** Resolves when something was read behind this request. */
async function moreIsRead({ socket }: IncomingMessage): Promise<void> {
	while (socket.bytesRead <= request.length) await sleep(5);
}

for (const [says, bytes] of behind) {
	test(`what cannot be read takes nothing from a request before it, whose answer is the last: ${says}`, async (t) => {
		const asked = Promise.withResolvers<void>();
		const { dial } = await start(t, async (req, res) => {
			asked.resolve();
			await moreIsRead(req);
			res.end('ok');
		});
		const socket = await dial();
		socket.write(request);
		await asked.promise;
		const answer = await answerTo(socket, bytes);
		t.regex(answer, /^HTTP\/1.1 200 OK\r\n[\s\S]*Connection: close\r\n[\s\S]*\r\n\r\nok$/);
	});

	test(`what cannot be read is not answered within the answer before it: ${says}`, async (t) => {
		const { dial } = await start(t, async (req, res) => {
			res.writeHead(200, { 'Content-Length': 10 }).write('first');
			await moreIsRead(req);
			res.end('later');
		});
		const socket = await dial();
		socket.write(request);
		await once(socket, 'readable');
		const answer = await answerTo(socket, bytes);
		t.regex(answer, /^HTTP\/1.1 200 OK\r\n[\s\S]*?\r\n\r\nfirstlater/);
		t.notRegex(answer, /HTTP\/1.1 4/);
	});
}

test('a handler that throws ends its connection, and nothing else: whichever event of the socket it was', async (t) => {
	const { dial } = await start(t, () => {
		throw new Error('broken');
	});
	for (const bytes of [
		request,
		request.replace('\r\n\r\n', '\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n'),
		request.replace('\r\n\r\n', '\r\nExpect: x\r\n\r\n'),
		'CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n',
	]) {
		t.is(await answerTo(await dial(), bytes).catch(() => ''), '', bytes);
	}
	t.regex(await answerTo(await dial(), 'hello\r\n\r\n'), /^HTTP\/1\.1 400 /);
});

test('half an answer to a request whose rest cannot be read is cut', async (t) => {
	const { dial } = await start(t, (req, res) => {
		req.on('error', () => undefined);
		res.writeHead(200, { 'Content-Length': 10 }).write('first');
	});
	const socket = await dial();
	socket.write('POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n');
	await once(socket, 'readable');
	const answer = await answerTo(socket, 'hello\r\n').catch(() => 'cut');
	t.true(answer === 'cut' || answer.endsWith('first'), answer);
});

const withSs = spawnSync('ss', ['-V']).error === undefined ? test : test.skip;
withSs(
	`the kernel asks whether a silent client is still there${withSs === test ? '' : ' (skipped: ss is not installed)'}`,
	async (t) => {
		const { dial, port } = await start(t, (_, res) => res.writeHead(200).flushHeaders());
		const socket = await dial();
		socket.write(request);
		await once(socket, 'readable');
		const ours = ['-Htno', 'state', 'established', `( sport = :${port} )`];
		t.regex(execFileSync('ss', ours, { encoding: 'utf8' }), /timer:\(keepalive,/);
	},
);

test('all endpoints are opened, or none', async (t) => {
	const { port } = await start(t);
	const handler = () => undefined;
	const fault = await t.throwsAsync(listen({ handler, endpoints: [here, { ...here, port }], log }));
	t.is((fault as NodeJS.ErrnoException).code, 'EADDRINUSE');
});

test('told to stop, it still takes connections for a moment, then says on those it has that they end', async (t) => {
	const { listening, port, dial } = await start(t);
	const kept = await dial();
	const closed = listening.close({ patienceMs: 5000 });
	kept.write(request);
	const [first] = await once(kept, 'data');
	t.regex(String(first), /^HTTP\/1\.1 200 [\s\S]*\r\nConnection: keep-alive\r\n/);
	t.regex(
		await answerTo(await dial(), request.replace('\r\n\r\n', '\r\nConnection: close\r\n\r\n')),
		/^HTTP\/1\.1 200 /,
	);
	while (await isListening(port)) await sleep(5);
	t.regex(await answerTo(kept, request), /^HTTP\/1\.1 200 [\s\S]*\r\nConnection: close\r\n/);
	await closed;
});

async function isListening(port: number): Promise<boolean> {
	const socket = connect(port, '127.0.0.1');
	const isOpen = await once(socket, 'connect').then(
		() => true,
		() => false,
	);
	socket.destroy();
	return isOpen;
}

test('told to stop, it waits for what is under way', async (t) => {
	const asked = Promise.withResolvers<ServerResponse>();
	const { listening, port, dial } = await start(t, (_, res) => asked.resolve(res));
	const answered = answerTo(await dial(), request);
	const waiting = await asked.promise;
	const closed = listening.close({ patienceMs: 60_000 });
	while (await isListening(port)) await sleep(5);
	waiting.end('late');
	t.regex(await answered, /late$/);
	await closed;
});

test('told to stop, it cuts what takes longer than it may', async (t) => {
	const asked = Promise.withResolvers<void>();
	const { listening, dial } = await start(t, () => asked.resolve());
	const cut = answerTo(await dial(), request).catch(() => '');
	await asked.promise;
	await listening.close({ patienceMs: 1200 });
	t.is(await cut, '');
});

test('a connection that is idle when it is told to stop does not keep it', async (t) => {
	const { listening, dial } = await start(t);
	const idle = await dial();
	const ended = once(idle.resume(), 'close');
	await listening.close({ patienceMs: 60_000 });
	await ended;
	t.pass();
});
