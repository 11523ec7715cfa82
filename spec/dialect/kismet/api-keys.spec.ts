import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import ava from 'ava';
import WebSocket from 'ws';
import type { Permission } from '../../../src/core/identity.ts';
import { type Call, createClient } from '../../_support/client.ts';
import { createHandClock } from '../../_support/hand-clock.ts';
import { hashCount } from '../../_support/hash-count.ts';
import { type KismetLike, startKismet } from '../../_support/kismet.ts';
import { startService, type TestService } from '../../_support/service.ts';
import { lookAtWebSocket } from '../../_support/websocket-looks.ts';

/* Kismet's API keys: made, shown as the cookie KISMET, revoked; behind the preset something that judges as Kismet does. */

const test = ava.serial;
const password = 'a long enough secret';
const generate = '/auth/apikey/generate.cmd';
const revoke = '/auth/apikey/revoke.cmd';
const status = '/system/status.json';
const devices = '/devices/views/all/devices.json';
const close = '/datasource/by-uuid/1/close_source.cmd';
const remote = '/datasource/remote/remotesource.ws';
const shape = /^[0-9A-F]{32}$/;
const day = 86_400;
const inactivityMs = 900_000;
const clock = createHandClock(Date.now());
const operator = { actor: 'operator' } as const;

let kismet: KismetLike;
let service: TestService;

test.before(async () => {
	kismet = await startKismet();
	service = await startService(
		{
			console: { path: '/latchkey' },
			session: { inactivityInterval: inactivityMs / 1000 },
			log: { level: 'trace' },
			metrics: { port: 0 },
			attempts: { limit: 20 },
			dialects: { kismet: { enabled: true } },
			upstreamCredentials: { kismet: { cookie: { name: 'KISMET', value: kismet.key } } },
			resources: [{ preset: 'kismet', upstream: kismet.url, upstreamCredentials: 'kismet' }],
		},
		clock,
	);
	await service.add('ada', password, { permissions: ['kura.admin'] });
	await service.add('eve', password, { permissions: ['kismet.admin', 'kismet.datasource'] });
	await service.add('bob', password, { permissions: ['kismet.readonly'] });
});
test.after.always(async () => {
	await service?.close();
	kismet?.close();
});

const ada = ['ada', password] as const;
const eve = ['eve', password] as const;
const keys: string[] = [];

/** A program without a jar. */
const ask = (method: string, path: string, what: Call = {}) => createClient(service).send(path, { method, ...what });
const command = (path: string, wanted: object, what: Call = { basic: ada }) =>
	ask('POST', path, { form: { json: JSON.stringify(wanted) }, ...what });
const withKey = (key: string, more: Record<string, string> = {}) => ({ headers: { Cookie: `KISMET=${key}`, ...more } });

async function made(name: string, role: string, duration = 0, basic: readonly [string, string] = ada) {
	const answer = await command(generate, { name, role, duration }, { basic });
	if (answer.status !== 200) throw new Error(`${name}: ${answer.status} ${answer.body}`);
	keys.push(String(answer.body));
	return String(answer.body);
}

const listed = async (basic = ada as readonly [string, string]) =>
	(await ask('GET', '/auth/apikey/list.json', { basic })).body as Record<string, unknown>[];

test('a key is made by a form or by JSON: 32 upper-case digits, in text; it is listed, and never shown again', async (t) => {
	const byForm = await command(generate, { name: 'form', role: 'readonly', duration: 60 });
	const byJson = await ask('POST', generate, { basic: ada, json: { name: 'json', role: 'WEBGPS', duration: 0 } });
	for (const { status, body, headers } of [byForm, byJson]) {
		t.is(status, 200);
		t.regex(String(body), shape);
		t.is(headers['content-type'], 'text/plain; charset=utf-8');
		t.is(headers['cache-control'], 'no-store');
		keys.push(String(body));
	}
	const now = clock.now() / 1000;
	t.deepEqual(await listed(), [
		{
			'kismet.httpd.auth.name': 'json',
			'kismet.httpd.auth.role': 'WEBGPS',
			'kismet.httpd.auth.expiration': Math.floor(now + 365 * day),
		},
		{
			'kismet.httpd.auth.name': 'form',
			'kismet.httpd.auth.role': 'readonly',
			'kismet.httpd.auth.expiration': Math.floor(now + 60),
		},
	]);
	const raw = async (ending: string) =>
		(await fetch(`${service.url}/auth/apikey/list.${ending}`, { headers: authorization(ada) })).text();
	t.deepEqual(
		(await raw('itjson'))
			.trim()
			.split('\n')
			.map((line) => JSON.parse(line)),
		await listed(),
	);
	const [first = ''] = (await raw('ekjson')).split('\n');
	t.is(JSON.parse(first).kismet_httpd_auth_name, 'json');
	t.deepEqual(JSON.parse(await raw('prettyjson')), await listed());
});

