import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { connect as connectTls } from 'node:tls';
import test from 'ava';
import { type SecureService, startSecureService } from '../../_support/secure-service.ts';
import { startService } from '../../_support/service.ts';
import { startUpstream, type Upstream } from '../../_support/upstream.ts';

/* What Node would answer by itself, and what one connection may bring before its first request is answered: http and https. */

const base = '/services/session/v1';
const password = 'four brown bears';

let upstream: Upstream;
let service: SecureService;

test.before(async () => {
	upstream = await startUpstream();
	service = await startSecureService({
		dialects: { kismet: { enabled: true }, insights: { enabled: true } },
		resources: [{ path: '/treasure', permission: 'p', upstream: upstream.url }],
	});
	await service.add('ann', password, { permissions: ['p'] });
});

test.after.always(async () => {
	await service.close();
	upstream.close();
});

type Scheme = 'http' | 'https';
const schemes = ['http', 'https'] as const;

async function dial(scheme: Scheme): Promise<Socket> {
	const port = Number(new URL(scheme === 'http' ? service.url : service.secureUrl).port);
	const socket =
		scheme === 'http' ? connect(port, '127.0.0.1') : connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false });
	await once(socket, scheme === 'http' ? 'connect' : 'secureConnect');
	return socket.on('error', () => undefined);
}

/** All that comes back to one packet, until the other side closes. */
async function answers(scheme: Scheme, bytes: string): Promise<string> {
	const socket = await dial(scheme);
	socket.write(bytes, 'latin1');
	return text(socket);
}

const head = (line: string, ...headers: string[]) => [`${line} HTTP/1.1`, 'Host: a', ...headers, '', ''].join('\r\n');
const body = JSON.stringify({ username: 'ann', password });
const login =
	head(`POST ${base}/login/password`, 'Content-Type: application/json', `Content-Length: ${body.length}`) + body;
const upgrade = ['Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 13', 'Sec-WebSocket-Key: eA=='];
const statusesOf = (answer: string) => [...answer.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status));

