import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { ExecutionContext } from 'ava';
import * as fc from 'fast-check';
import { openStage } from './stage.ts';

/*
 * Several requests on one connection before any of them is answered, upgrades behind unanswered requests among them, in
 * packets cut anywhere, and a client that ends in one of four ways at any moment.
 */

interface Pipeline {
	readonly tls: boolean;
	readonly requests: readonly string[];
	/** Where the bytes are cut into packets: shares of their length. */
	readonly cuts: readonly number[];
	readonly end: 'hangs up' | 'waits' | 'leaves' | 'resets';
	/** For those that do not wait for the server: after so many milliseconds, or with the first byte that comes back. */
	readonly afterMs: number | 'answer';
}

/** Fixed, so that each run of `npm test` asks the same. */
const seed = 20_261_129;
const atOnce = 16;

const base = '/services/session/v1';
const head = (line: string, ...headers: string[]) => [`${line} HTTP/1.1`, 'Host: a', ...headers, '', ''].join('\r\n');
const posted = (path: string, body: string, ...headers: string[]) =>
	head(`POST ${path}`, 'Content-Type: application/json', `Content-Length: ${body.length}`, ...headers) + body;
const handshake = ['Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 13', 'Sec-WebSocket-Key: eA=='];

/** `cookie`: of somebody who may see what stands behind. */
function requests(cookie: string): readonly string[] {
	const known = `Cookie: ${cookie}`;
	return [
		head('GET /'),
		head('GET /health/live'),
		head('HEAD /health/live'),
		head('GET http://a/health/live'),
		head('GET /nothing'),
		head('GET /treasure/x'),
		head('GET /pages/slow', known),
		head('GET /sockets/slow', known),
		head('GET /sockets/resets', known),
		head('GET /sockets/stream', known),
		head(`GET ${base}/currentIdentity`, known),
		head('TRACE /'),
		head('CONNECT a:443'),
		head('OPTIONS *'),
		head('GET /', 'Upgrade: h2c', 'Connection: Upgrade'),
		head('GET /', ...handshake),
		head('GET /sockets/x', ...handshake),
		head('GET /sockets/x', known, ...handshake),
		`${head('GET /sockets/x', known, ...handshake)}bytes of the new protocol`,
		head('GET /sockets/refused', known, ...handshake),
		head('GET /sockets/resets', known, ...handshake),
		head('GET /gone/x', known, ...handshake),
		head('GET /', 'Expect: 200-ok'),
		head('GET /', 'Connection: close'),
		posted(`${base}/login/password`, '{"username":"nobody","password":"wrong"}'),
		posted(`${base}/login/password`, '{}', 'Expect: 100-continue'),
		posted('/treasure/x', 'x'.repeat(5000)),
		posted('/sockets/slow', 'x'.repeat(5000), known),
		head('POST /treasure/x', 'Transfer-Encoding: chunked') + '5\r\nhello\r\n0\r\n\r\n',
		head('POST /treasure/x', 'Transfer-Encoding: gzip, chunked') + '5\r\nhello\r\n0\r\n\r\n',
		// Not whole, or none at all.
		head('POST /treasure/x', 'Content-Length: 100000') + 'x'.repeat(500),
		head('POST /treasure/x', 'Transfer-Encoding: chunked') + '5\r\nhello\r\nnonsense',
		'GET / HTTP/1.1\r\nHost:',
		'\x16\x03\x01\x02\x00',
		'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
		`GET / HTTP/1.1\r\nX: ${'x'.repeat(17_000)}\r\n\r\n`,
	];
}

function pipelines(cookie: string): fc.Arbitrary<Pipeline> {
	return fc.record({
		tls: fc.boolean(),
		requests: fc.array(fc.constantFrom(...requests(cookie)), { minLength: 1, maxLength: 6 }),
		cuts: fc.oneof(fc.constant([]), fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 4 })),
		end: fc.constantFrom('hangs up', 'waits', 'leaves', 'resets'),
		afterMs: fc.oneof(fc.constant('answer' as const), fc.constant(0), fc.nat(30)),
	});
}

