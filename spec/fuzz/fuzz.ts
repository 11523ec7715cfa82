import { connect } from 'node:net';
import type { ExecutionContext } from 'ava';
import * as fc from 'fast-check';
import { ask } from '../requirements/ask.ts';
import { fuzzedRequest, toBytes } from './requests.ts';
import { openStage, type Stage } from './stage.ts';

/*
 * Requests that no client of ours would send: none of them may bring about a 5xx (but the deliberate ones), tell
 * anything of the inside, or end the process.
 */

const atOnce = 12;
/** After so many batches what was signed in is signed in anew. */
const batchesPerSignIn = 8;

/** 502 and 504: an upstream that is away; 503: too busy, or not ready. */
const deliberate = new Set([502, 503, 504]);
const inside = /sqlite|SELECT |node:|\.ts:\d|at Object\.|koa|ENOENT|password_verifier|argon2/i;

/** Sends so many requests, whatever they are; fails with the smallest one that brings a fault about. */
export async function fuzzEndpoints(t: ExecutionContext, requests: number, seed?: number): Promise<void> {
	const stage = await openStage();
	t.teardown(stage.close);
	let [sent, wellMade] = [0, 0];
	const statuses = new Map<number, number>();
	const pid = stage.serving.pid;
	while (sent < requests) {
		const request = fuzzedRequest(await stage.treasures());
		await fc.assert(
			fc.asyncProperty(fc.array(request, { minLength: atOnce, maxLength: atOnce }), async (batch) => {
				const answers = await Promise.all(batch.map((each) => exchange(stage.serving.url, toBytes(each), 'stays')));
				sent += batch.length;
				for (const answer of answers) {
					const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1] ?? 0);
					statuses.set(status, (statuses.get(status) ?? 0) + 1);
					if (status > 0 && status < 400) wellMade += 1;
					if (status >= 500 && !deliberate.has(status)) throw new Error(answer);
					const [head = '', body = ''] = answer.split('\r\n\r\n');
					if (status >= 400 && inside.test(head + body)) throw new Error(answer);
					if (status >= 429 && /\r\nset-cookie:/i.test(head) && (status === 429 || status >= 500))
						throw new Error(answer);
					if (
						status > 0 &&
						!/\r\n(x-content-type-options: nosniff|upgrade:)/i.test(head) &&
						!body.includes('treasure')
					) {
						if (status !== 101 && !/treasure|pages/.test(answer) && status >= 400) throw new Error(`bare: ${answer}`);
					}
				}
			}),
			{ numRuns: batchesPerSignIn, ...(seed !== undefined && { seed: seed + sent }) },
		);
		await stillWell(t, stage, pid);
	}
	t.is(statuses.get(0), undefined, 'each gets an answer');
	t.log(`${sent} requests, ${wellMade} of them below 400; by status: ${spread(statuses)}`);
	t.true(wellMade > sent / 50, 'too few got past the first door to show anything');
}

const spread = (statuses: ReadonlyMap<number, number>) =>
	[...statuses]
		.sort(([a], [b]) => a - b)
		.map(([status, times]) => `${status || 'none'} ${times}`)
		.join(', ');

