import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import test from 'ava';
import { type Client, createClient } from '../../_support/client.ts';
import { startService, type TestService } from '../../_support/service.ts';
import { listen, raw, startFront } from './servers.ts';

/*
 * Whatever an upstream answers, and however it leaves: nothing ends the service, no connection is left behind, and the
 * next request is answered. One service, and one upstream that answers as the target asks it to.
 */

const password = 'a long enough secret';
const head = 'HTTP/1.1 200 OK\r\n';
const body = 'Content-Length: 2\r\n\r\nok';
const good = `${head}${body}`;

/** What is sent, and the status that a GET or POST gets where the upstream then closes; none: whatever it may be. */
const answers: { says: string; bytes: string; status?: number }[] = [
	{ says: 'nothing', bytes: '', status: 502 },
	{ says: 'another protocol', bytes: 'SSH-2.0-OpenSSH\r\n', status: 502 },
	{ says: 'bytes', bytes: '\x16\x03\x01\0\xff\xfe\r\n\r\n', status: 502 },
	{ says: 'a page without a head', bytes: '<html>hello</html>\r\n\r\n', status: 502 },
	{ says: 'half a version', bytes: 'HTTP/1.', status: 502 },
	{ says: 'half a status line', bytes: 'HTTP/1.1 20', status: 502 },
	{ says: 'a status line alone', bytes: 'HTTP/1.1 200 OK\r\n', status: 502 },
	{ says: 'half a head', bytes: `${head}Content-Le`, status: 502 },
	{ says: 'HTTP/1.0', bytes: 'HTTP/1.0 200 OK\r\n\r\nuntil the end', status: 200 },
	{ says: 'HTTP/2.0', bytes: `HTTP/2.0 200 OK\r\n${body}` },
	{ says: 'HTTP/9.9', bytes: `HTTP/9.9 200 OK\r\n${body}`, status: 502 },
	{ says: 'status 000', bytes: `HTTP/1.1 000 Hm\r\n${body}`, status: 502 },
	{ says: 'status 099', bytes: `HTTP/1.1 099 Hm\r\n${body}`, status: 502 },
	{ says: 'a status of two digits', bytes: `HTTP/1.1 20 OK\r\n${body}`, status: 502 },
	{ says: 'a status of four digits', bytes: `HTTP/1.1 2000 OK\r\n${body}`, status: 502 },
	{ says: 'a negative status', bytes: `HTTP/1.1 -20 OK\r\n${body}`, status: 502 },
	{ says: 'a status in words', bytes: `HTTP/1.1 two OK\r\n${body}`, status: 502 },
	{ says: 'status 600', bytes: `HTTP/1.1 600 Hm\r\n${body}`, status: 600 },
	{ says: 'status 999', bytes: `HTTP/1.1 999 Hm\r\n${body}`, status: 999 },
	{ says: 'no reason', bytes: `HTTP/1.1 200\r\n${body}`, status: 200 },
	{ says: 'a control in the reason', bytes: `HTTP/1.1 200 O\x01K\r\n${body}` },
	{ says: 'bytes in the reason', bytes: `HTTP/1.1 200 \xc3\xa9\r\n${body}` },
	{ says: 'a WebSocket', bytes: 'HTTP/1.1 101 Go\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n', status: 502 },
	{ says: 'h2c', bytes: 'HTTP/1.1 101 Go\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n', status: 502 },
	{ says: '101 to nothing', bytes: 'HTTP/1.1 101 Go\r\n\r\n', status: 502 },
	{ says: '101 without Connection', bytes: 'HTTP/1.1 101 Go\r\nUpgrade: websocket\r\n\r\n', status: 502 },
	{
		says: '101 and an answer',
		bytes: `HTTP/1.1 101 Go\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n${good}`,
		status: 502,
	},
	{ says: '100 and no more', bytes: 'HTTP/1.1 100 Continue\r\n\r\n', status: 502 },
	{ says: '100 unasked, and an answer', bytes: `HTTP/1.1 100 Continue\r\n\r\n${good}`, status: 200 },
	{ says: 'early hints, and an answer', bytes: `HTTP/1.1 103 Early\r\nLink: </a>\r\n\r\n${good}`, status: 200 },
	{ says: '199 and an answer', bytes: `HTTP/1.1 199 Hm\r\n\r\n${good}`, status: 200 },
	{ says: 'a flood of 100', bytes: 'HTTP/1.1 100 Continue\r\n\r\n'.repeat(5000) + good, status: 502 },
	{ says: 'a flood of 102', bytes: `HTTP/1.1 102 Hm\r\nX: ${'x'.repeat(9000)}\r\n\r\n`.repeat(50), status: 502 },
	{ says: 'a NUL in a header', bytes: `${head}X: a\0b\r\n${body}`, status: 502 },
	{ says: 'a bare line feed', bytes: `HTTP/1.1 200 OK\nContent-Length: 2\n\nok` },
	{ says: 'a header without colon', bytes: `${head}Content-Length 2\r\n\r\nok`, status: 502 },
	{ says: 'a space before the colon', bytes: `${head}X : a\r\n${body}`, status: 502 },
	{ says: 'a header without name', bytes: `${head}: a\r\n${body}`, status: 502 },
	{ says: 'a folded header', bytes: `${head}X: a\r\n b\r\n${body}` },
	{ says: 'a header of 100 KB', bytes: `${head}X: ${'x'.repeat(100_000)}\r\n${body}`, status: 502 },
	{ says: '5,000 headers', bytes: `${head}${'X: abc\r\n'.repeat(5000)}${body}`, status: 502 },
	{ says: 'two lengths', bytes: `${head}Content-Length: 1\r\n${body}`, status: 502 },
	{ says: 'a length beside chunks', bytes: `${head}Transfer-Encoding: chunked\r\n${body}`, status: 502 },
	{ says: 'a negative length', bytes: `${head}Content-Length: -2\r\n\r\nok`, status: 502 },
	{ says: 'a length in words', bytes: `${head}Content-Length: two\r\n\r\nok`, status: 502 },
	{ says: 'a length beyond numbers', bytes: `${head}Content-Length: ${'9'.repeat(30)}\r\n\r\nok`, status: 502 },
	{ says: 'less than its length', bytes: `${head}Content-Length: 9\r\n\r\nok`, status: 200 },
	{ says: 'more than its length', bytes: `${good}and more`, status: 200 },
	{ says: 'an answer nobody asked for', bytes: `${good}${good}`, status: 200 },
	{ says: 'chunks', bytes: `${head}Transfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n`, status: 200 },
	{ says: 'chunks without end', bytes: `${head}Transfer-Encoding: chunked\r\n\r\n2\r\nok\r\n`, status: 200 },
	{ says: 'half a chunk', bytes: `${head}Transfer-Encoding: chunked\r\n\r\n20\r\nok`, status: 200 },
	{ says: 'chunks that are none', bytes: `${head}Transfer-Encoding: chunked\r\n\r\nxyz\r\nok\r\n0\r\n\r\n` },
	{ says: 'a chunk too long', bytes: `${head}Transfer-Encoding: chunked\r\n\r\n1\r\nok\r\n0\r\n\r\n` },
	{ says: 'a chunk beyond numbers', bytes: `${head}Transfer-Encoding: chunked\r\n\r\n${'f'.repeat(30)}\r\nok` },
	{ says: 'an unknown coding', bytes: `${head}Transfer-Encoding: x\r\n\r\nok` },
	{ says: 'a body with 204', bytes: `HTTP/1.1 204 No\r\n${body}`, status: 204 },
	{ says: 'a body with 304', bytes: `HTTP/1.1 304 No\r\n${body}`, status: 304 },
	{ says: 'Connection naming all', bytes: `${head}Connection: Content-Length, Date\r\n${body}`, status: 200 },
];

