import { once } from 'node:events';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import test from 'ava';
import WebSocket, { WebSocketServer } from 'ws';
import { clientAuth, newCa, serverAuth } from '../_support/certificates.ts';
import { type Client, createClient } from '../_support/client.ts';
import { startService, type TestService } from '../_support/service.ts';
import { startUpstream, type Upstream } from '../_support/upstream.ts';
import { raw } from './proxy/servers.ts';

/* Credentials of ours for what stands behind us: the upstream gets them, and nobody else ever does. */

const password = 'a long enough secret';
const secrets = {
	cookie: 'CANARY-c00kie-5f2d',
	later: 'CANARY-later-9a41',
	basic: 'CANARY pässword: with colons',
	bearer: 'CANARY.bearer_77-x==',
	inline: 'CANARY-inline-1b3c',
};
const basicLine = Buffer.from(`latchkey:${secrets.basic}`).toString('base64');

const folder = mkdtempSync(join(tmpdir(), 'latchkey-credentials-'));
const fileOf = (name: string, content: string | Buffer) => {
	const file = join(folder, name);
	writeFileSync(file, content, { mode: 0o600 });
	return file;
};

let upstream: Upstream;
let sockets: WebSocketServer;
let secure: ReturnType<typeof createServer>;
let service: TestService;
let ada: Client;
let port: number;
let handshake: IncomingHttpHeaders = {};
/** What clients were answered, whole. */
const answered: string[] = [];

/** Answers with all that it was shown; by the path, as somebody who does not know us. */
function mirror(req: IncomingMessage): string[] {
	const [, shown = 'nothing'] = /KISMET=([^;]*)/.exec(req.headers.cookie ?? '') ?? [];
	return [
		...['Set-Cookie: KISMET=', 'Set-Cookie: kismet=', 'SET-COOKIE:  KISMET =', 'Set-Cookie: =KISMET='].map(
			(start) => `${start}${shown}; Path=/`,
		),
		'Set-Cookie: theirs=1; Path=/',
		'WWW-Authenticate: Basic realm="the upstream"',
		'Authentication-Info: nextnonce="x"',
	];
}

test.before(async () => {
	const ca = await newCa('Of the upstream');
	const clients = await newCa('Of its clients');
	const server = await ca.issue({ hosts: ['localhost'], purposes: [serverAuth] });
	const client = await clients.issue({ subject: [{ CN: ['latchkey'] }], purposes: [clientAuth] });
	upstream = await startUpstream((req, res) => {
		const status = req.url?.includes('/refused') ? 401 : 200;
		for (const line of mirror(req)) {
			const [name = '', value = ''] = line.split(/: (.*)/s);
			res.appendHeader(name, value);
		}
		req.resume();
		res.writeHead(status).end(`seen`);
	});
	sockets = new WebSocketServer({
		port: 0,
		host: '127.0.0.1',
		verifyClient: ({ req }, done) => done(!req.url?.includes('/refused'), 401),
	});
	sockets.on('headers', (headers, req) => headers.push(...mirror(req)));
	sockets.on('connection', (socket, req) => {
		handshake = req.headers;
		socket.send('there');
	});
	await once(sockets, 'listening');
	secure = createServer(
		{ cert: server.cert, key: server.key, ca: clients.cert, requestCert: true, rejectUnauthorized: false },
		(req, res) => {
			const socket = req.socket as TLSSocket;
			res.end(socket.authorized ? `seen ${socket.getPeerCertificate().subject.CN}` : 'a stranger');
		},
	).listen(0, '127.0.0.1');
	await once(secure, 'listening');
	const secureUrl = `https://localhost:${(secure.address() as AddressInfo).port}`;
	const [caFile, certFile, keyFile] = [
		fileOf('ca.pem', ca.cert),
		fileOf('cert.pem', client.cert),
		fileOf('key.pem', client.key),
	];
	const behind = { upstream: upstream.url, permission: 'p', xsrf: 'unsafe' };
	service = await startService({
		metrics: { port: 0 },
		log: { level: 'trace' },
		upstreamCredentials: {
			k: { cookie: { name: 'KISMET', valueFile: fileOf('cookie', `${secrets.cookie}\n`) } },
			b: { basic: { username: 'latchkey', passwordFile: fileOf('basic', `${secrets.basic}\r\n`) } },
			t: { bearerFile: fileOf('bearer', secrets.bearer) },
			inline: { cookie: { name: 'KISMET', value: secrets.inline } },
			mutual: { clientCertificate: { cert: certFile, key: keyFile, ca: caFile } },
		},
		resources: [
			{
				...behind,
				path: '/ws',
				upstreamCredentials: 'k',
				upstream: `http://127.0.0.1:${(sockets.address() as AddressInfo).port}`,
			},
			{ ...behind, path: '/cookie', upstreamCredentials: 'k' },
			{ ...behind, path: '/basic', upstreamCredentials: 'b' },
			{ ...behind, path: '/bearer', upstreamCredentials: 't' },
			{ ...behind, path: '/inline', upstreamCredentials: 'inline' },
			{ ...behind, path: '/mutual', upstreamCredentials: 'mutual', upstream: secureUrl },
			{ ...behind, path: '/authority', upstreamCa: caFile, upstream: secureUrl },
			{ ...behind, path: '/no-authority', upstream: secureUrl },
			{ upstream: upstream.url, path: '/public', access: 'public', upstreamCredentials: 'k' },
			{ ...behind, path: '/none', stripQuery: ['token'] },
			{ preset: 'kismet', path: '/monitor', upstream: upstream.url, upstreamCredentials: 'k' },
		],
	});
	port = Number(new URL(service.url).port);
	await service.add('ada', password, { permissions: ['p'] });
	ada = createClient({ port });
	await ada.login('ada', password);
});
test.after.always(async () => {
	await service?.close();
	upstream?.close();
	sockets?.close();
	secure?.close();
	secure?.closeAllConnections();
	rmSync(folder, { recursive: true });
});