const pieces = [
	...[
		'GET / HTTP/1.1\r\n',
		'POST /services/session/v1/login/password HTTP/1.1\r\n',
		'Host: a\r\n',
		'host:b\r\n',
		'\r\n',
		'\n',
		'\r',
	],
	...[
		'Content-Length: 5\r\n',
		'Content-Length: 5, 5\r\n',
		'Content-Length: -1\r\n',
		'Content-Length: 99999999999999999999\r\n',
	],
	...[
		'Transfer-Encoding: chunked\r\n',
		'Transfer-Encoding: xchunked\r\n',
		'Transfer-Encoding : chunked\r\n',
		'0\r\n\r\n',
		'5\r\nhello\r\n',
	],
	...[
		'ffffffffffffffff\r\n',
		'Expect: 100-continue\r\n',
		'Upgrade: websocket\r\nConnection: Upgrade\r\n',
		'Connection: close\r\n',
	],
	...[
		'CONNECT a:1 HTTP/1.1\r\n',
		'OPTIONS * HTTP/1.1\r\n',
		'GET http://a/ HTTP/1.1\r\n',
		'GET / HTTP/1.0\r\n',
		'GET /\r\n',
		'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
	],
	...[
		'Cookie: a=b; a=c\r\n',
		'X: \x00\r\n',
		' folded\r\n',
		': \r\n',
		'X\r\n',
		'\x16\x03\x01\x02\x00',
		'\xff\xfe',
		`${'a'.repeat(9000)}`,
	],
];

const scrap = fc.oneof(
	{ weight: 5, arbitrary: fc.constantFrom(...pieces) },
	{ weight: 1, arbitrary: fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes).toString('latin1')) },
);
const promising = [
	...['', '', 'GET / HTTP/1.1\r\nHost: a\r\n', 'GET /health/live HTTP/1.1\r\nHost: a\r\n\r\n'],
	...['POST /services/session/v1/login/password HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n'],
];

/** Bytes that are hardly HTTP, or not for long. */
const garbage = fc
	.tuple(fc.constantFrom(...promising), fc.array(scrap, { minLength: 1, maxLength: 9 }))
	.map(([start, scraps]) => Buffer.from(start + scraps.join(''), 'latin1'));

export async function fuzzSockets(t: ExecutionContext, connections: number, seed?: number): Promise<void> {
	const stage = await openStage();
	t.teardown(stage.close);
	const pid = stage.serving.pid;
	const statuses = new Map<number, number>();
	await fc.assert(
		fc.asyncProperty(fc.array(garbage, { minLength: atOnce, maxLength: atOnce }), async (batch) => {
			const answers = await Promise.all(batch.map((bytes) => exchange(stage.serving.url, bytes, 'hangs up')));
			for (const answer of answers) {
				for (const [, found] of answer.matchAll(/^HTTP\/1\.1 (\d{3})/gm)) {
					const status = Number(found);
					statuses.set(status, (statuses.get(status) ?? 0) + 1);
					if (status >= 500 && !deliberate.has(status)) throw new Error(answer);
				}
				if (inside.test(answer)) throw new Error(answer);
			}
		}),
		{ numRuns: Math.ceil(connections / atOnce), ...(seed !== undefined && { seed }) },
	);
	await stillWell(t, stage, pid);
	t.log(`${connections} connections; answers: ${spread(statuses)}`);
}

async function stillWell(t: ExecutionContext, { serving }: Stage, pid: number): Promise<void> {
	t.true(serving.isRunning(), serving.stderr());
	t.is(serving.pid, pid);
	t.is((await ask(serving.url, 'GET', '/health/ready')).status, 200);
	const faults = serving
		.stdout()
		.split('\n')
		.filter((line) => line.includes('request failed'));
	t.deepEqual(faults, []);
}

/** Everything that comes back to these bytes. The client says that nothing follows, or leaves it to the server to end. */
function exchange(url: string, bytes: Buffer, client: 'stays' | 'hangs up'): Promise<string> {
	const { hostname, port } = new URL(url);
	const done = Promise.withResolvers<string>();
	const socket = connect(Number(port), hostname);
	let answer = '';
	socket.setTimeout(10_000, () => {
		done.reject(new Error(`no end within ten seconds: ${bytes.toString('latin1').slice(0, 2000)}`));
		socket.destroy();
	});
	socket.on('data', (chunk) => {
		answer += chunk.toString('latin1');
	});
	socket.on('error', () => undefined);
	socket.on('close', () => done.resolve(answer));
	if (client === 'stays') socket.write(bytes);
	else socket.end(bytes);
	return done.promise;
}