const authorization = ([name, word]: readonly [string, string]) => ({
	Authorization: `Basic ${Buffer.from(`${name}:${word}`).toString('base64')}`,
});

test('500 where Kismet answers 500; what is no command is 400, and no role can be what no permission can be', async (t) => {
	await made('taken', 'readonly');
	const cases: [string, object, number][] = [
		[generate, { name: 'taken', role: 'admin', duration: 0 }, 500],
		[generate, { name: 'web logon', role: 'admin', duration: 0 }, 500],
		[revoke, { name: 'nobody has it' }, 500],
		[revoke, { name: `a${'\u0315'.repeat(3000)}${'\u0300'.repeat(3000)}` }, 500],
		[revoke, { name: 'web logon' }, 500],
		[generate, { name: 'x', role: 'a b', duration: 0 }, 400],
		[generate, { name: 'x', role: '', duration: 0 }, 400],
		[generate, { name: '', role: 'admin', duration: 0 }, 400],
		[generate, { name: 'x', role: 'admin', duration: -1 }, 400],
		[generate, { role: 'admin', duration: 0 }, 400],
		[revoke, {}, 400],
	];
	for (const [path, wanted, expected] of cases) {
		const answer = await command(path, wanted);
		t.is(answer.status, expected, JSON.stringify(wanted));
		t.regex(String(answer.body), /\n$/);
	}
	t.is((await ask('POST', generate, { basic: ada, form: { json: '{"name":' } })).status, 400);
	t.is(
		(await ask('POST', generate, { basic: ada, form: { json: '{"name":"x","name":"y","role":"admin"}' } })).status,
		400,
	);
	t.is((await ask('POST', generate, { basic: ada })).status, 415);
	t.is((await ask('GET', generate, { basic: ada })).status, 405);
});

test('the cookie KISMET with a key opens what its role opens, and nothing comes back of it', async (t) => {
	const admin = await made('commands', 'admin');
	const key = await made('reader', 'readonly');
	const sessions = (await service.service.core.sessions.list(undefined, 999)).length;
	for (const method of ['GET', 'POST']) {
		const { status: got, setCookie } = await ask(method, devices, withKey(key));
		t.deepEqual([got, setCookie], [200, []], method);
	}
	t.is(kismet.seen.at(-1)?.headers['remote-user'], 'ada');
	t.is(kismet.seen.at(-1)?.headers['remote-groups'], 'kismet.readonly', 'and not all that ada holds');
	t.is(kismet.seen.at(-1)?.headers.cookie, `KISMET=${kismet.key}`);
	t.is((await ask('POST', close, withKey(key))).status, 403);
	const valid = await ask('GET', '/session/check_session', withKey(key));
	t.deepEqual([valid.status, valid.body, valid.setCookie], [200, 'Session valid\n', []]);
	t.is((await ask('GET', close, withKey(admin))).status, 200, 'a program changes something by GET');
	t.is((await ask('GET', status, withKey(key.toLowerCase()))).status, 401, 'Kismet compares digits, too');
	t.is((await ask('GET', status, { headers: { Authorization: `Bearer ${key}` } })).status, 401);
	t.is((await ask('GET', status, { headers: { 'Kismet-Api-Key': key } })).status, 401);
	t.is((await ask('GET', `${status}?KISMET=${key}`)).status, 401, 'not in the query, where that is off');
	t.is((await service.service.core.sessions.list(undefined, 999)).length, sessions, 'and a key opens no session');
});

test('the session of the same cookie goes on to work, and is what counts; where a key is wrong, a login does', async (t) => {
	const someone = createClient(service);
	await someone.send('/session/check_session', { basic: ['bob', password] });
	const key = await made('beside', 'readonly');
	await ask('GET', devices, { headers: { Cookie: `${someone.cookies()}; KISMET=${key}` } });
	t.is(kismet.seen.at(-1)?.headers['remote-user'], 'bob');
	const wrong = { headers: { Cookie: `KISMET=${'A'.repeat(32)}` } };
	t.is((await ask('GET', devices, { ...wrong, basic: ['bob', password] })).status, 200);
	t.is((await ask('GET', devices, wrong)).status, 401);
	const another = await made('one more', 'readonly');
	t.is((await ask('GET', devices, { headers: { Cookie: `KISMET=${key}; KISMET=${another}` } })).status, 401);
});

