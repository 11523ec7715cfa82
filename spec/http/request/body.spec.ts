import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import { gzipSync } from 'node:zlib';
import test from 'ava';
import { createClient } from '../../_support/client.ts';
import { openWorkplace, serve } from '../../_support/command-line.ts';
import { startService, type TestService } from '../../_support/service.ts';

/* What a login takes as its body, and what it does not even look at. */

const login = '/services/session/v1/login/password';
const password = 'four brown bears';
const right = JSON.stringify({ username: 'ada', password });

let service: TestService;

test.before(async () => {
	service = await startService();
	await service.add('ada', password);
});

test.after.always(() => service.close());

interface Sent {
	readonly status: number;
	readonly message: string | undefined;
}

/** Sends these bytes, framed by their length unless told otherwise. */
function send(body: string | Buffer, headers: Record<string, string> = {}, url = service.url): Promise<Sent> {
	return new Promise((resolve, reject) => {
		const bytes = Buffer.from(body);
		const usual = { 'Content-Type': 'application/json', 'Content-Length': String(bytes.length) };
		const req = request(url + login, { method: 'POST', agent: false, headers: { ...usual, ...headers } }, (res) => {
			let text = '';
			res.on('data', (chunk) => {
				text += chunk;
			});
			res.on('end', () => resolve({ status: res.statusCode ?? 0, message: JSON.parse(text).message }));
			res.on('error', reject);
		});
		req.on('error', reject);
		req.end(bytes);
	});
}

const nested = (depth: number) => `${'['.repeat(depth)}${']'.repeat(depth)}`;
const withMore = (more: string) => `${right.slice(0, -1)},${more}}`;

const bodies: readonly (readonly [says: string, body: string | Buffer, status: number, message?: RegExp])[] = [
	['as it should be', right, 200],
	['with keys that mean nothing', withMore('"admin":true,"x":[{}]'), 200],
	['with white space', `\r\n\t ${right}\n`, 200],
	['escaped', right.replace('ada', '\\u0061da'), 200],
	['of exactly 64 KiB', withMore(`"x":"${'y'.repeat(65_536 - right.length - 7)}"`), 200],
	['of one byte more', withMore(`"x":"${'y'.repeat(65_536 - right.length - 6)}"`), 413],
	['nested 31 deep in it', withMore(`"x":${nested(31)}`), 200],
	['nested deeper', withMore(`"x":${nested(32)}`), 400, /nested/],
	['with a prototype', withMore('"__proto__":{"admin":true},"constructor":{"prototype":{"admin":true}}'), 400],
	['in UTF-16', Buffer.from(`\ufeff${right}`, 'utf16le'), 400],
	['in UTF-16 without a mark', Buffer.from(right, 'utf16le'), 400],
	['in Latin-1', Buffer.from(right.replace('ada', 'adé'), 'latin1'), 400, /not UTF-8/],
	[
		'with an overlong character',
		Buffer.concat([Buffer.from('{"username":"'), Buffer.from([0xc0, 0xaf]), Buffer.from('"}')]),
		400,
		/not UTF-8/,
	],
	[
		'with half a pair as UTF-8',
		Buffer.concat([Buffer.from('{"username":"'), Buffer.from([0xed, 0xa0, 0x80]), Buffer.from('"}')]),
		400,
		/not UTF-8/,
	],
	['cut off', right.slice(0, -1), 400],
	['twice', right + right, 400],
	['with a key twice further down', withMore('"x":{"a":1,"a":2}'), 400, /twice/],
	['with one key in two objects', withMore('"x":[{"a":1},{"a":2}]'), 200],
	['with NaN', withMore('"x":NaN'), 400],
	['with a number beyond all numbers', withMore('"x":1e999'), 200],
];

for (const [says, body, status, message] of bodies) {
	test(`a body ${says}: ${status}`, async (t) => {
		const told = await send(body);
		t.is(told.status, status, told.message);
		if (message) t.regex(told.message ?? '', message);
		t.is(({} as { admin?: boolean }).admin, undefined);
	});
}

const encodings: readonly (readonly [encoding: string, body: Buffer | string, status: number])[] = [
	['gzip', gzipSync(right), 415],
	['gzip', gzipSync(Buffer.alloc(50_000_000)), 415],
	['deflate', right, 415],
	['br', right, 415],
	['identity', right, 200],
];

for (const [encoding, body, status] of encodings) {
	test(`Content-Encoding: ${encoding} of ${body.length} bytes: ${status}`, async (t) => {
		t.is((await send(body, { 'Content-Encoding': encoding })).status, status);
	});
}

test('a body that says it is too large is refused before any of it is read', async (t) => {
	const told = await new Promise<number | undefined>((resolve, reject) => {
		const headers = { 'Content-Type': 'application/json', 'Content-Length': '10000000' };
		const req = request(service.url + login, { method: 'POST', agent: false, headers }, (res) => {
			t.is(res.headers.connection, 'close');
			res.resume();
			resolve(res.statusCode);
			req.destroy();
		});
		req.on('error', reject);
		req.flushHeaders();
	});
	t.is(told, 413);
});

function residentKiB(pid: number): number {
	return Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
}

/** Sends a gigabyte in chunks, as fast as it is taken, until it is all sent or the connection ends. */
function flood(url: string, path: string): Promise<{ sent: number; status: number | undefined }> {
	return new Promise((resolve) => {
		const chunk = Buffer.alloc(65_536, ' ');
		let sent = 0;
		let status: number | undefined;
		const req = request(url + path, { method: 'POST', agent: false, headers: { 'Content-Type': 'application/json' } });
		req.on('response', (res) => {
			status = res.statusCode;
			res.resume();
		});
		req.on('error', () => undefined);
		req.on('close', () => resolve({ sent, status }));
		const pump = () => {
			while (!req.destroyed && sent < 1e9) {
				sent += chunk.length;
				if (!req.write(chunk)) return;
			}
			req.end();
		};
		req.on('drain', pump);
		pump();
	});
}

test('a gigabyte in chunks is cut off early, wherever it is sent, and memory stays flat', async (t) => {
	const place = await openWorkplace();
	const server = await serve(place.folder);
	t.teardown(async () => {
		await server.stop();
		await place.remove();
	});
	const browser = createClient(server);
	// With the first body comes what reads it.
	t.is((await browser.post(login, {})).status, 400);
	const before = residentKiB(server.pid);
	for (const path of [login, '/services/session/v1/changePassword', '/nowhere']) {
		const { sent, status } = await flood(server.url, path);
		t.true(sent < 20e6, `${path}: ${sent} bytes were taken`);
		// Who goes on sending may find the connection closed before it reads the answer.
		t.true([undefined, 401, 404, 413].includes(status), `${path}: ${status}`);
	}
	const grownKiB = residentKiB(server.pid) - before;
	t.true(grownKiB < 20 * 1024, `grown by ${grownKiB} KiB`);
	t.is((await browser.get('/health/live')).status, 200);
});
