import { once } from 'node:events';
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { setTimeout as wait } from 'node:timers/promises';
import test from 'ava';
import { listen, startFront } from './servers.ts';

const megabyte = Buffer.alloc(1024 * 1024, 'x');
const megabytes = (count: number) => Readable.from(Array.from({ length: count }, () => megabyte));

async function lengthOf(stream: Readable): Promise<number> {
	let length = 0;
	for await (const chunk of stream) length += (chunk as Buffer).length;
	return length;
}

/**
 * How far the memory of this process, upstream, proxy and client together, rises when 200 MB go through, once it has had
 * as much before.
 */
async function risenMegabytes(passThrough: (megabytes: number) => Promise<void>): Promise<number> {
	await passThrough(200);
	const before = process.memoryUsage.rss();
	let most = before;
	const timer = setInterval(() => {
		most = Math.max(most, process.memoryUsage.rss());
	}, 5);
	await passThrough(200);
	clearInterval(timer);
	return (most - before) / megabyte.length;
}

test.serial('a large answer goes through in little memory', async (t) => {
	const upstream = createServer((req, res) => void pipeline(megabytes(Number(req.url?.slice(1))), res));
	const { port } = await startFront(t, await listen(t, upstream));
	const risen = await risenMegabytes(async (count) => {
		const req = request({ port, host: '127.0.0.1', path: `/${count}`, agent: false }).end();
		const [res] = (await once(req, 'response')) as [IncomingMessage];
		t.is(await lengthOf(res), count * megabyte.length);
	});
	t.log(`${risen.toFixed(1)} MB`);
	t.true(risen < 80);
});

for (const lengthIsKnown of [true, false]) {
	test.serial(
		`a large body ${lengthIsKnown ? 'of known length' : 'in chunks'} goes through in little memory`,
		async (t) => {
			const upstream = createServer(async (req, res) => {
				res.end(String(await lengthOf(req)));
			});
			const { port } = await startFront(t, await listen(t, upstream));
			const risen = await risenMegabytes(async (count) => {
				const headers = lengthIsKnown ? { 'Content-Length': count * megabyte.length } : {};
				const req = request({ port, host: '127.0.0.1', method: 'PUT', headers, agent: false });
				const [[res]] = await Promise.all([once(req, 'response'), pipeline(megabytes(count), req)]);
				t.is(await text(res), String(count * megabyte.length));
			});
			t.log(`${risen.toFixed(1)} MB`);
			t.true(risen < 80);
		},
	);
}

test('an upstream writes no faster than the client reads', async (t) => {
	let written = 0;
	const upstream = createServer(async (_, res) => {
		for (; !res.destroyed && written < 200 * megabyte.length; written += megabyte.length) {
			if (!res.write(megabyte)) await Promise.race([once(res, 'drain'), once(res, 'close')]);
		}
	});
	const { port } = await startFront(t, await listen(t, upstream));
	const req = request({ port, host: '127.0.0.1', agent: false }).end();
	const [res] = (await once(req, 'response')) as [IncomingMessage];
	await once(res, 'readable');
	await wait(300);
	t.true(written < 50 * megabyte.length, `${written / megabyte.length} MB`);
	res.destroy();
});

test('a client writes no faster than the upstream reads', async (t) => {
	const upstream = createServer(() => {});
	const { port } = await startFront(t, await listen(t, upstream));
	let written = 0;
	const req = request({ port, host: '127.0.0.1', method: 'POST', agent: false }).on('error', () => {});
	const writing = (async () => {
		for (; !req.destroyed && written < 200 * megabyte.length; written += megabyte.length) {
			if (!req.write(megabyte))
				await Promise.race(['drain', 'close'].map((event) => new Promise((resolve) => req.once(event, resolve))));
		}
	})();
	await wait(300);
	t.true(written < 50 * megabyte.length, `${written / megabyte.length} MB`);
	req.destroy();
	await writing;
});

test('events come one by one as the upstream sends them, and may keep the client waiting', async (t) => {
	const upstream = createServer();
	const asked = once(upstream, 'request') as Promise<[IncomingMessage, ServerResponse]>;
	const { port } = await startFront(t, await listen(t, upstream), { timeoutMs: 2000 });
	const req = request({ port, host: '127.0.0.1', agent: false }).end();
	const [, events] = await asked;
	events.writeHead(200, { 'Content-Type': 'text/event-stream' }).flushHeaders();
	const [res] = (await once(req, 'response')) as [IncomingMessage];
	t.is(res.headers['content-type'], 'text/event-stream');
	for (const event of ['data: 1\n\n', 'data: 2\n\n']) {
		await wait(3000);
		events.write(event);
		const [chunk] = (await once(res, 'data')) as [Buffer];
		t.is(chunk.toString(), event);
	}
	events.end();
	await once(res, 'end');
});

test('what the client sends arrives as it sends it, before it has sent all', async (t) => {
	const upstream = createServer();
	const asked = once(upstream, 'request') as Promise<[IncomingMessage, ServerResponse]>;
	const { port } = await startFront(t, await listen(t, upstream));
	const req = request({ port, host: '127.0.0.1', method: 'POST', agent: false });
	req.flushHeaders();
	const [got, answer] = await asked;
	for (const part of ['one', 'two']) {
		req.write(part);
		const [chunk] = (await once(got, 'data')) as [Buffer];
		t.is(chunk.toString(), part);
	}
	req.end();
	await once(got, 'end');
	answer.end();
	await once(req, 'response');
});
