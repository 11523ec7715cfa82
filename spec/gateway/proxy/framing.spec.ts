import { once } from 'node:events';
import { createServer } from 'node:http';
import { createServer as createNetServer, type Socket } from 'node:net';
import test from 'ava';
import { ask, type Echo, echo, listen, raw, startFront } from './servers.ts';

/** A second request, hidden in the first: it must never be one of its own. */
const hidden = 'GET /hidden HTTP/1.1\r\nHost: a\r\n\r\n';
const post = 'POST / HTTP/1.1\r\nHost: a\r\n';
const chunk = `${hidden.length.toString(16)}\r\n${hidden}\r\n0\r\n\r\n`;

const refusals = [
	{
		says: 'a length beside chunks',
		bytes: `${post}Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${hidden}`,
	},
	{
		says: 'chunks beside a length',
		bytes: `${post}Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n${hidden}`,
	},
	{ says: 'two lengths', bytes: `${post}Content-Length: 0\r\nContent-Length: ${hidden.length}\r\n\r\n${hidden}` },
	{ says: 'the same length twice', bytes: `${post}Content-Length: 0\r\nContent-Length: 0\r\n\r\n${hidden}` },
	{ says: 'a list of lengths', bytes: `${post}Content-Length: 0, ${hidden.length}\r\n\r\n${hidden}` },
	{ says: 'a signed length', bytes: `${post}Content-Length: +5\r\n\r\nabcde${hidden}` },
	{ says: 'a length that is no number', bytes: `${post}Content-Length: 0x5\r\n\r\nabcde${hidden}` },
	{ says: 'chunked, identity', bytes: `${post}Transfer-Encoding: chunked, identity\r\n\r\n${chunk}` },
	{ says: 'identity', bytes: `${post}Transfer-Encoding: identity\r\n\r\n${hidden}` },
	{ says: 'gzip, chunked', bytes: `${post}Transfer-Encoding: gzip, chunked\r\n\r\n${chunk}` },
	{ says: 'chunked twice', bytes: `${post}Transfer-Encoding: chunked, chunked\r\n\r\n${chunk}` },
	{
		says: 'two Transfer-Encodings',
		bytes: `${post}Transfer-Encoding: chunked\r\nTransfer-Encoding: x\r\n\r\n${chunk}`,
	},
	{ says: 'an unknown coding', bytes: `${post}Transfer-Encoding: xchunked\r\n\r\n${chunk}` },
	{ says: 'a vertical tab before chunked', bytes: `${post}Transfer-Encoding: \x0bchunked\r\n\r\n${chunk}` },
	{ says: 'a space before the colon', bytes: `${post}Transfer-Encoding : chunked\r\n\r\n${chunk}` },
	{ says: 'a space before the name', bytes: `${post} Transfer-Encoding: chunked\r\n\r\n${chunk}` },
	{ says: 'a folded line', bytes: `${post}X: a\r\n Transfer-Encoding: chunked\r\n\r\n${chunk}` },
	{ says: 'bare line feeds', bytes: `POST / HTTP/1.1\nHost: a\nContent-Length: 0\n\n${hidden}` },
	{ says: 'a bare line feed', bytes: `${post}X: a\nTransfer-Encoding: chunked\r\n\r\n${chunk}` },
	{ says: 'a bare carriage return', bytes: `${post}X: a\rTransfer-Encoding: chunked\r\n\r\n${chunk}` },
	{ says: 'a NUL', bytes: `${post}X: a\0b\r\nContent-Length: 0\r\n\r\n${hidden}` },
	{
		says: 'a line feed in a chunk extension',
		bytes: `${post}Transfer-Encoding: chunked\r\n\r\n1;a\nb\r\nx\r\n0\r\n\r\n${hidden}`,
	},
	{
		says: 'a line feed behind a chunk’s length',
		bytes: `${post}Transfer-Encoding: chunked\r\n\r\n1\nx\r\n0\r\n\r\n${hidden}`,
	},
	{ says: 'a negative chunk', bytes: `${post}Transfer-Encoding: chunked\r\n\r\n-1\r\nx\r\n0\r\n\r\n${hidden}` },
	{
		says: 'a chunk without end',
		bytes: `${post}Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\nx\r\n0\r\n\r\n${hidden}`,
	},
	{ says: 'chunks before HTTP/1.1', bytes: `POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n${chunk}` },
	{ says: 'two hosts', bytes: `GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n` },
	{ says: 'the same host twice', bytes: `GET / HTTP/1.1\r\nHost: a\r\nhost: a\r\n\r\n` },
	{ says: 'no host', bytes: 'GET / HTTP/1.1\r\n\r\n' },
	{ says: 'a target in absolute form', bytes: 'GET http://b/hidden HTTP/1.1\r\nHost: a\r\n\r\n' },
	{
		says: 'an upgrade of a path that is ambiguous',
		bytes: 'GET /../a HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\n',
	},
	...['GET', 'HEAD', 'OPTIONS'].flatMap((method) => [
		{
			says: `a body with a length, with ${method}`,
			bytes: `${method} / HTTP/1.1\r\nHost: a\r\nContent-Length: ${hidden.length}\r\n\r\n${hidden}`,
		},
		{
			says: `a body in chunks, with ${method}`,
			bytes: `${method} / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n${chunk}`,
		},
	]),
];
for (const { says, bytes } of refusals) {
	test(`a request with ${says} is refused, and with it the connection`, async (t) => {
		let whole = 0;
		const upstream = createServer((req, res) => {
			req.on('end', () => whole++).resume();
			res.end('reached');
		});
		const { port } = await startFront(t, await listen(t, upstream));
		const answer = await raw(port, bytes);
		t.regex(answer, /^HTTP\/1.1 400 /);
		t.is(answer.match(/HTTP\/1.1 /g)?.length, 1, answer);
		t.is(whole, 0);
	});
}