/** As ada, with these headers; what arrived at the upstream, and what came back. */
async function send(path: string, headers: Record<string, string> = {}, method = 'GET') {
	const { Cookie: cookie, ...others } = headers;
	const all = { ...others, Cookie: [ada.cookies(), cookie].filter(Boolean).join('; ') };
	const answer = await ada.send(path, { method, headers: all });
	answered.push(JSON.stringify(answer));
	for (const name of [...ada.jar.keys()]) if (name !== 'JSESSIONID') ada.jar.delete(name);
	const arrived = upstream.headers[upstream.reached.lastIndexOf(path)] ?? {};
	return { answer, arrived };
}

const evil = 'Basic ZXZpbDpldmls';

test.serial('the upstream is shown what the configuration names, and nothing that a client shows', async (t) => {
	const forged = { Authorization: evil, Cookie: 'KISMET=evil; theirs=1', Connection: 'Cookie, Authorization' };
	const shown = [
		['/cookie/a', `KISMET=${secrets.cookie}; theirs=1`, undefined],
		['/inline/a', `KISMET=${secrets.inline}; theirs=1`, undefined],
		['/public/a', `KISMET=${secrets.cookie}; theirs=1`, undefined],
		['/basic/a', 'KISMET=evil; theirs=1', `Basic ${basicLine}`],
		['/bearer/a', 'KISMET=evil; theirs=1', `Bearer ${secrets.bearer}`],
	] as const;
	for (const [path, cookie, authorization] of shown) {
		const { answer, arrived } = await send(path, forged);
		t.is(answer.status, 200, path);
		t.is(arrived.cookie, cookie, path);
		t.is(arrived.authorization, authorization, path);
		t.is((await send(path)).arrived.authorization, authorization);
	}
	const { arrived } = await send('/none/a', { ...forged, Connection: 'close' });
	t.is(arrived.authorization, evil, 'where there are none, a client’s own go on');
	t.is(arrived.cookie, 'KISMET=evil; theirs=1');
});

/** As Kismet reads cookies: the header is decoded first; a name is all up to the next `=`. */
function asKismet(header = ''): string[] {
	const decoded = header
		.replaceAll('+', ' ')
		.replace(/%([0-9a-f]{2})/gi, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)));
	const values: string[] = [];
	for (let at = 0; at < decoded.length; ) {
		if (decoded[at] === ' ') at += 1;
		else {
			const is = decoded.indexOf('=', at);
			if (is < 0) break;
			const end = decoded.indexOf(';', is) < 0 ? decoded.length : decoded.indexOf(';', is);
			if (decoded.slice(at, is) === 'KISMET') values.push(decoded.slice(is + 1, end));
			at = end + 1;
		}
	}
	return values;
}

