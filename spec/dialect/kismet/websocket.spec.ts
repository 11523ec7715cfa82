import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import test from 'ava';
import Koa, { type Context } from 'koa';
import { WebSocket, WebSocketServer } from 'ws';
import { createKismetAuthenticator } from '../../../src/dialect/kismet/authenticator.ts';
import { checkSession, password, startSetUp, withService } from '../../_support/dialects.ts';

const basic = { Authorization: `Basic ${Buffer.from(`kismet:${password}`).toString('base64')}` };

test('a WebSocket that is opened by Basic brings the session’s cookie', async (t) => {
	const server = createServer().listen(0, '127.0.0.1');
	await once(server, 'listening');
	const upstream = new WebSocketServer({ server });
	t.teardown(() => {
		upstream.close();
		server.close();
	});
	const { port } = server.address() as AddressInfo;
	const resources = [{ path: '/live', permission: 'rest.live', upstream: `http://127.0.0.1:${port}` }];
	await withService(
		() => startSetUp({ resources }),
		async ({ url, caller }) => {
			const socket = new WebSocket(`${url.replace('http', 'ws')}/live`, { headers: basic });
			const [upgraded] = (await once(socket, 'upgrade')) as [import('node:http').IncomingMessage];
			const [Cookie = ''] = upgraded.headers['set-cookie']?.[0]?.split(';') ?? [];
			t.regex(Cookie, /^KISMET=/);
			t.is((await caller().get(checkSession, { Cookie })).status, 200);
			socket.terminate();
		},
	);
});

test('a request that is judged again, as that of an open WebSocket, goes by the session that it was given, to its end', (t) =>
	withService(startSetUp, async ({ service }) => {
		const { sessions, identities, credentials } = service.core;
		const authenticator = createKismetAuthenticator({ sessions, identities, credentials, configured: undefined });
		const requirements = { session: 'open', xsrf: 'token', countsAsActivity: false } as const;
		const judge = async (ctx: Context) =>
			((await authenticator.bySession(ctx, requirements)) ?? (await authenticator.byCredentials?.(ctx, requirements)))
				?.ok;
		const app = new Koa();
		app.use(async (ctx) => {
			ctx.state = { client: { address: '127.0.0.1', secure: false }, requestId: 'x' };
			t.true(await judge(ctx));
			t.true(await judge(ctx));
			const held = await sessions.list(undefined, 9);
			t.is(held.length, 1);
			if (held[0]) await sessions.end(held[0].key, {});
			t.falsy(await judge(ctx));
			t.deepEqual(await sessions.list(undefined, 9), []);
			ctx.body = '';
		});
		const server = createServer(app.callback()).listen(0, '127.0.0.1');
		await once(server, 'listening');
		await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, { headers: basic });
		server.close();
	}));