test('no key, no token and no stranger makes, lists or revokes keys; nor who is no administrator of Kismet', async (t) => {
	const key = await made('admin of keys', 'admin');
	const { core } = service.service;
	const identity = await core.identities.findByName('ada' as never);
	const token = await core.apiTokens.add(
		identity!,
		{ name: 'CI', permissions: ['kura.admin' as Permission], expiresInMs: 60_000, endsWithPassword: false },
		operator,
	);
	if (!token.ok) throw new Error(token.refusal.kind);
	const who: [Call, number][] = [
		[withKey(key), 401],
		[{ headers: { Authorization: `Bearer ${token.value.text}` } }, 401],
		[{}, 401],
		[{ basic: ['ada', 'wrong'] }, 401],
		[{ basic: ['bob', password] }, 403],
	];
	for (const [what, expected] of who) {
		t.is((await command(generate, { name: 'y', role: 'readonly' }, what)).status, expected);
		t.is((await command(revoke, { name: 'admin of keys' }, what)).status, expected);
		t.is((await ask('GET', '/auth/apikey/list.json', what)).status, expected);
	}
	t.is((await ask('GET', status, withKey(key))).status, 200);
	t.is(
		(await listed()).some((each) => each['kismet.httpd.auth.name'] === 'y'),
		false,
	);
	t.is(
		(await ask('POST', '/session/set_password', { ...withKey(key), form: { password: 'another long secret' } })).status,
		401,
	);
	t.is((await ask('GET', '/services/session/v1/tokens', withKey(key))).status, 401);
	t.is((await ask('GET', '/services/session/v1/currentIdentity', withKey(key))).status, 401);
});

test('the session of a login makes keys for five minutes; then it wants the login again', async (t) => {
	const someone = createClient(service);
	await someone.send('/session/check_session', { basic: ada });
	const make = (name: string, what: Call = {}) =>
		someone.send(generate, { method: 'POST', json: { name, role: 'readonly', duration: 0 }, ...what });
	t.is((await make('fresh')).status, 200);
	clock.wind(301_000);
	t.is((await make('stale')).status, 403);
	t.is((await someone.get('/auth/apikey/list.json')).status, 200);
	t.is((await make('proved', { basic: ada })).status, 200);
	t.is((await make('from elsewhere', { headers: { Origin: 'https://evil.example' } })).status, 403);
});

test('a session of the password before makes no keys, though it lives on; a login of now does', async (t) => {
	await service.add('zoe', password, { permissions: ['kismet.admin', 'kismet.readonly'] });
	const [old, owner] = [createClient(service), createClient(service)];
	const make = (who: typeof old, name: string, what: Call = {}) =>
		who.send(generate, { method: 'POST', json: { name, role: 'readonly', duration: 0 }, ...what });
	const setPassword = (who: typeof old, word: string) =>
		who.send('/session/set_password', { method: 'POST', form: { username: 'zoe', password: word } });
	for (const who of [old, owner]) await who.send('/session/check_session', { basic: ['zoe', password] });
	t.is((await make(old, 'before')).status, 200);
	const next = 'another long secret';
	// Its session was looked at with the headers; the body comes when the password is another.
	const body = JSON.stringify({ name: 'late', role: 'readonly', duration: 0 });
	const headers = { Cookie: `KISMET=${old.jar.get('KISMET')}`, 'Content-Type': 'application/json' };
	const late = request(`${service.url}${generate}`, {
		method: 'POST',
		headers: { ...headers, 'Content-Length': body.length },
	});
	late.flushHeaders();
	const answered = once(late, 'response');
	t.is((await setPassword(owner, next)).status, 200);
	late.end(body);
	const [answer] = await answered;
	t.is(answer.resume().statusCode, 401);
	t.is((await old.get('/auth/apikey/list.json')).status, 200, 'Kismet keeps the sessions');
	t.is((await make(old, 'old')).status, 401);
	t.is((await make(owner, 'setter')).status, 401);
	t.is((await setPassword(old, password)).status, 401, 'nor does it set a password');
	t.is((await make(old, 'wrong', { basic: ['zoe', password] })).status, 401);
	t.is((await make(old, 'login', { basic: ['zoe', next] })).status, 200);
	t.is((await make(old, 'session')).status, 200, 'the one that the login opened');
	const names = (await listed(['zoe', next])).map((key) => key['kismet.httpd.auth.name']);
	t.deepEqual(names.toSorted(), ['before', 'login', 'session']);
});

