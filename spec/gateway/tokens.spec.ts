import { once } from 'node:events';
import test from 'ava';
import WebSocket from 'ws';
import { newApiToken } from '../../src/core/api-token.ts';
import type { Identity, Permission } from '../../src/core/identity.ts';
import type { NewApiToken } from '../../src/core/new-api-token.ts';
import { createClient } from '../_support/client.ts';
import { createHandClock } from '../_support/hand-clock.ts';
import { startService, type TestService } from '../_support/service.ts';
import { startUpstream, type Upstream } from '../_support/upstream.ts';
import { lookAtWebSocket } from '../_support/websocket-looks.ts';

/* API tokens at what is protected: the own reverse proxy, forward-auth and WebSockets. */

const password = 'a long enough secret';
const operator = { actor: 'operator' } as const;
const verify = '/services/auth/v1/verify';
const clock = createHandClock(Date.now());

let upstream: Upstream;
/** The headers of what reached it last. */
const reached = () => upstream.headers.at(-1);
let service: TestService;

test.before(async () => {
	upstream = await startUpstream(undefined, { echo: true });
	const rule = (path: string, more: object) => ({ path, upstream: upstream.url, ...more });
	service = await startService(
		{
			trustedProxies: ['127.0.0.1/32'],
			dialects: { kismet: { enabled: true }, insights: { enabled: true } },
			resources: [
				rule('/public', { access: 'public' }),
				rule('/x/deep', { permission: 'rest.x', xsrf: 'origin' }),
				rule('/x', { permission: 'rest.x' }),
				rule('/machines', { permission: 'rest.x', xsrf: 'unsafe', credentials: ['token'] }),
				rule('/people', { permission: 'rest.x', credentials: ['password'] }),
				rule('/y', { permission: 'rest.y' }),
				rule('/anyone', { access: 'authenticated' }),
			],
		},
		clock,
	);
});
test.after.always(async () => {
	await service?.close();
	upstream?.close();
});
test.beforeEach(() => {
	upstream.headers.length = 0;
});

let added = 0;
/** An identity that holds `rest.x` and `rest.y`, and a token of it for `rest.x`. */
async function machine(how: Partial<NewApiToken> = {}): Promise<{ identity: Identity; text: string; id: string }> {
	added += 1;
	const identity = await service.add(`ci-${added}`, password, { permissions: ['rest.x', 'rest.y'] });
	const wanted = { name: 'CI', permissions: ['rest.x' as Permission], expiresInMs: 3_600_000, endsWithPassword: false };
	const made = await service.service.core.apiTokens.add(identity, { ...wanted, ...how }, operator);
	if (!made.ok) throw new Error(made.refusal.kind);
	return { identity, text: made.value.text, id: made.value.token.id };
}

const bearer = (text: string) => ({ Authorization: `Bearer ${text}` });
const ask = (path: string, headers: Record<string, string>, method = 'GET') =>
	createClient(service).send(path, { method, headers });
const codeOf = ({ body }: { body: unknown }) => (body as { code?: string }).code;
/** As a proxy asks about a request. */
const about = (path: string, method = 'GET') => ({ 'X-Forwarded-Method': method, 'X-Forwarded-Uri': path });

test.serial('a token opens a resource, with any method, without cookie and XSRF token', async (t) => {
	const { text, identity } = await machine();
	for (const method of ['GET', 'POST', 'PUT', 'DELETE']) {
		const { status, body, setCookie } = await ask('/x/1', bearer(text), method);
		t.deepEqual([status, body, setCookie], [200, 'the treasure', []], method);
	}
	t.is(reached()?.['remote-user'], identity.name);
	t.is(reached()?.['remote-groups'], 'rest.x', 'and not all that its identity holds');
	t.is((await ask('/x/deep', bearer(text), 'POST')).status, 200, 'no page sends it: it comes from none');
	t.is((await ask('/anyone', bearer(text))).status, 200);
	t.is((await ask('/x', { Authorization: `bearer  ${text}` })).status, 200, 'the scheme has no case');
});

