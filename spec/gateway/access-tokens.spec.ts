import { once } from 'node:events';
import test from 'ava';
import WebSocket from 'ws';
import type { Permission } from '../../src/core/identity.ts';
import { createClient } from '../_support/client.ts';
import { createHandClock } from '../_support/hand-clock.ts';
import { startService, type TestService } from '../_support/service.ts';
import { startUpstream, type Upstream } from '../_support/upstream.ts';
import { lookAtWebSocket } from '../_support/websocket-looks.ts';

/* Access tokens at what is protected: the own reverse proxy, forward-auth and WebSockets. */

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
			dialects: { kuraTokens: { enabled: true } },
			resources: [
				rule('/public', { access: 'public' }),
				rule('/x', { permission: 'rest.x' }),
				rule('/y', { permission: 'rest.y' }),
				rule('/jwt', { permission: 'rest.x', credentials: ['jwt'] }),
				rule('/tokens', { permission: 'rest.x', credentials: ['token'] }),
				rule('/people', { permission: 'rest.x', credentials: ['password'] }),
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
async function machine() {
	added += 1;
	const identity = await service.add(`ci.${added}`, password, { permissions: ['rest.x'] });
	const origin = { address: '127.0.0.1', requestId: 'a spec' };
	const issued = await service.service.core.tokenPairs.issue({ identity, credential: 'basic' }, origin);
	if (!issued.ok) throw new Error(issued.refusal.kind);
	return { identity, ...issued.value };
}
const bearer = (text: string) => ({ Authorization: `Bearer ${text}` });
const ask = (path: string, headers: Record<string, string>, method = 'GET') =>
	createClient(service).send(path, { method, headers });
const codeOf = ({ status, body }: { status: number; body: unknown }) => `${status} ${(body as { code?: string }).code}`;
const about = (path: string, method = 'GET') => ({ 'X-Forwarded-Method': method, 'X-Forwarded-Uri': path });

test.serial('an access token opens a resource with any method, and no upstream sees it', async (t) => {
	const { accessToken, identity } = await machine();
	for (const method of ['GET', 'POST', 'DELETE']) {
		const { status, body, setCookie } = await ask('/x/1', bearer(accessToken), method);
		t.deepEqual([status, body, setCookie], [200, 'the treasure', []], method);
		t.is(reached()?.authorization, undefined);
	}
	t.is(reached()?.['remote-user'], identity.name);
	const missing = await ask('/y', bearer(accessToken));
	t.is(codeOf(missing), '403 permission-missing');
	t.is(missing.headers['www-authenticate'], 'Bearer error="insufficient_scope"');
});

test.serial('no token of ours goes on, right or wrong, wanted or not; those of applications do', async (t) => {
	const { accessToken, refreshToken } = await machine();
	const forged = `${accessToken.slice(0, -8)}AAAAAAAA`;
	for (const text of [accessToken, refreshToken, forged]) {
		t.is((await ask('/public', bearer(text))).status, 200);
		t.is(reached()?.authorization, undefined, text.slice(0, 8));
		t.is((await ask('/public', { Authorization: `bearer  ${text}` })).status, 200);
		t.is(reached()?.authorization, undefined);
		const envoy = await fetch(`${service.url}/services/auth/v1/ext-authz/public`, { headers: bearer(text) });
		t.is(envoy.status, 200);
		t.regex(envoy.headers.get('x-envoy-auth-headers-to-remove') ?? '', /\bauthorization\b/);
	}
	const theirs = ['eyJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJhcHAifQ.c2ln', 'a.b.c', 'opaque', `x${accessToken}`];
	for (const text of theirs) {
		t.is((await ask('/public', bearer(text))).status, 200);
		t.is(reached()?.authorization, `Bearer ${text}`);
	}
	t.is(codeOf(await ask('/x', bearer(theirs[0] ?? ''))), '401 session-missing');
});

test.serial('a rule names it jwt: no API token, and neither password nor Basic', async (t) => {
	const { accessToken, identity } = await machine();
	const wanted = { name: 'x', permissions: ['rest.x' as Permission], expiresInMs: 60_000, endsWithPassword: false };
	const made = await service.service.core.apiTokens.add(identity, wanted, operator);
	const apiToken = made.ok ? made.value.text : '';
	t.is((await ask('/jwt', bearer(accessToken))).status, 200);
	t.is((await ask('/tokens', bearer(apiToken))).status, 200);
	for (const [path, text] of [
		['/tokens', accessToken],
		['/people', accessToken],
		['/jwt', apiToken],
	] as const) {
		t.is(codeOf(await ask(path, bearer(text))), '403 credential-not-accepted', path);
	}
	t.is((await createClient(service).send('/jwt', { basic: [identity.name, password] })).status, 401);
});

test.serial('forward-auth judges an access token, and passes nothing of it on', async (t) => {
	const { accessToken, identity } = await machine();
	const passed = await ask(verify, { ...bearer(accessToken), ...about('/x', 'POST') });
	t.is(passed.status, 200);
	t.is(passed.headers['remote-user'], identity.name);
	t.is(passed.headers.authorization, undefined);
	t.is((await ask(verify, { ...bearer(accessToken), ...about('/y') })).status, 403);
	t.is((await ask(verify, { ...bearer(`${accessToken}x`), ...about('/x') })).status, 401);
});

const ends: [string, (made: Awaited<ReturnType<typeof machine>>) => Promise<unknown>][] = [
	[
		'its identity is disabled',
		({ identity }) => service.service.core.identities.setDisabled(identity.id, true, operator),
	],
	['its identity is removed', ({ identity }) => service.service.core.identities.remove(identity.id, operator)],
	[
		'its identity must change the password',
		({ identity }) => service.service.core.identities.requirePasswordChange(identity.id, operator),
	],
	[
		'its identity loses the permission',
		({ identity }) => service.service.core.identities.revoke(identity.id, ['rest.x' as Permission], operator),
	],
	['its time is over', async () => clock.wind(90_000)],
];
for (const [when, act] of ends) {
	test.serial(`a WebSocket that an access token opened closes when ${when}, and no sooner`, async (t) => {
		const made = await machine();
		const url = `${service.url.replace('http', 'ws')}/x/socket`;
		const socket = new WebSocket(url, { headers: bearer(made.accessToken) });
		await once(socket, 'open');
		t.is(reached()?.authorization, undefined);
		lookAtWebSocket();
		socket.send('still here');
		t.is(String((await once(socket, 'message'))[0]), 'still here');
		const closed = once(socket, 'close');
		await act(made);
		lookAtWebSocket();
		await closed;
		t.is(socket.readyState, WebSocket.CLOSED);
	});
}
