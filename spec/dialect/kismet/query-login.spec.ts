import { once } from 'node:events';
import ava from 'ava';
import WebSocket from 'ws';
import { type Call, createClient } from '../../_support/client.ts';
import { type KismetLike, startKismet } from '../../_support/kismet.ts';
import { startService, type TestService } from '../../_support/service.ts';
import { lookAtWebSocket } from '../../_support/websocket-looks.ts';

/* Keys and logins in the query, where they are taken, and where they are not. */

const test = ava.serial;
const password = 'a long enough secret';
const status = '/system/status.json';
const close = '/datasource/by-uuid/1/close_source.cmd';
const remote = '/datasource/remote/remotesource.ws';
const basic = ['ada', password] as const;

let kismet: KismetLike;
let on: TestService;
let off: TestService;
let key: string;

const ask = (path: string, what: Call = {}, service = on, method = 'GET') =>
	createClient(service).send(path, { method, ...what });
const command = (name: string, wanted: object, service = on) =>
	ask(`/auth/apikey/${name}.cmd`, { basic, json: wanted }, service, 'POST');

test.before(async () => {
	kismet = await startKismet();
	const start = async (queryLogin: boolean) => {
		const service = await startService({
			console: { path: '/latchkey' },
			log: { level: 'trace' },
			trustedProxies: ['127.0.0.1/32'],
			dialects: { kismet: { enabled: true, queryLogin } },
			upstreamCredentials: { kismet: { cookie: { name: 'KISMET', value: kismet.key } } },
			resources: [{ preset: 'kismet', upstream: kismet.url, upstreamCredentials: 'kismet' }],
		});
		await service.add('ada', password, { permissions: ['kura.admin'] });
		return service;
	};
	on = await start(true);
	off = await start(false);
	key = String((await command('generate', { name: 'all', role: 'admin', duration: 0 })).body);
});
test.after.always(async () => {
	await on?.close();
	await off?.close();
	kismet?.close();
});

const login = `user=ada&password=${encodeURIComponent(password)}`;

test('a key or a login in the query lets a GET in, opens no session, and goes no further', async (t) => {
	const before = (await on.service.core.sessions.list(undefined, 99)).length;
	for (const query of [`KISMET=${key}`, login, `a=1&KISMET=${key}&b=2`]) {
		const answer = await ask(`${status}?${query}`);
		t.deepEqual([answer.status, answer.setCookie], [200, []], query);
		t.regex(kismet.seen.at(-1)?.target ?? '', /^\/system\/status\.json(\?a=1&b=2)?$/);
	}
	t.is((await ask(`/session/check_session?KISMET=${key}`)).status, 200);
	t.is((await ask(`${close}?KISMET=${key}`)).status, 200, 'of a program');
	t.is((await on.service.core.sessions.list(undefined, 99)).length, before);
	const page = { headers: { Referer: `http://x/?KISMET=${key}&c=3` } };
	await ask('/index.html', page);
	t.is(kismet.seen.at(-1)?.headers.referer, 'http://x/?c=3');
});

test('not with POST, beside a cookie, twice, wrong, where keys are made, or where a proxy asks', async (t) => {
	const not: [string, Call?, string?][] = [
		[`${status}?KISMET=${key}`, {}, 'POST'],
		[`${status}?KISMET=${key}`, { headers: { Cookie: 'a=1' } }],
		[`${status}?KISMET=${key}&KISMET=${key}`],
		[`${status}?KISMET=${'A'.repeat(32)}`],
		[`${status}?user=ada&password=wrong`],
		[`${status}?user=ada`],
		[`${status}?${login}`, { basic: ['ada', 'wrong'] }],
		[`/auth/apikey/list.json?KISMET=${key}`],
		[`/auth/apikey/list.json?${login}`],
		[`/services/auth/v1/ext-authz${status}?KISMET=${key}`],
		[
			`/services/auth/v1/verify?KISMET=${key}`,
			{ headers: { 'X-Forwarded-Method': 'GET', 'X-Forwarded-Uri': `${status}?KISMET=${key}` } },
		],
	];
	const before = kismet.seen.length;
	for (const [path, what, method] of not) t.is((await ask(path, what, on, method)).status, 401, `${method} ${path}`);
	t.is(kismet.seen.length, before);
});

test('a page of another site signs nobody in, and changes nothing, by pictures', async (t) => {
	const pictures = [{ 'Accept-Language': 'en', Accept: 'image/*' }, { Referer: 'http://evil.example/' }];
	for (const headers of pictures) {
		t.is((await ask(`${status}?${login}`, { headers })).status, 403);
		t.is((await ask(`${close}?${login}`, { headers })).status, 403);
		t.is((await ask(`${close}?KISMET=${key}`, { headers })).status, 403);
	}
	const typed = { headers: { 'Sec-Fetch-Site': 'none', 'Sec-Fetch-Mode': 'navigate' } };
	t.is((await ask(`${status}?${login}`, typed)).status, 200);
});

test('off by default: a query lets nobody in', async (t) => {
	const own = String((await command('generate', { name: 'all', role: 'admin', duration: 0 }, off)).body);
	for (const query of [`KISMET=${own}`, login]) t.is((await ask(`${status}?${query}`, {}, off)).status, 401);
	const socket = new WebSocket(`${off.url.replace('http', 'ws')}${remote}?KISMET=${own}`);
	const [fault] = (await once(socket, 'error')) as unknown as [Error];
	t.regex(fault.message, /401/);
});

test('a capture program’s handshake passes with a key of the role datasource, until that is revoked', async (t) => {
	const made = await command('generate', { name: 'capture', role: 'datasource', duration: 0 });
	const url = `${on.url.replace('http', 'ws')}${remote}?KISMET=${made.body}`;
	// As libwebsockets asks: neither Host nor Origin has the port.
	const headers = { Host: '127.0.0.1', Origin: 'http://127.0.0.1' };
	for (const options of [{ headers }, {}]) {
		const socket = new WebSocket(url, 'kismet-remote', options);
		// This Kismet does not choose the protocol either; `ws` minds, capture programs do not.
		const [res] = (await once(socket, 'upgrade')) as [import('node:http').IncomingMessage];
		t.is(res.headers['set-cookie'], undefined);
		socket.on('error', () => {}).terminate();
	}
	const socket = new WebSocket(url);
	await once(socket, 'message');
	t.is(kismet.seen.at(-1)?.target, remote);
	lookAtWebSocket();
	t.is(socket.readyState, WebSocket.OPEN);
	const closed = once(socket, 'close');
	await command('revoke', { name: 'capture' });
	lookAtWebSocket();
	await closed;
	const lines = JSON.stringify([on.lines, kismet.seen]);
	t.false(lines.includes(key) || lines.includes(String(made.body)) || lines.includes('enough%20secret'));
});