test.serial('what it does not open is 403, in the words of RFC 6750', async (t) => {
	const { text, id } = await machine();
	const answer = await ask('/y', bearer(text));
	t.deepEqual([answer.status, codeOf(answer)], [403, 'permission-missing']);
	t.is(answer.headers['www-authenticate'], 'Bearer error="insufficient_scope"');
	t.is(reached(), undefined);
	t.like(service.audit().at(-1), { act: 'access', outcome: 'refused', reason: 'permission-missing', token: id });
});

test.serial('what is no token is 401 invalid_token, in one voice, and leads nobody to a sign-in page', async (t) => {
	const [ended, disabled, elsewhere] = [await machine(), await machine(), await machine({ networks: ['10.0.0.0/8'] })];
	const { apiTokens, identities } = service.service.core;
	await apiTokens.endOf(ended.identity.id, operator);
	await identities.setDisabled(disabled.identity.id, true, operator);
	const answers = [];
	for (const text of [newApiToken().text, ended.text, disabled.text, elsewhere.text]) {
		for (const [path, more] of [
			['/x', {}],
			[verify, about('/x')],
		] as const) {
			const answer = await ask(path, { ...bearer(text), ...more });
			t.is(answer.headers['www-authenticate'], 'Bearer error="invalid_token"');
			t.is(answer.headers['latchkey-login'], undefined);
			answers.push(`${answer.status} ${JSON.stringify(answer.body)}`);
		}
	}
	t.deepEqual([...new Set(answers)], ['401 {"message":"The token is not valid","code":"token-invalid"}']);
	t.is(reached(), undefined);
	clock.wind(600_000);
});

test.serial('a token that is mistyped, and one that has expired, are told so', async (t) => {
	const { text } = await machine({ expiresInMs: 60_000 });
	t.is(codeOf(await ask('/x', bearer(text.slice(0, -1)))), 'token-malformed');
	t.is(codeOf(await ask('/x', bearer(`${text}, Bearer ${text}`))), 'token-malformed');
	clock.wind(60_000);
	const answer = await ask('/x', bearer(text));
	t.deepEqual([answer.status, codeOf(answer)], [401, 'token-expired']);
});

/** Where a token must never be taken from. */
const places: [
	string,
	(text: string) => { path?: string; headers?: Record<string, string>; form?: Record<string, string> },
][] = [
	['access_token in the query', (text) => ({ path: `/x?access_token=${text}` })],
	['token in the query', (text) => ({ path: `/x?token=${text}` })],
	['KISMET in the query', (text) => ({ path: `/x?KISMET=${text}` })],
	['the session cookie', (text) => ({ headers: { Cookie: `JSESSIONID=${text}` } })],
	['the cookie KISMET', (text) => ({ headers: { Cookie: `KISMET=${text}` } })],
	['the cookie session', (text) => ({ headers: { Cookie: `session=${text}` } })],
	['the cookie Authorization', (text) => ({ headers: { Cookie: `Authorization=Bearer ${text}` } })],
	['a form', (text) => ({ form: { access_token: text } })],
	['X-XSRF-Token', (text) => ({ headers: { 'X-XSRF-Token': text } })],
	['X-API-Key', (text) => ({ headers: { 'X-API-Key': text } })],
	['Proxy-Authorization', (text) => ({ headers: { 'Proxy-Authorization': `Bearer ${text}` } })],
	['another scheme', (text) => ({ headers: { Authorization: `Token ${text}` } })],
	['no scheme', (text) => ({ headers: { Authorization: text } })],
	['the user name of Basic', (text) => ({ headers: { Authorization: `Basic ${btoa(`${text}:`)}` } })],
	['the password of Basic', (text) => ({ headers: { Authorization: `Basic ${btoa(`ci-1:${text}`)}` } })],
];
for (const [place, put] of places) {
	test.serial(`a token is taken from Authorization: Bearer alone, not from ${place}`, async (t) => {
		const { text } = await machine();
		const { path = '/x', headers = {}, form } = put(text);
		const { status } = await createClient(service).send(path, {
			method: form ? 'POST' : 'GET',
			headers,
			...(form && { form }),
		});
		t.is(status, 401);
		const asked = path.replace('/x', verify);
		t.is((await ask(asked, { ...about('/x'), ...headers })).status === 200, false);
		t.is(reached(), undefined);
	});
}