const cookies: readonly (readonly [sent: string, left: string])[] = [
	['a=1; KISMET=evil; b=2', '; a=1; b=2'],
	['KISMET=evil', ''],
	['kismet=evil', ''],
	['=KISMET=evil', ''],
	['KISMET =evil', ''],
	['a=1;KISMET=evil', '; a=1'],
	['a=%3BKISMET=evil', ''],
	['a=1%3B%20KISMET%3Devil; b=2', '; b=2'],
	['a=1%253BKISMET%253Devil', ''],
	['%4BISMET=evil', ''],
	['a=1,KISMET=evil', ''],
	['a="x;KISMET=evil"', '; a="x'],
	['a="x KISMET=evil"', ''],
	['a="', '; a="'],
	['foo', '; foo'],
	['foo; b=2', '; foo; b=2'],
	['KISMETS=1; XKISMET=2; a=KISMET', '; KISMETS=1; XKISMET=2; a=KISMET'],
	['%zz=%; b=%e2', '; %zz=%; b=%e2'],
];
for (const [sent, left] of cookies) {
	test.serial(`a client’s cookie is not read in place of ours: ${sent}`, async (t) => {
		const { arrived } = await send('/cookie/b', { Cookie: sent });
		t.is(arrived.cookie, `KISMET=${secrets.cookie}${left}`);
		t.deepEqual(asKismet(arrived.cookie), [secrets.cookie]);
	});
}

test.serial('what an upstream gives back of our credentials reaches no client; its other cookies do', async (t) => {
	for (const path of ['/cookie/c', '/inline/c', '/public/c']) {
		const { answer } = await send(path);
		t.deepEqual(answer.headers['set-cookie'], ['theirs=1; Path=/'], path);
		t.is(answer.headers['www-authenticate'], undefined);
		t.is(answer.headers['authentication-info'], undefined);
	}
	const { answer } = await send('/none/c');
	t.is(answer.headers['set-cookie']?.length, 5, 'without credentials of ours they pass');
	t.is(answer.headers['www-authenticate'], 'Basic realm="the upstream"');
});

test.serial('the same on a WebSocket', async (t) => {
	const headers = { Cookie: `${ada.cookies()}; KISMET=evil; theirs=1`, Authorization: evil };
	const socket = new WebSocket(`ws://127.0.0.1:${port}/ws/a`, { headers });
	const [[{ headers: back }]] = (await Promise.all([once(socket, 'upgrade'), once(socket, 'message')])) as [
		[IncomingMessage],
		unknown,
	];
	socket.terminate();
	answered.push(JSON.stringify(back));
	t.is(handshake.cookie, `KISMET=${secrets.cookie}; theirs=1`);
	t.is(handshake.authorization, undefined);
	t.deepEqual(back['set-cookie'], ['theirs=1; Path=/']);
	t.is(back['www-authenticate'], undefined);
});

test.serial('an upstream that refuses us is a 502, told in log and metrics, and signs nobody out', async (t) => {
	const before = service.lines.length;
	for (const [path, method] of [
		['/cookie/refused', 'GET'],
		['/basic/refused', 'POST'],
		['/public/refused', 'GET'],
	] as const) {
		const { answer } = await send(
			path,
			{ Accept: 'text/html', 'Sec-Fetch-Mode': 'navigate', 'Sec-Fetch-Site': 'same-origin' },
			method,
		);
		t.is(answer.status, 502, path);
		t.is(answer.headers['www-authenticate'], undefined);
		t.is(answer.headers['set-cookie'], undefined);
		t.is(answer.headers.location, undefined);
	}
	const plain = await send('/cookie/refused');
	t.deepEqual(plain.answer.body, {
		message: 'The upstream refuses the credentials that it is shown',
		code: 'upstream-credentials-refused',
	});
	const hands = `GET /ws/refused HTTP/1.1\r\nHost: localhost:${port}\r\nCookie: ${ada.cookies()}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n`;
	const handshaken = await raw(port, hands);
	answered.push(handshaken);
	t.regex(handshaken, /^HTTP\/1.1 502 /);
	t.regex(handshaken, /upstream-credentials-refused/);
	t.is((await ada.send('/services/session/v1/currentIdentity')).status, 200);
	const told = service.lines
		.slice(before)
		.filter(({ msg }) => msg === 'an upstream refuses the credentials that it is shown');
	t.is(told.length, 5);
	t.like(told[0], { level: 'error', credentials: 'k', upstream: new URL(upstream.url).host });
	const metrics = await (await fetch(service.service.metricsUrl!)).text();
	answered.push(metrics);
	t.regex(metrics, /latchkey_upstream_credentials_refused_total\{credentials="k"\} 4/);
	t.regex(metrics, /latchkey_upstream_credentials_refused_total\{credentials="b"\} 1/);
	t.is((await send('/none/refused')).answer.status, 401, 'without credentials of ours it is the client’s matter');
});