/** What stands behind: slow, breaking off, streaming, and willing to change to WebSocket. */
async function startSockets() {
	const server = createServer((req, res) => {
		if (req.url?.endsWith('/resets')) return void req.socket.resetAndDestroy();
		if (req.url?.endsWith('/stream')) return void res.write('begun', () => setTimeout(() => res.end(), 40));
		setTimeout(() => res.end('slow'), 15);
	});
	server.on('upgrade', (req, socket: Socket) => {
		socket.on('error', () => undefined);
		if (req.url?.endsWith('/refused')) return void socket.end('HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n');
		socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
		if (req.url?.endsWith('/resets')) setTimeout(() => socket.resetAndDestroy(), 5);
		else setTimeout(() => socket.end(), 30);
		socket.pipe(socket);
	});
	server.listen(0, '127.0.0.1');
	await once(server, 'listening');
	return {
		url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
		close() {
			server.close();
			server.closeAllConnections();
		},
	};
}

/** Sends so many, half of them over TLS: the process lives on, and each request that was whole got its answer. */
export async function fuzzPipelines(t: ExecutionContext, count: number, args?: readonly string[]): Promise<void> {
	const sockets = await startSockets();
	const stage = await openStage({ sockets: sockets.url, ...(args && { args }) });
	t.teardown(async () => {
		await stage.close();
		sockets.close();
	});
	const { serving } = stage;
	const { cookies } = await stage.treasures();
	const tlsPort = Number(/https:\/\/[^:]+:(\d+)/.exec(serving.stderr())?.[1]);
	const port = Number(new URL(serving.url).port);
	const statuses = new Map<string, number>();
	const left = fc.sample(pipelines(cookies[1] ?? ''), { numRuns: count, seed });
	const clients = Array.from({ length: atOnce }, async () => {
		for (let next = left.pop(); next !== undefined && serving.isRunning(); next = left.pop()) {
			const answer = await send(next, next.tls ? tlsPort : port);
			if (!serving.isRunning()) return;
			for (const [, status = ''] of answer.matchAll(/HTTP\/1\.1 (\d{3}) /g)) {
				statuses.set(status, (statuses.get(status) ?? 0) + 1);
			}
			if ((next.end === 'waits' && !answer.startsWith('HTTP/1.1 ')) || /HTTP\/1\.1 50[013] /.test(answer)) {
				left.length = 0;
				throw new Error(`${told(next)}\nwas answered ${answer}`);
			}
		}
	});
	await Promise.all(clients);
	t.true(serving.isRunning(), serving.stderr());
	t.notRegex(serving.stdout(), /request failed|could not be|worker died/);
	const spread = [...statuses].sort().map(([status, times]) => `${status} ${times}`);
	t.log(`${count} pipelines${args ? ` with ${args.join(' ')}` : ''}; answers: ${spread.join(', ')}`);
	t.true((statuses.get('200') ?? 0) > count / 10 && (statuses.get('101') ?? 0) > 0, spread.join(', '));
}

const told = ({ requests, ...how }: Pipeline) => `${JSON.stringify(how)}\n${requests.map((one) => one.slice(0, 300))}`;

/** Resolves to all that came back, when the connection is closed. */
async function send({ tls, requests, cuts, end, afterMs }: Pipeline, port: number): Promise<string> {
	const below = connect(port, '127.0.0.1').on('error', () => undefined);
	const socket: Socket = tls ? connectTls({ socket: below, rejectUnauthorized: false }) : below;
	const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
	socket.on('error', () => undefined);
	// A client that waits says so, with a request that is the last, should the others not be.
	const bytes = requests.join('') + (end === 'waits' ? head('GET /health/live', 'Connection: close') : '');
	let answer = '';
	socket.on('data', (chunk) => {
		answer += chunk.toString('latin1');
		if (afterMs === 'answer') leave();
	});
	const leave = () => {
		if (end === 'hangs up' || socket.destroyed) socket.end();
		else if (end === 'leaves') socket.destroy();
		else if (end === 'resets') below.resetAndDestroy();
	};
	await Promise.race([once(socket, tls ? 'secureConnect' : 'connect').catch(() => undefined), closed]);
	const at = cuts.map((share) => Math.floor(share * bytes.length)).sort((a, b) => a - b);
	if (typeof afterMs === 'number') setTimeout(leave, afterMs);
	for (const [index, from] of [0, ...at].entries()) {
		if (socket.destroyed || socket.writableEnded) break;
		socket.write(bytes.slice(from, at[index]), 'latin1');
		await new Promise(setImmediate);
	}
	const stuck = setTimeout(() => {
		answer += 'HTTP/1.1 500 the connection is not closed within 20 s';
		socket.destroy();
	}, 20_000);
	if (end === 'waits' || afterMs === 'answer') socket.setTimeout(5000, () => socket.end());
	await closed;
	clearTimeout(stuck);
	return answer;
}