test.serial('a request that shows a token is judged by it, whatever session it carries besides', async (t) => {
	const { text, identity } = await machine({ permissions: [] });
	const visitor = createClient({ port: Number(new URL(service.url).port) });
	await visitor.login(identity.name, password);
	const session = { Cookie: visitor.cookies() };
	t.is((await ask('/x/deep', session)).status, 200, 'the session alone');
	t.is((await ask('/x/deep', { ...session, ...bearer(text) })).status, 403);
	t.is((await ask('/x/deep', { ...session, ...bearer(newApiToken().text) })).status, 401);
	t.is((await ask('/x/deep', { ...session, Authorization: 'Bearer of.somebody.else' })).status, 200);
});

test.serial('a rule may take tokens alone, or anything but them', async (t) => {
	const { text, identity } = await machine();
	const visitor = createClient({ port: Number(new URL(service.url).port) });
	await visitor.login(identity.name, password);
	const session = { Cookie: visitor.cookies() };
	t.is((await ask('/machines', bearer(text))).status, 200);
	t.is(codeOf(await ask('/machines', session)), 'credential-not-accepted');
	t.is(codeOf(await ask('/people', bearer(text))), 'credential-not-accepted');
	t.is(codeOf(await ask('/people', { ...session, ...bearer(text) })), 'credential-not-accepted');
});

test.serial('a page of another site opens nothing with a token either', async (t) => {
	const { text } = await machine();
	for (const from of [{ Origin: 'https://evil.example' }, { 'Sec-Fetch-Site': 'cross-site' }]) {
		t.is((await ask('/x', { ...bearer(text), ...from }, 'POST')).status, 403);
	}
});

test.serial('no upstream sees a token, wanted or not; the bearer tokens of applications go through', async (t) => {
	const { text } = await machine();
	for (const path of ['/x', '/public']) {
		t.is((await ask(path, bearer(text))).status, 200);
		t.is(reached()?.authorization, undefined, path);
	}
	t.is((await ask('/public', bearer('lk_not-one-of-ours'))).status, 200);
	t.is(reached()?.authorization, undefined, 'nor what looks like one');
	// While Kismet is on, the header is Latchkey's: an application behind another service has it.
	const plain = await startService({
		resources: [{ path: '/public', access: 'public', upstream: upstream.url }],
	});
	t.teardown(() => plain.close());
	const call = (authorization: string) => createClient(plain).get('/public', { Authorization: authorization });
	await call('Bearer eyJhbGciOi.J9.x');
	t.is(reached()?.authorization, 'Bearer eyJhbGciOi.J9.x');
	await call(`Bearer ${text}`);
	t.is(reached()?.authorization, undefined);
});

test.serial('forward-auth answers for a token as for a session', async (t) => {
	const { text, identity } = await machine();
	const passed = await ask(verify, { ...bearer(text), ...about('/x', 'POST') });
	t.is(passed.status, 200);
	t.is(passed.headers['remote-user'], identity.name);
	t.is(passed.headers['remote-groups'], 'rest.x');
	t.is(passed.headers.authorization, undefined);
	t.is((await ask(verify, { ...bearer(text), ...about('/y') })).status, 403);
	t.is((await ask(`${verify}?permission=rest.x`, bearer(text))).status, 200);
	t.is((await ask(`${verify}?permission=rest.y`, bearer(text))).status, 403);
});

const paths: [string, number][] = [
	['/x/a', 200],
	['/x/a/b', 200],
	['/x/A', 200],
	['/x/a?q=/y', 200],
	['/x', 403],
	['/x/ab', 403],
	['/x/b', 403],
	['/anyone', 403],
];
for (const [path, expected] of paths) {
	test.serial(`a token with paths opens those alone: ${path}`, async (t) => {
		const { text } = await machine({ paths: ['/x/a'] });
		const own = await ask(path, bearer(text));
		t.is(own.status, expected);
		if (expected === 403) t.is(codeOf(own), 'token-path');
		t.is((await ask(verify, { ...bearer(text), ...about(path) })).status, expected);
	});
}