test.serial('where a preset shows nothing, a 401 is the client’s matter, and raises no alarm', async (t) => {
	const before = service.lines.length;
	const { answer, arrived } = await send('/monitor/js/refused');
	t.is(answer.status, 401);
	t.is(answer.headers['www-authenticate'], undefined);
	t.is(arrived.cookie, undefined);
	const told = service.lines.slice(before).filter(({ level }) => level === 'error');
	t.deepEqual(told, []);
});

test.serial('nothing is asked to send back what it was sent', async (t) => {
	t.is((await send('/cookie/d', {}, 'TRACE')).answer.status, 405);
	t.false(upstream.reached.includes('/cookie/d'));
});

test.serial('an https upstream is judged by its own CA, and sees our certificate', async (t) => {
	t.is((await ada.send('/mutual/a')).text, 'seen latchkey');
	t.is((await ada.send('/authority/a')).text, 'a stranger');
	t.is((await ada.send('/no-authority/a')).status, 502);
});

test.serial('parameters that do not go on are in no request, no address to come back to, and no Referer', async (t) => {
	const secret = secrets.later;
	upstream.reached.length = 0;
	upstream.headers.length = 0;
	await ada.send(`/none/q?a=1&token=${secret}&b=%2F`, {
		headers: { Referer: `https://x.example/y?token=${secret}&c#d` },
	});
	t.deepEqual(upstream.reached, ['/none/q?a=1&b=%2F']);
	t.is(upstream.headers[0]?.referer, 'https://x.example/y?c#d');
	const led = await createClient({ port }).send(`/none/q?a=1&TOKEN=${secret}`, { headers: { Accept: 'text/html' } });
	t.is(led.status, 302);
	t.regex(String(led.headers.location), /none%2Fq%3Fa%3D1$/);
	const asked = await createClient({ port }).send(`/none/q?token=${secret}`);
	t.is(asked.status, 401);
	t.false(JSON.stringify(asked.headers).includes(secret));
});

test.serial(
	'a file that changes is read again; one that cannot be used is told once, and the old value stays',
	async (t) => {
		const file = join(folder, 'cookie');
		const told = () =>
			service.lines.filter(({ msg }) => msg === 'credentials for an upstream cannot be read; those read before stay');
		const reload = () => {
			service.service.reload();
			service.service.reload();
		};
		ada.jar.delete('theirs');
		const shown = async () => (await send('/cookie/e')).arrived.cookie;
		writeFileSync(file, secrets.later);
		reload();
		t.is(await shown(), `KISMET=${secrets.later}`);
		for (const [bad, mode] of [
			[`${secrets.cookie}; two`, 0o600],
			['', 0o600],
			[secrets.cookie, 0o644],
		] as const) {
			writeFileSync(file, bad);
			chmodSync(file, mode);
			const count = told().length;
			reload();
			t.is(await shown(), `KISMET=${secrets.later}`);
			t.is(told().length, count + 1, bad);
		}
		t.like(told()[0], { level: 'error', key: 'upstreamCredentials.k' });
		chmodSync(file, 0o600);
		reload();
		t.is(await shown(), `KISMET=${secrets.cookie}`);
	},
);

test.serial('secrets are in no answer, no line of the log, no metric and no audit', async (t) => {
	const metrics = await (await fetch(service.service.metricsUrl!)).text();
	const all = [...answered, ...service.lines.map((line) => JSON.stringify(line)), metrics].join('\n');
	t.true(answered.length > 40 && service.lines.length > 5);
	for (const secret of [
		...Object.values(secrets),
		basicLine,
		readFileSync(join(folder, 'key.pem'), 'utf8').split('\n')[1]!,
	])
		t.false(all.includes(secret) || all.includes(encodeURIComponent(secret)), secret);
	t.false(all.includes('CANARY'));
});
