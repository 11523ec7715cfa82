import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestFn } from 'ava';
import WebSocket, { WebSocketServer } from 'ws';
import { newApiToken } from '../../../src/core/api-token.ts';
import type { Permission } from '../../../src/core/identity.ts';
import { type Answer, createClient } from '../../_support/client.ts';
import type { Behind, Running } from '../../_support/proxies.ts';
import { startService, type TestService } from '../../_support/service.ts';
import { password, portOf } from './proxy.behind.ts';
import { type Echo, echo, valuesOf } from './servers.ts';

/*
 * What machines show in place of a session, behind a proxy with the example of the pages in docs: API tokens, Kismet's keys and
 * Kismet's session. Each opens what it may, and none reaches the application.
 */

export function keepsSecrets(test: TestFn, name: string, start: (behind: Behind) => Promise<Running>): void {
	let application: Server;
	let service: TestService;
	let proxy: Running;
	let token: string;
	let key: string;
	let session: string;
	/** All that arrived at the application: targets and headers. */
	const arrived: string[] = [];

	const ask = (target: string, headers: Record<string, string>, method = 'GET'): Promise<Answer> =>
		createClient({ port: proxy.port, ca: proxy.ca }).send(target, { method, headers });
	const headersOf = (got: Answer) => (got.body as Echo).headers;
	const basic = { Authorization: `Basic ${Buffer.from(`ada:${password}`).toString('base64')}` };
	const bearer = (text: string) => ({ Authorization: `Bearer ${text}` });

	test.before(async () => {
		application = createServer((req, res) => {
			arrived.push(req.url ?? '', ...req.rawHeaders);
			return echo(req, res);
		}).listen(0, '127.0.0.1');
		await once(application, 'listening');
		new WebSocketServer({ server: application }).on('connection', (socket, req) => {
			arrived.push(req.url ?? '', ...req.rawHeaders);
			socket.send(JSON.stringify(req.rawHeaders));
		});
		service = await startService({
			trustedProxies: ['127.0.0.1/32'],
			dialects: { kismet: { enabled: true } },
			resources: [
				{ path: '/assets', permission: 'rest.assets', xsrf: 'unsafe' },
				{ path: '/system', permission: 'kismet.readonly', xsrf: 'unsafe' },
				{ path: '/open', access: 'public' },
			],
		});
		const ada = await service.add('ada', password, { permissions: ['rest.assets', 'kismet.readonly', 'kismet.admin'] });
		proxy = await start({
			latchkey: portOf(service.url),
			application: (application.address() as AddressInfo).port,
		});
		const wanted = {
			name: 'CI',
			permissions: ['rest.assets' as Permission],
			expiresInMs: 60_000,
			endsWithPassword: false,
		};
		const made = await service.service.core.apiTokens.add(ada, wanted, { actor: 'operator' });
		if (!made.ok) throw new Error(made.refusal.kind);
		token = made.value.text;
		// These paths are Latchkey's own: the example passes none of them on.
		const own = createClient({ port: portOf(service.url) });
		const generated = await own.send('/auth/apikey/generate.cmd', {
			method: 'POST',
			headers: basic,
			json: { name: 'exporter', role: 'readonly', duration: 60 },
		});
		key = generated.text;
		// Of the channel that it is shown on: https.
		await own.send('/session/check_session', { headers: { ...basic, 'X-Forwarded-Proto': 'https' } });
		session = own.jar.get('KISMET') ?? '';
		if (key.length !== 32 || session === '') throw new Error(generated.text);
	});
	test.after.always(async () => {
		await proxy?.stop();
		await service?.close();
		application.closeAllConnections();
		application.close();
	});

	test.serial(`behind ${name}, an API token opens with every method, and the application never sees it`, async (t) => {
		for (const method of ['GET', 'POST', 'PUT', 'DELETE']) {
			const headers = headersOf(await ask('/assets/1', bearer(token), method));
			t.deepEqual(valuesOf(headers, 'remote-user'), ['ada'], method);
			t.deepEqual(valuesOf(headers, 'remote-groups'), ['rest.assets'], 'what the token opens, and no more');
			t.deepEqual(valuesOf(headers, 'authorization'), []);
			t.is(valuesOf(headers, 'remote-proved-at').join(), '', 'no session let in');
		}
		const open = await ask('/open/1', bearer(token));
		t.deepEqual([open.status, valuesOf(headersOf(open), 'authorization')], [200, []]);
		for (const said of ['user', 'groups', 'level', 'methods', 'proved-at'])
			t.is(valuesOf(headersOf(open), `remote-${said}`).join(), '', said);
	});

	test.serial(`behind ${name}, a token opens nothing else, and a wrong one nothing`, async (t) => {
		const before = arrived.length;
		t.is((await ask('/system/status.json', bearer(token))).status, 403);
		for (const text of [newApiToken().text, token.slice(0, -1), `${token}x`]) {
			t.is((await ask('/assets/1', bearer(text))).status, 401);
		}
		for (const headers of [{ 'X-Api-Key': token }, { Cookie: `KISMET=${token}` }, { 'Proxy-Authorization': token }]) {
			t.is((await ask('/assets/1', headers as Record<string, string>)).status, 401);
		}
		t.is((await ask(`/assets/1?access_token=${token}`, {})).status, 401);
		t.is(arrived.length, before);
	});

	test.serial(`behind ${name}, a WebSocket is opened by a token, which the application never sees`, async (t) => {
		const socket = new WebSocket(`wss://127.0.0.1:${proxy.port}/assets/socket`, {
			...{ ca: proxy.ca, servername: 'localhost' },
			headers: { Host: `localhost:${proxy.port}`, ...bearer(token) },
		});
		t.teardown(() => socket.terminate());
		const [headers] = await once(socket, 'message');
		const got = JSON.parse(String(headers)) as string[];
		t.deepEqual(valuesOf(got, 'remote-user'), ['ada']);
		t.deepEqual(valuesOf(got, 'authorization'), []);
	});

	const around: readonly (readonly [sent: string, left: string])[] = [
		['*', ''],
		['*; a=b', 'a=b'],
		['a=b; *', 'a=b'],
		['a=b;*; c=d', 'a=b; c=d'],
		['XKISMET=b; *; KISMET2=d', 'XKISMET=b; KISMET2=d'],
		['JSESSIONID=x; *; a=b', 'a=b'],
		['*; a=b; JSESSIONID=x', 'a=b'],
	];
	test.serial(
		`behind ${name}, Kismet's keys and sessions open, and their cookie never reaches the application`,
		async (t) => {
			for (const secret of [key, session]) {
				for (const [sent, left] of around) {
					const Cookie = sent.replace('*', `KISMET=${secret}`);
					const got = await ask('/system/status.json', { Cookie });
					t.is(got.status, 200, sent);
					const headers = headersOf(got);
					t.deepEqual(valuesOf(headers, 'remote-user'), ['ada'], sent);
					const cookies = valuesOf(headers, 'cookie').join(';').split(';');
					t.deepEqual(cookies.map((cookie) => cookie.trim()).filter(Boolean), left.split('; ').filter(Boolean), sent);
				}
				const twice = await ask('/system/status.json', { Cookie: `a=b; KISMET=${secret}; KISMET=${secret}; c=d` });
				t.is(twice.status, 200);
				t.is((await ask('/open/1', { Cookie: `KISMET=${secret}` })).status, 200);
				t.is((await ask('/assets/1', { Cookie: `KISMET=${key}` })).status, 403, 'a key of its role alone');
			}
		},
	);

	test.serial(
		`behind ${name}, Basic of Kismet's opens, and the application sees neither it nor the session`,
		async (t) => {
			const got = await ask('/system/status.json', basic);
			t.deepEqual([got.status, valuesOf(headersOf(got), 'authorization')], [200, []]);
		},
	);

	test.serial(`behind ${name}, nothing that arrived has one of the secrets`, (t) => {
		t.true(arrived.length > 0);
		const all = arrived.join('\n');
		for (const secret of [token, token.slice(16, -6), key, session, password, basic.Authorization.slice(6)]) {
			t.false(all.includes(secret));
		}
	});
}