test('what a session of the password before may not do stands in the audit, and keeps it alive no longer', async (t) => {
	await service.add('kim', password, { permissions: ['kismet.admin'] });
	const [old, owner] = [createClient(service), createClient(service)];
	for (const who of [old, owner]) await who.send('/session/check_session', { basic: ['kim', password] });
	const form = { username: 'kim', password: 'another long secret' };
	t.is((await owner.send('/session/set_password', { method: 'POST', form })).status, 200);
	const refused = () => service.audit().filter(({ identity, act }) => identity === 'kim' && act === 'access');
	const before = refused().length;
	clock.wind(240_000);
	t.is((await old.send('/session/set_password', { method: 'POST', form })).status, 401);
	t.is((await old.send(generate, { method: 'POST', json: { name: 'y', role: 'readonly', duration: 0 } })).status, 401);
	t.deepEqual(
		refused()
			.slice(before)
			.map(({ outcome, reason, dialect }) => [outcome, reason, dialect]),
		Array(2).fill(['refused', 'credentials-changed', 'kismet']),
	);
	clock.wind(inactivityMs - 240_000);
	t.is((await owner.get('/session/check_session')).status, 200, 'to the very end');
	clock.wind(1);
	t.is((await old.get('/session/check_session')).status, 401);
});

test('an administrator makes no key of what they do not hold, and a key loses what they lose', async (t) => {
	const refused = await command(generate, { name: 'r', role: 'readonly', duration: 0 }, { basic: eve });
	t.deepEqual(
		[refused.status, refused.body],
		[403, 'eve does not hold kismet.readonly, and so no token of eve can open it\n'],
	);
	t.is((await command(generate, { name: 'r', role: 'made up', duration: 0 }, { basic: eve })).status, 400);
	t.is((await command(generate, { name: 'r', role: 'madeup', duration: 0 }, { basic: eve })).status, 403);
	const key = await made('eve', 'admin', 0, eve);
	t.is((await ask('GET', status, withKey(key))).status, 200);
	const { identities } = service.service.core;
	const identity = await identities.findByName('eve' as never);
	await identities.revoke(identity!.id, ['kismet.admin' as Permission], operator);
	t.is((await ask('GET', status, withKey(key))).status, 403);
	await identities.grant(identity!.id, ['kismet.admin' as Permission], operator);
	t.is((await ask('GET', status, withKey(key))).status, 200);
});

test('names are each administrator’s own: nobody learns of the keys of others, or revokes them', async (t) => {
	const key = await made('shared name', 'readonly');
	t.is((await command(revoke, { name: 'shared name' }, { basic: eve })).status, 500);
	t.is((await ask('GET', status, withKey(key))).status, 200);
	const own = await made('shared name', 'datasource', 0, eve);
	t.not(own, key);
	t.false((await listed(eve)).some((each) => each['kismet.httpd.auth.role'] === 'readonly'));
	const answer = await command(revoke, { name: 'shared name' }, { basic: eve });
	t.deepEqual([answer.status, answer.body], [200, 'revoked\n']);
	t.is((await ask('GET', status, withKey(key))).status, 200);
	t.is((await command(revoke, { name: 'shared name' }, { basic: eve })).status, 500);
});

test('a key ends when it is revoked, and at the end of its time; then its name is free again', async (t) => {
	const revoked = await made('ends', 'readonly');
	t.is((await command(revoke, { name: 'ends' })).status, 200);
	t.is((await ask('GET', status, withKey(revoked))).status, 401);
	const short = await made('ends', 'readonly', 60);
	clock.wind(59_999);
	t.is((await ask('GET', status, withKey(short))).status, 200);
	clock.wind(1);
	t.is((await ask('GET', status, withKey(short))).status, 401);
	await made('ends', 'readonly', 10 * 365 * day);
	const [newest] = await listed();
	t.is(newest?.['kismet.httpd.auth.expiration'], Math.floor(clock.now() / 1000 + 365 * day), 'no key lives longer');
});

