import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import test from 'ava';
import { listen, startFront } from './servers.ts';

test('of requests that wait behind another on one connection, none holds its upstream when the client leaves', async (t) => {
	let open = 0;
	const all = Promise.withResolvers<void>();
	const none = Promise.withResolvers<void>();
	const upstream = createServer((req) => {
		if (++open === 3) all.resolve();
		req.socket.once('close', () => --open || none.resolve());
	});
	const front = await startFront(t, await listen(t, upstream), { timeoutMs: 60_000 });
	const client = connect(front.port, '127.0.0.1');
	await once(client, 'connect');
	client.write('GET /a HTTP/1.1\r\nHost: a\r\n\r\n'.repeat(3));
	await all.promise;
	client.destroy();
	await none.promise;
	t.is(open, 0);
	await front.ended(3);
	t.deepEqual([...new Set(front.passed.map(({ kind }) => kind))], ['cut']);
});