const kinds = ['GET', 'HEAD', 'POST', 'WebSocket'] as const;
const leaves = ['closes', 'resets'] as const;

const upstream = createServer((socket) => {
	socket
		.on('error', () => {})
		.once('data', (bytes) => {
			const [, at, leaving] = /\/x\/(\d+)\/(\w+)/.exec(bytes.toString('latin1')) ?? [];
			if (at === undefined) return socket.end(good);
			socket.write(answers[Number(at)]?.bytes ?? '', 'latin1');
			// What was written is to arrive first: a reset takes back what waits.
			setTimeout(() => (leaving === 'resets' ? socket.resetAndDestroy() : socket.end()), 5);
		});
});
let service: TestService;
let port: number;
let ann: Client;

test.before(async (t) => {
	upstream.listen(0, '127.0.0.1');
	await once(upstream, 'listening');
	const { port: its } = upstream.address() as { port: number };
	const resource = { path: '/x', permission: 'rest.x', xsrf: 'unsafe', upstream: `http://127.0.0.1:${its}` };
	service = await startService({ resources: [resource] });
	port = Number(new URL(service.url).port);
	await service.add('ann', password, { permissions: ['rest.x'] });
	ann = createClient({ port });
	await ann.login('ann', password);
	t.is((await ann.send('/x/good')).text, 'ok');
});
test.after.always(async () => {
	upstream.close();
	await service?.close();
});