test('a browser that holds a key as a cookie takes it to no change that another page asks for', async (t) => {
	const key = await made('in a browser', 'admin');
	const evil: Record<string, string>[] = [
		{ 'Sec-Fetch-Site': 'cross-site', 'Sec-Fetch-Mode': 'navigate', 'Sec-Fetch-Dest': 'document' },
		{ 'Sec-Fetch-Site': 'same-site', 'Sec-Fetch-Mode': 'navigate', 'Sec-Fetch-Dest': 'document' },
		{ 'Sec-Fetch-Site': 'cross-site', 'Sec-Fetch-Mode': 'no-cors', 'Sec-Fetch-Dest': 'image' },
		{ Referer: 'http://evil.example/' },
		{ 'Accept-Language': 'en' },
		{ Origin: 'http://evil.example' },
	];
	const before = kismet.seen.length;
	for (const headers of evil) {
		const { status: got } = await ask('GET', close, withKey(key, headers));
		t.true(got === 401 || got === 403, JSON.stringify(headers));
	}
	t.is(kismet.seen.length, before);
	t.is(
		(await ask('GET', close, withKey(key, { 'Sec-Fetch-Site': 'same-origin', 'Accept-Language': 'en' }))).status,
		200,
	);
});

const ends: [string, (name: string) => Promise<unknown>][] = [
	['is revoked', (name) => command(revoke, { name })],
	['expires', async () => clock.wind(3_600_000)],
];
for (const [when, act] of ends) {
	test(`a WebSocket that a key opened closes when it ${when}, and no sooner`, async (t) => {
		const key = await made(`socket ${when}`, 'datasource', 3600);
		const url = `${service.url.replace('http', 'ws')}${remote}`;
		const socket = new WebSocket(url, { headers: { Cookie: `KISMET=${key}` } });
		const [event] = await once(socket, 'message');
		t.is(String(event), 'event');
		lookAtWebSocket();
		t.is(socket.readyState, WebSocket.OPEN);
		await act(`socket ${when}`);
		const closed = once(socket, 'close');
		lookAtWebSocket();
		await closed;
		t.pass();
	});
}

test('wrong keys cost no hash, and are counted by address; a right one is let in all the same', async (t) => {
	const key = await made('right', 'readonly');
	const before = await hashCount(service);
	const wrong = (at: number) => ask('GET', status, withKey(at.toString(16).toUpperCase().padStart(32, '0')));
	let last = 0;
	for (let at = 0; at < 25; at += 1) last = (await wrong(at)).status;
	t.is(last, 429);
	t.is(await hashCount(service), before);
	t.is((await ask('GET', status, withKey(key))).status, 200);
	t.is(await hashCount(service), before);
});

const python = `
import sys, requests
url, key = sys.argv[1:]
session = requests.Session()
requests.utils.add_dict_to_cookiejar(session.cookies, {"KISMET": key})
print(session.get(url + "/session/check_session").status_code)
print(session.get(url + "/system/status.json").json()["path"])
print(session.post(url + "/devices/views/all/devices.json", data={"json": "{}"}).status_code)
print(requests.utils.dict_from_cookiejar(session.cookies)["KISMET"] == key)
`;

const noRequests =
	spawnSync('python3', ['-c', 'import requests']).status === 0 ? '' : ': python3-requests is not installed';
(noRequests ? test.skip : test)(
	`python-kismet-rest’s way: requests, with the key in its cookie jar${noRequests}`,
	async (t) => {
		const key = await made('python', 'readonly');
		const client = spawn('python3', ['-c', python, service.url, key], { stdio: ['ignore', 'pipe', 'pipe'] });
		const [said, complaint] = await Promise.all([text(client.stdout), text(client.stderr)]);
		t.is(said, '200\n/system/status.json\n200\nTrue\n', complaint);
	},
);

test('no line of the log and no request that went on has a key; the audit names it', (t) => {
	const lines = JSON.stringify(service.lines);
	const onward = JSON.stringify(kismet.seen);
	t.true(keys.length > 10);
	for (const key of keys) t.false(lines.includes(key) || onward.includes(key));
	const adds = service
		.audit()
		.filter(({ act, outcome }) => act === 'token-add' && outcome === 'ok')
		.filter(({ actor }) => actor !== 'operator');
	t.true(adds.length > 10 && adds.every(({ token, actor, session }) => token && actor && session));
});