const requests = [
	{ says: 'a length', bytes: `${post}Content-Length: ${hidden.length}\r\n\r\n${hidden}`, body: hidden },
	{ says: 'chunks', bytes: `${post}Transfer-Encoding: chunked\r\n\r\n${chunk}`, body: hidden },
	{ says: 'CHUNKED', bytes: `${post}Transfer-Encoding: CHUNKED\r\n\r\n${chunk}`, body: hidden },
	{
		says: 'chunk extensions',
		bytes: `${post}Transfer-Encoding: chunked\r\n\r\n1;a=b;c="d\\"e"\r\nx\r\n0;f\r\n\r\n`,
		body: 'x',
	},
	{
		says: 'trailers',
		bytes: `${post}Transfer-Encoding: chunked\r\nTrailer: X-Identity\r\n\r\n1\r\nx\r\n0\r\nX-Identity: admin\r\n\r\n`,
		body: 'x',
	},
	{
		says: 'chunks, with DELETE',
		bytes: `DELETE / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n${chunk}`,
		body: hidden,
	},
	{
		says: 'a length, with DELETE',
		bytes: `DELETE / HTTP/1.1\r\nHost: a\r\nContent-Length: ${hidden.length}\r\n\r\n${hidden}`,
		body: hidden,
	},
	{ says: 'a length of zero, with GET', bytes: 'GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n', body: '' },
	{ says: 'a length of zero', bytes: `${post}Content-Length: 0\r\n\r\n`, body: '' },
	{ says: 'no body', bytes: `${post}\r\n`, body: '' },
	{ says: 'no body, with PATCH', bytes: 'PATCH / HTTP/1.1\r\nHost: a\r\n\r\n', body: '' },
	{ says: 'no body, with DELETE', bytes: 'DELETE / HTTP/1.1\r\nHost: a\r\n\r\n', body: '' },
	{ says: 'no body, with GET', bytes: 'GET / HTTP/1.1\r\nHost: a\r\n\r\n', body: '' },
	{
		says: 'Connection naming its framing',
		bytes: `${post}Connection: Content-Length\r\nContent-Length: ${hidden.length}\r\n\r\n${hidden}`,
		body: hidden,
	},
	{
		says: 'Expect',
		bytes: `${post}Expect: 100-continue\r\nContent-Length: ${hidden.length}\r\n\r\n${hidden}`,
		body: hidden,
	},
];
const last = 'GET /last HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n';
for (const { says, bytes, body } of requests) {
	test(`a request with ${says} is one request upstream, and the next one is the next one`, async (t) => {
		const targets: (string | undefined)[] = [];
		const upstream = createServer((req, res) => {
			targets.push(req.url);
			return echo(req, res);
		});
		const { port } = await startFront(t, await listen(t, upstream));
		const answer = await raw(port, bytes + last);
		const echoes = answer.match(/\{.*\}/g)?.map((json) => JSON.parse(json) as Echo) ?? [];
		t.deepEqual(targets, ['/', '/last']);
		t.deepEqual(
			echoes.map(({ url }) => url),
			['/', '/last'],
		);
		t.is(echoes[0]?.body, body);
		t.notRegex(answer, /admin/);
	});
}