/** The bytes of a request, on a connection that ends with it. */
function requestOf(kind: (typeof kinds)[number], target: string): string {
	const who = `Host: 127.0.0.1:${port}\r\nCookie: ${ann.cookies()}\r\nX-XSRF-Token: ${ann.xsrfToken()}\r\n`;
	if (kind === 'WebSocket')
		return `GET ${target} HTTP/1.1\r\n${who}Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n`;
	const rest = kind === 'POST' ? 'Content-Length: 4\r\n\r\nbody' : '\r\n';
	return `${kind} ${target} HTTP/1.1\r\n${who}Connection: close\r\n${rest}`;
}

/** Connections of this process: both ends of each, and the servers' own are none. */
const connections = () => process.getActiveResourcesInfo().filter((what) => what === 'TCPSocketWrap').length;

async function untilNoConnections() {
	while (connections() > 0) await wait(20);
}

for (const kind of kinds) {
	for (const leaving of leaves) {
		test.serial(
			`a ${kind} survives ${answers.length} misbehaving answers of an upstream that then ${leaving}`,
			async (t) => {
				await untilNoConnections();
				const all = answers.map(async ({ says, status }, at) => {
					const answer = await raw(port, requestOf(kind, `/x/${at}/${leaving}`));
					const got = Number(/^HTTP\/1.1 (\d+) /.exec(answer)?.[1]);
					// A reset may come before its answer is read.
					const may = leaving === 'resets' ? [status, 502] : [status];
					if (status !== undefined && (kind === 'GET' || kind === 'POST'))
						t.true(may.includes(got), `${says}: ${answer}`);
					const isTunnel =
						kind === 'WebSocket' && /Go\r\nConnection: Upgrade\r\nUpgrade: websocket/.test(answers[at]?.bytes ?? '');
					t.is(got === 101 && !isTunnel, false, `${says}: ${answer}`);
				});
				t.true(connections() > 0);
				await Promise.all(all);
				t.is((await ann.send('/x/good')).text, 'ok');
				await untilNoConnections();
				t.deepEqual(
					service.lines.filter(({ level }) => level === 'error' || Number(level) >= 50),
					[],
				);
			},
		);
	}
}

for (const [kind, upgrade] of [
	['GET', 'websocket'],
	['WebSocket', 'h2c'],
] as const) {
	test.serial(`an upstream that answers a ${kind} with a change to ${upgrade} is let go at once`, async (t) => {
		const rude = createServer();
		const connected = once(rude, 'connection') as Promise<[Socket]>;
		const front = await startFront(t, await listen(t, rude));
		const answered = raw(front.port, requestOf(kind, '/x'));
		const [socket] = await connected;
		const ended = once(
			socket.on('error', () => {}),
			'close',
		);
		socket.resume().write(`HTTP/1.1 101 Go\r\nConnection: Upgrade\r\nUpgrade: ${upgrade}\r\n\r\n`);
		t.regex(await answered, /^HTTP\/1.1 502 /);
		await ended;
	});
}
