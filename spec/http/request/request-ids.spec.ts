import { once } from 'node:events';
import test from 'ava';
import WebSocket from 'ws';
import { createClient } from '../../_support/client.ts';
import { startService, type TestService } from '../../_support/service.ts';
import { startUpstream, type Upstream } from '../../_support/upstream.ts';

/* By what a line of the log is found, here, at the proxy in front and in the applications behind. */

const password = 'four brown bears';
const base = '/services/session/v1';
const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
const traceparent = `00-${traceId}-00f067aa0ba902b7-01`;
const tracestate = ['congo=t61rcWkgMzE', 'rojo=00f067aa0ba902b7'];
const ours = /^[a-z0-9]+-[a-z0-9]+$/;

let upstream: Upstream;
let service: TestService;
let port: number;

test.before(async () => {
	upstream = await startUpstream(undefined, { echo: true });
	service = await startService({
		trustedProxies: ['127.0.0.1/32'],
		auth: { basic: true },
		resources: [
			{ path: '/open', access: 'public', upstream: upstream.url },
			{ path: '/down', access: 'public', upstream: 'http://127.0.0.1:9' },
			{ path: '/treasure', permission: 'p', upstream: upstream.url, xsrf: 'unsafe' },
		],
	});
	port = Number(new URL(service.url).port);
	await service.add('ada', password, { permissions: ['p'] });
	await service.add('bob', password);
});
test.after.always(async () => {
	await service?.close();
	upstream?.close();
});

/** From the address of the trusted proxy, or from any other. */
const proxy = () => createClient({ port });
const stranger = () => createClient({ port, from: '127.0.0.2' });

/** The lines that were written for a request. */
const linesOf = (requestId: unknown) => service.lines.filter((line) => line.requestId === requestId);

const wrong = { json: { username: 'ada', password: 'wrong' }, method: 'POST' } as const;

const acts: readonly { readonly says: string; readonly act: (headers: Record<string, string>) => Promise<unknown> }[] =
	[
		{
			says: 'a login that is refused',
			act: (headers) => proxy().send(`${base}/login/password`, { ...wrong, headers }),
		},
		{
			says: 'a login',
			act: (headers) =>
				proxy().send(`${base}/login/password`, { method: 'POST', json: { username: 'ada', password }, headers }),
		},
		{
			says: 'a logout',
			async act(headers) {
				const ada = proxy();
				await ada.login('ada', password);
				await ada.send(`${base}/logout`, { method: 'POST', headers });
			},
		},
		{
			says: 'a permission that is missing',
			async act(headers) {
				const bob = proxy();
				await bob.login('bob', password);
				await bob.send('/treasure', { headers });
			},
		},
		{
			says: 'a page of another site',
			act: (headers) => proxy().send('/treasure', { headers: { ...headers, 'Sec-Fetch-Site': 'cross-site' } }),
		},
		{
			says: 'a change from another site',
			act: (headers) =>
				proxy().send(`${base}/logout`, { method: 'POST', headers: { ...headers, Origin: 'https://a' } }),
		},
		{
			says: 'an API token that is none',
			act: (headers) =>
				proxy().send('/treasure', { headers: { ...headers, Authorization: `Bearer lk_${'a'.repeat(50)}` } }),
		},
		{
			says: 'wrong credentials in Basic',
			act: (headers) => proxy().send('/treasure', { headers, basic: ['ada', 'wrong'] }),
		},
		{ says: 'an upstream that is down', act: (headers) => proxy().send('/down', { headers }) },
	];
for (const [at, { says, act }] of acts.entries()) {
	test(`what a trusted proxy calls a request stands in every line about it: ${says}`, async (t) => {
		const requestId = `proxy:${at}`;
		await act({ 'X-Request-Id': requestId, traceparent });
		const lines = linesOf(requestId);
		t.true(lines.length > 0);
		for (const line of lines) t.is(line.traceId, traceId, JSON.stringify(line));
	});
}

