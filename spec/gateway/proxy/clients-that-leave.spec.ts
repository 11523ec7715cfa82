import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import { connect, type Socket } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { connect as connectOverTls } from 'node:tls';
import test, { type ExecutionContext } from 'ava';
import { createReverseProxy } from '../../../src/gateway/proxy/reverse-proxy.ts';
import { listen as listenAsLatchkey } from '../../../src/http/server/listen.ts';
import { takeUpgrade } from '../../../src/http/server/upgrade.ts';
import { newCa, serverAuth } from '../../_support/certificates.ts';
import { listen } from './servers.ts';

/*
 * However a client leaves, and whatever it had sent before: its connection to the upstream does not stay. The upstreams
 * here begin an answer and never end it, so nobody but the client can end anything.
 */

const ca = await newCa();
const { cert, key } = await ca.issue({ hosts: ['localhost'], purposes: [serverAuth] });

const log = { debug() {}, info() {}, warn() {}, error() {} };

const silent = (res: ServerResponse) => {
	res.writeHead(200, { 'Content-Type': 'text/event-stream' }).write('data: 1\n\n');
};

/** `/sse`: a stream of one event, for ever. `/big`: a large answer. Anything else: a small one. Bodies are not read. */
const answers: RequestListener = ({ url }, res) => {
	if (url === '/sse') silent(res);
	else res.end(url === '/big' ? Buffer.alloc(200_000) : 'now');
};

/** An upstream that counts its connections, behind Latchkey's own server. */
async function startBoth(
	t: ExecutionContext,
	listener: RequestListener,
	{ standstillMs, isTls = false }: { standstillMs?: number; isTls?: boolean } = {},
) {
	const upstream = createServer(listener);
	let open = 0;
	const unread: (Socket | IncomingMessage)[] = [];
	const waiting = new Set<() => void>();
	const changed = (by: number) => {
		open += by;
		for (const look of waiting) look();
	};
	upstream.on('connection', (socket: Socket) => {
		changed(1);
		socket.on('error', () => undefined).once('end', () => socket.destroy());
		socket.once('close', () => changed(-1));
	});
	upstream.on('request', (req: IncomingMessage) => unread.push(req.on('error', () => undefined)));
	upstream.on('upgrade', (_: IncomingMessage, socket: Socket) => {
		unread.push(socket);
		socket.write('HTTP/1.1 101 Go\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
	});
	const url = new URL(`http://127.0.0.1:${await listen(t, upstream)}`);
	const proxy = createReverseProxy({ connectTimeoutMs: 30_000, timeoutMs: 60_000 });
	let socket: Socket | undefined;
	const handler = async (req: IncomingMessage, res: ServerResponse) => {
		socket = req.socket;
		const onward = { upstream: url, target: req.url ?? '', set: {}, remove: [], secretCookies: [] };
		const upgrade = takeUpgrade(req);
		const passed = await (upgrade
			? proxy.upgrade(req, upgrade.socket, upgrade.head, onward)
			: proxy.pass(req, res, onward));
		if (passed.kind === 'tunnel') await passed.tunnel.closed;
		// Who reads no body does not notice either that it was left.
		for (const each of unread) each.resume();
	};
	const listening = await listenAsLatchkey({
		...{ handler, log, standstillMs },
		endpoints: [{ host: '127.0.0.1', port: 0, ...(isTls && { tls: { options: { cert, key }, reload() {} } }) }],
	});
	t.teardown(async () => {
		proxy.close();
		await listening.close({ patienceMs: 0, graceMs: 0 });
	});
	const port = Number(new URL(listening.urls[0] ?? '').port);
	const dial = async () => {
		const socket = connect(port, '127.0.0.1');
		await once(socket, 'connect');
		socket.on('error', () => undefined);
		if (!isTls) return { socket, client: socket };
		const client = connectOverTls({ socket, ca: ca.cert, servername: 'localhost' });
		await once(client, 'secureConnect');
		return { socket, client: client.on('error', () => undefined) };
	};
	/** Resolves when the upstream has so many connections. */
	const untilOpen = (count: number) =>
		new Promise<void>((resolve) => {
			const look = () => {
				if (open !== count) return;
				waiting.delete(look);
				resolve();
			};
			waiting.add(look);
			look();
		});
	/** Resolves when what a client sends is no longer read. */
	const untilUnread = async () => {
		let bytesRead = -1;
		for (let looks = 0; looks < 10; looks += 1) {
			await wait(20);
			if (!socket?.isPaused() || socket.bytesRead !== bytesRead) looks = 0;
			bytesRead = socket?.bytesRead ?? -1;
		}
	};
	return { dial, untilOpen, untilUnread };
}

const get = (path: string) => `GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`;

const leaves: Readonly<Record<string, (socket: Socket) => unknown>> = {
	closes: (socket) => socket.destroy(),
	resets: (socket) => socket.resetAndDestroy(),
};

const behindAStream: readonly (readonly [says: string, bytes: string])[] = [
	['large answers', get('/big') + get('/now')],
	['many requests', get('/now').repeat(40_000)],
	['half a request', 'GET /now HT'],
	['no HTTP', 'hello\r\n\r\n'],
	['half a body', `POST /now HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nhalf`],
];

for (const [how, leave] of Object.entries(leaves)) {
	for (const [says, bytes] of behindAStream) {
		test(`a client that waits for a stream and asks for more behind it leaves nothing behind when it ${how}: ${says}`, async (t) => {
			const { dial, untilOpen } = await startBoth(t, answers);
			const { client } = await dial();
			client.write(get('/sse'));
			await once(client, 'data');
			await new Promise((resolve) => client.write(bytes, resolve));
			// Another client is answered meanwhile, so that all of it has been read before more comes.
			const { client: other } = await dial();
			for (let times = 0; times < 20; times += 1) {
				other.write(get('/now'));
				await once(other, 'data');
			}
			other.destroy();
			await new Promise((resolve) => client.write(says === 'large answers' ? get('/now') : '', resolve));
			leave(client);
			await t.notThrowsAsync(untilOpen(0));
		});
	}
}

const megabytes = 64;
const upgrade = 'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: eA==';
const notTaken: readonly (readonly [says: string, bytes: string])[] = [
	['an upload', `POST /sse HTTP/1.1\r\nHost: a\r\nContent-Length: ${megabytes * 1024 * 1024}\r\n\r\n`],
	[
		'an upload behind a stream',
		`${get('/sse')}POST /now HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n4000000\r\n`,
	],
	['a WebSocket', `GET /ws HTTP/1.1\r\nHost: a\r\n${upgrade}\r\n\r\n`],
];

for (const [how, leave] of Object.entries(leaves)) {
	for (const [says, bytes] of notTaken) {
		for (const isTls of [false, true]) {
			const over = isTls ? ', over TLS' : '';
			test(`a client that sends what the upstream does not take leaves nothing behind when it ${how}: ${says}${over}`, async (t) => {
				const { dial, untilOpen, untilUnread } = await startBoth(t, answers, { standstillMs: 1000, isTls });
				const { socket, client } = await dial();
				client.write(bytes);
				await once(client, 'data');
				client.write(Buffer.alloc(megabytes * 1024 * 1024));
				await untilUnread();
				leave(socket);
				await t.notThrowsAsync(untilOpen(0));
			});
		}
	}
}