for (const scheme of schemes) {
	for (const count of [1, 4]) {
		test(`an upgrade behind ${count} unanswered requests ends nothing but its connection: ${scheme}`, async (t) => {
			const answer = await answers(scheme, head('GET /').repeat(count) + head('GET /treasure', ...upgrade));
			t.deepEqual(statusesOf(answer), [...Array(count).fill(200), 401]);
			t.regex(answer.slice(answer.lastIndexOf('HTTP/1.1 ')), /\r\nConnection: close\r\n/i);
			t.like(await service.ask('GET', '/health/live'), { status: 200 });
		});
	}

	test(`CONNECT behind a login is answered behind it, and both in full: ${scheme}`, async (t) => {
		const answer = await answers(scheme, login + head('CONNECT a:443'));
		t.deepEqual(statusesOf(answer), [200, 405]);
		t.regex(answer, /\r\nset-cookie: JSESSIONID=[^;]{43};/i);
		const refused = answer.slice(answer.lastIndexOf('HTTP/1.1 '));
		t.regex(refused, /\r\nAllow: GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS\r\n/);
		t.regex(refused, /\r\nX-Request-Id: \S+\r\n/i);
		t.regex(refused, /\r\nConnection: close\r\n/i);
		t.regex(refused, /\r\nX-Content-Type-Options: nosniff\r\n/);
		t.regex(refused, /\{"message":"[^"]+","code":"[a-z-]+"\}$/);
	});

	test(`nothing is written behind an answer that ends the connection: ${scheme}`, async (t) => {
		for (const last of [head('CONNECT a:443'), head('GET /treasure', ...upgrade), 'nonsense\r\n\r\n']) {
			t.deepEqual(statusesOf(await answers(scheme, head('GET /', 'Connection: close') + last)), [200]);
		}
	});

	test(`what the client expects and we do not know is refused as everything else: ${scheme}`, async (t) => {
		const answer = await answers(scheme, head('GET /health/live', 'Expect: 200-ok', 'Connection: close'));
		t.deepEqual(statusesOf(answer), [417]);
		t.regex(answer, /\r\nX-Content-Type-Options: nosniff\r\n/);
		t.regex(answer, /\r\nCache-Control: no-store\r\n/);
		t.regex(answer, /\r\nX-Request-Id: \S+\r\n/i);
		t.regex(answer, /\{"message":"[^"]+","code":"[a-z-]+"\}$/);
		t.is(/strict-transport-security/i.test(answer), scheme === 'https');
	});

	test(`what never becomes a request has the headers of every answer: ${scheme}`, async (t) => {
		for (const [bytes, status] of [
			['nonsense\r\n\r\n', 400],
			[head('GET /', `X: ${'x'.repeat(20_000)}`), 431],
		] as const) {
			const answer = await answers(scheme, bytes);
			t.deepEqual(statusesOf(answer), [status]);
			t.regex(answer, /\r\nX-Request-Id: \S+\r\n/i);
			t.regex(answer, /\r\nReferrer-Policy: no-referrer\r\n/);
		}
	});

	test(`a target that is a whole URL is taken where it names the host asked for: ${scheme}`, async (t) => {
		const ask = async (target: string, host = 'a') => {
			const [status] = statusesOf(
				await answers(scheme, `GET ${target} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`),
			);
			return status;
		};
		t.is(await ask('http://a/health/live'), 200);
		t.is(await ask('HTTP://A:80/health/live?x=http://b/'), 200);
		t.is(await ask('https://a/health/live', 'A:443'), 200);
		t.is(await ask('http://[::1]:8080/health/live', '[::1]:8080'), 200);
		t.is(await ask('http://a/treasure/x'), 401);
		t.is(await ask('http://a'), 200);
		t.is(await ask('http://a?x'), 200);
		for (const other of ['http://b/health/live', 'http://a:81/health/live', 'http://a@b/', 'http://b@a/', 'ftp://a/'])
			t.is(await ask(other), 400, other);
		for (const odd of ['http:///health/live', 'http:a/health/live', 'a/health/live', 'http://a/x#y', 'http://a#y', '*'])
			t.is(await ask(odd), 400, odd);
	});

	for (const bytes of [100_000, 6_000_000]) {
		test(`a no arrives while ${bytes} bytes are still coming: ${scheme}`, async (t) => {
			for (const path of ['/treasure/x', `${base}/login/password`, '/nothing']) {
				const socket = await dial(scheme);
				const reset = once(socket, 'error').then(([fault]) => fault as NodeJS.ErrnoException);
				// Only when all is sent does this client read what came back.
				socket.write(head(`POST ${path}`, 'Content-Type: application/json', `Content-Length: ${bytes}`));
				const sent = new Promise<Error | null | undefined>((resolve) => socket.write('x'.repeat(bytes), resolve));
				t.falsy(await Promise.race([sent, reset]), path);
				const answer = await text(socket);
				t.regex(answer, /^HTTP\/1\.1 4(01|13|04) /, path);
				t.regex(answer, /\{"message":"[^"]+","code":"[a-z-]+"\}$/);
			}
		});
	}
}

test('who sends on and on behind an answer is cut all the same', async (t) => {
	const socket = connect({ port: Number(new URL(service.url).port), host: '127.0.0.1', allowHalfOpen: true });
	const closed = new Promise((resolve) => socket.on('error', () => undefined).once('close', resolve));
	socket.write(head('POST /treasure/x', 'Content-Length: 10000000000'));
	const chunk = Buffer.alloc(256 * 1024);
	const more = (fault?: Error | null) => fault || socket.write(chunk, more);
	more();
	socket.resume();
	await closed;
	t.true(socket.bytesWritten < 200 * 1024 * 1024, `${socket.bytesWritten} bytes`);
});

for (const [hsts, said] of [
	[false, undefined],
	[0, 'max-age=0'],
	[86_400, 'max-age=86400'],
] as const) {
	test(`Strict-Transport-Security is what https.hsts says: ${hsts}`, async (t) => {
		const proxied = await startService({ trustedProxies: ['127.0.0.1'], https: { hsts } });
		t.teardown(proxied.close);
		for (const path of ['/health/live', '/nothing']) {
			const overTls = await fetch(proxied.url + path, { headers: { 'X-Forwarded-Proto': 'https' } });
			t.is(overTls.headers.get('strict-transport-security') ?? undefined, said);
			t.is((await fetch(proxied.url + path)).headers.get('strict-transport-security'), null);
		}
	});
}

for (const scheme of schemes) {
	test(`Strict-Transport-Security is on what never becomes a request, where it came over TLS: ${scheme}`, async (t) => {
		for (const bytes of ['hello\r\n\r\n', `GET / HTTP/1.1\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`]) {
			const [, said] = /\r\nStrict-Transport-Security: ([^\r]+)\r\n/.exec(await answers(scheme, bytes)) ?? [];
			t.is(said, scheme === 'https' ? 'max-age=31536000' : undefined);
		}
	});
}

const base405: readonly (readonly [method: string, path: string, allow: string])[] = [
	['TRACE', '/', 'GET, HEAD'],
	['PROPFIND', `${base}/login/password`, 'POST'],
	['PURGE', `${base}/currentIdentity`, 'GET, HEAD'],
	['TRACE', `${base}/identities/ann`, 'DELETE, GET, HEAD, PATCH'],
	['TRACE', '/session/check_session', 'GET'],
	['GET', '/prime-14.01/api/!login', 'POST'],
	['LINK', '/prime-14.01/api/!login', 'POST'],
	['TRACE', '/treasure/x', 'GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS'],
	['DELETE', `${base}/login/password`, 'POST'],
	['POST', '/health/live', 'GET, HEAD'],
];
for (const [method, path, allow] of base405) {
	test(`405 says what is allowed: ${method} ${path}`, async (t) => {
		const answer = await answers('http', head(`${method} ${path}`, 'Connection: close'));
		t.deepEqual(statusesOf(answer), [405]);
		const [, said = ''] = /\r\nAllow: ([^\r]+)\r\n/i.exec(answer) ?? [];
		t.deepEqual(said.split(', ').sort(), allow.split(', ').sort());
	});
}