test('a fault is found by both, and the answer says the one that the proxy knows', async (t) => {
	const broken = await startService({ trustedProxies: ['127.0.0.1/32'] });
	t.teardown(broken.close);
	await broken.service.core.close();
	const headers = { 'X-Request-Id': 'proxy:fault', traceparent, Authorization: `Bearer lk_${'a'.repeat(50)}` };
	const client = createClient({ port: Number(new URL(broken.url).port) });
	const answer = await client.send(`${base}/login/password`, { ...wrong, headers });
	t.true(answer.status >= 500, answer.text);
	t.is(answer.headers['x-request-id'], 'proxy:fault');
	t.is((answer.body as { requestId?: unknown }).requestId, 'proxy:fault');
	const lines = broken.lines.filter(({ requestId }) => requestId === 'proxy:fault');
	t.true(lines.some(({ cause }) => cause !== undefined));
	for (const line of lines) t.is(line.traceId, traceId);
});

test('a stranger says neither: the id is ours, and of no trace', async (t) => {
	const headers = { 'X-Request-Id': 'forged', traceparent };
	const answer = await stranger().send(`${base}/login/password`, { ...wrong, headers });
	const id = String(answer.headers['x-request-id']);
	t.regex(id, ours);
	t.true(linesOf(id).length > 0);
	for (const line of linesOf(id)) t.false('traceId' in line);
	t.deepEqual(linesOf('forged'), []);
});

const ids: readonly { readonly says: string; readonly id: string | string[]; readonly taken: boolean }[] = [
	{ says: 'a UUID', id: '0b5cb6d0-4f0d-4f1c-9d1e-2d8f6f1f2a10', taken: true },
	{ says: 'nginx’s', id: '444535f9378a3dfa1b8604bc9e05a303', taken: true },
	{ says: 'HAProxy’s', id: '7F000001:8296_7F00001E:1F90_4F7B0A69_0003:790', taken: true },
	{ says: 'base64', id: 'aGVsbG8/d29ybG+Q==', taken: true },
	{ says: '128 characters', id: 'a'.repeat(128), taken: true },
	{ says: '129 characters', id: 'a'.repeat(129), taken: false },
	{ says: 'none', id: '', taken: false },
	{ says: 'two', id: ['a', 'b'], taken: false },
	{ says: 'with a space', id: 'a b', taken: false },
	{ says: 'with a quote', id: 'a"b', taken: false },
	{ says: 'with markup', id: '<b>a</b>', taken: false },
	{ says: 'with a control', id: 'a\tb', taken: false },
	{ says: 'beyond ASCII', id: 'a\xe4', taken: false },
];
for (const { says, id, taken } of ids) {
	test(`an id of a trusted proxy, ${says}: ${taken ? 'taken' : 'ours in its place'}`, async (t) => {
		const answer = await proxy().send('/nowhere', { headers: { 'X-Request-Id': id } });
		if (taken) t.is(answer.headers['x-request-id'], String(id));
		else t.regex(String(answer.headers['x-request-id']), ours);
	});
}

test('a traceparent that is none is of no trace, and the request’s id counts all the same', async (t) => {
	const headers = { 'X-Request-Id': 'proxy:none', traceparent: `${traceparent}-more` };
	await proxy().send(`${base}/login/password`, { ...wrong, headers });
	t.true(linesOf('proxy:none').length > 0);
	for (const line of linesOf('proxy:none')) t.false('traceId' in line);
});

test.serial('an upstream gets the request’s id once, and of the trace what came, unchanged', async (t) => {
	const headers = { 'X-Request-Id': 'proxy:on', traceparent, tracestate, baggage: 'a=b' };
	await proxy().send('/open', { headers });
	t.like(upstream.headers.at(-1), {
		...{ 'x-request-id': 'proxy:on', traceparent, tracestate: tracestate.join(', '), baggage: 'a=b' },
	});
	await stranger().send('/open', { headers });
	const { 'x-request-id': id, ...others } = upstream.headers.at(-1) ?? {};
	t.regex(String(id), ours);
	t.like(others, { traceparent, tracestate: tracestate.join(', ') });
	// Ours is the one that stands in the log.
	const answer = await stranger().send('/down', { headers });
	t.is(linesOf(answer.headers['x-request-id']).length, 1);
});

test.serial('and so does a WebSocket’s', async (t) => {
	const socket = new WebSocket(`ws://127.0.0.1:${port}/open`, { headers: { 'X-Request-Id': 'proxy:ws', traceparent } });
	t.teardown(() => socket.terminate());
	await once(socket, 'open');
	t.like(upstream.headers.at(-1), { 'x-request-id': 'proxy:ws', traceparent });
});