const ignored = [
	{
		says: 'an upgrade that nobody knows',
		bytes: `${post}Connection: Upgrade\r\nUpgrade: h2c\r\nContent-Length: ${hidden.length}\r\n\r\n${hidden}`,
		body: hidden,
	},
	{
		says: 'an upgrade with a body',
		bytes: `${post}Connection: Upgrade\r\nUpgrade: websocket\r\nContent-Length: ${hidden.length}\r\n\r\n${hidden}`,
		body: hidden,
	},
	{
		says: 'an upgrade before HTTP/1.1',
		bytes: `GET / HTTP/1.0\r\nConnection: Upgrade, keep-alive\r\nUpgrade: websocket\r\n\r\n`,
		body: '',
	},
];
for (const { says, bytes, body } of ignored) {
	test(`a request with ${says} is one request upstream, and the last one of its connection`, async (t) => {
		const upstream = createServer(echo);
		const { port } = await startFront(t, await listen(t, upstream));
		const answer = await raw(port, bytes + last);
		t.regex(answer, /\r\nConnection: close\r\n/);
		t.deepEqual(
			answer.match(/\{.*\}/g)?.map((json) => (JSON.parse(json) as Echo).body),
			[body],
		);
	});
}

test('what an upstream sends beyond its answer is not the answer to the next request', async (t) => {
	const upstream = createNetServer((socket) => {
		socket
			.on('error', () => {})
			.on('data', (bytes) => {
				const answer = bytes.includes('/last') ? 'last' : 'first';
				const more = answer === 'first' ? 'HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nforged' : '';
				socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${answer.length}\r\n\r\n${answer}${more}`);
			});
	});
	const { port } = await startFront(t, await listen(t, upstream));
	const answer = await raw(port, `GET /first HTTP/1.1\r\nHost: a\r\n\r\n${last}`);
	t.notRegex(answer, /forged/);
	t.regex(answer, /first[\s\S]*last/);
});

/**
 * An upstream that reads no bodies, as what is built on Python's `BaseHTTPRequestHandler` unless it does so by itself: what
 * it does not read is its next request. Answers with the target, keeps connections, and sends a body even to HEAD.
 */
function createCareless(targets: string[]) {
	return createNetServer((socket) => {
		let got = '';
		socket.on('error', () => {}).setEncoding('latin1');
		socket.on('data', (bytes) => {
			got += bytes;
			for (let end = got.indexOf('\r\n\r\n'); end !== -1; end = got.indexOf('\r\n\r\n')) {
				const head = got.slice(0, end);
				got = got.slice(end + 4);
				const target = head.split(' ')[1] ?? '';
				targets.push(target);
				const closes = /^connection: *close/im.test(head);
				socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${target.length}\r\n\r\n${target}`);
				if (!closes) continue;
				socket.end();
				got = '';
				break;
			}
		});
	});
}

for (const method of ['POST', 'PUT', 'PATCH', 'DELETE']) {
	test(`an upstream that reads no bodies takes none of ${method} for a request, nor gives its answer to others`, async (t) => {
		const targets: string[] = [];
		const { port } = await startFront(t, await listen(t, createCareless(targets)));
		const close = 'Host: a\r\nConnection: close\r\n';
		const smuggled = [
			`${method} /own HTTP/1.1\r\n${close}Content-Length: ${hidden.length}\r\n\r\n${hidden}`,
			`${method} /own HTTP/1.1\r\n${close}Transfer-Encoding: chunked\r\n\r\n${chunk}`,
		];
		for (let round = 0; round < 10; round++) {
			const asked = smuggled.flatMap((bytes) => [raw(port, bytes), raw(port, `GET /others HTTP/1.1\r\n${close}\r\n`)]);
			const bodies = (await Promise.all(asked)).map((answer) => answer.slice(answer.indexOf('\r\n\r\n') + 4));
			t.deepEqual(bodies, ['/own', '/others', '/own', '/others']);
		}
		t.deepEqual([...new Set(targets)].sort(), ['/others', '/own']);
	});
}

test('a body that an upstream sends with the answer to HEAD is nobody else’s answer', async (t) => {
	const forged = 'HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nforged';
	const upstream = createNetServer((socket) => {
		socket.on('error', () => {});
		socket.on('data', (bytes) => {
			socket.write('HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n');
			// In a packet of its own.
			setImmediate(() => socket.write(bytes.toString().startsWith('HEAD') ? forged : 'good'));
		});
	});
	const { port } = await startFront(t, await listen(t, upstream));
	for (let round = 0; round < 20; round++) {
		await ask(port, '/', { method: 'HEAD' });
		t.is((await ask(port, '/')).body, 'good');
	}
});

test('a connection on which an upstream speaks unasked is not used again', async (t) => {
	const sockets: Socket[] = [];
	const upstream = createServer((_, res) => res.end('good'));
	upstream.on('connection', (socket) => sockets.push(socket));
	const { port } = await startFront(t, await listen(t, upstream));
	t.is((await ask(port, '/')).body, 'good');
	const [idle] = sockets as [Socket];
	const closed = once(idle, 'close');
	idle.on('error', () => {}).write('HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nforged');
	await closed;
	t.is((await ask(port, '/')).body, 'good');
	t.is(sockets.length, 2);
});