/** Of a token for `/x/a`, in words that lead elsewhere within the same rule. */
const ways: { method: string; headers: Record<string, string>; status: number }[] = [
	{ method: 'COPY', headers: { Destination: '/x/a/2' }, status: 200 },
	{ method: 'COPY', headers: { Destination: '/x/b' }, status: 403 },
	{ method: 'MOVE', headers: { Destination: '/x' }, status: 403 },
	{ method: 'PUT', headers: { Destination: '/x/b' }, status: 200 },
	{ method: 'GET', headers: { 'X-Rewrite-URL': '/x/a/2?q' }, status: 200 },
	{ method: 'GET', headers: { 'X-Rewrite-URL': '/x/b' }, status: 403 },
];
for (const { method, headers, status } of ways) {
	test.serial(
		`a token with paths is not led out of them: ${method}, ${JSON.stringify(headers)}: ${status}`,
		async (t) => {
			const { text } = await machine({ paths: ['/x/a'] });
			const rewrites = 'X-Rewrite-URL' in headers;
			for (const question of [verify, `${verify}?permission=rest.x`]) {
				// Nobody knows what a Destination requires where the proxy itself names a permission.
				if (question !== verify && !rewrites) continue;
				const { status: got } = await ask(question, { ...bearer(text), ...about('/x/a/1', method), ...headers });
				t.is(got, status, question);
			}
			const envoy = await ask('/services/auth/v1/ext-authz/x/a/1', { ...bearer(text), ...headers }, method);
			t.is(envoy.status, status, 'as Envoy asks');
			if (status === 403) t.like(service.audit().at(-1), { act: 'access', outcome: 'refused', reason: 'token-path' });
		},
	);
}

test.serial('a token with paths opens nothing where the path is not known', async (t) => {
	const { text } = await machine({ paths: ['/x'] });
	t.is((await ask(`${verify}?permission=rest.x`, bearer(text))).status, 403);
	t.is((await ask(`${verify}?permission=rest.x`, { ...bearer(text), ...about('/x/1') })).status, 200);
	const ambiguous = await ask('/x/../y', bearer(text));
	t.true(ambiguous.status >= 400 && reached() === undefined);
});

test.serial(
	'wrong tokens are counted for their address, are 429 with Retry-After then, and right ones pass',
	async (t) => {
		const { text } = await machine();
		const from = { 'X-Forwarded-For': '198.51.100.77' };
		const statuses = [];
		for (let count = 0; count < 12; count += 1) {
			statuses.push((await ask('/x', { ...bearer(newApiToken().text), ...from })).status);
		}
		t.deepEqual(statuses, [...Array<number>(10).fill(401), 429, 429]);
		const refused = await ask('/x', { ...bearer(newApiToken().text), ...from });
		t.true(Number(refused.headers['retry-after']) > 0);
		t.is((await ask('/x', { ...bearer(text), ...from })).status, 200);
		t.is((await ask('/x', { ...bearer(newApiToken().text), 'X-Forwarded-For': '198.51.100.78' })).status, 401);
	},
);

async function opened(text: string): Promise<WebSocket> {
	const socket = new WebSocket(`${service.url.replace('http', 'ws')}/x/socket`, { headers: bearer(text) });
	await once(socket, 'open');
	return socket;
}

const ends: [string, (made: { identity: Identity; id: string }) => Promise<unknown>][] = [
	['the token is ended', ({ identity }) => service.service.core.apiTokens.endOf(identity.id, operator)],
	[
		'its identity is disabled',
		({ identity }) => service.service.core.identities.setDisabled(identity.id, true, operator),
	],
	['its identity is removed', ({ identity }) => service.service.core.identities.remove(identity.id, operator)],
	[
		'its identity loses the permission',
		({ identity }) => service.service.core.identities.revoke(identity.id, ['rest.x' as Permission], operator),
	],
	['its time is over', async () => clock.wind(3_600_000)],
];
for (const [when, act] of ends) {
	test.serial(`a WebSocket that a token opened closes when ${when}, and no sooner`, async (t) => {
		const made = await machine();
		const socket = await opened(made.text);
		t.is(reached()?.authorization, undefined);
		lookAtWebSocket();
		socket.send('still here');
		t.is(String((await once(socket, 'message'))[0]), 'still here');
		await act(made);
		const closed = once(socket, 'close');
		lookAtWebSocket();
		await closed;
		t.pass();
	});
}

test.serial('no line of the log has a secret of a token', (t) => {
	const secrets = JSON.stringify(service.lines).match(/lk_[a-z2-7]{12}_/g);
	t.is(secrets, null);
});
