import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ExecutionContext, TestFn } from 'ava';
import WebSocket, { WebSocketServer } from 'ws';
import { canonicalPath } from '../../../src/gateway/path.ts';
import { clientAuth, type Issued, newCa } from '../../_support/certificates.ts';
import { type Answer, type Client, createClient, type Way } from '../../_support/client.ts';
import type { Behind, Running } from '../../_support/proxies.ts';
import type { TestService } from '../../_support/service.ts';
import { password, portOf, rawOverTls, startBehind } from './proxy.behind.ts';
import { cookies, hidden, lies, refused, smuggled, spoofed, understood } from './proxy.cases.ts';
import { type Echo, echo, valuesOf } from './servers.ts';

/*
 * What holds of an application behind a proxy that asks Latchkey, with the proxy's example as the pages in docs link it.
 */

interface Front {
	readonly proxy: Running;
	readonly service: TestService;
	/** Targets that reached the application. */
	readonly reached: string[];
	readonly ca: Issued;
	/** Somebody at another address than the proxy's. */
	visitor(way?: Partial<Way>): Client;
}

const from = '127.0.0.2';

/** Returns what the tests of one proxy alone need besides. */
export function asksAboutAll(test: TestFn, name: string, start: (behind: Behind) => Promise<Running>): () => Front {
	let all: Front;
	let application: Server;
	let foo: Client;

	test.before(async () => {
		const reached: string[] = [];
		// Others take a request without a Host.
		application = createServer({ requireHostHeader: false }, (req, res) => {
			reached.push(req.url ?? '');
			res.setHeader('Service-Worker-Allowed', '/');
			return echo(req, res);
		}).listen(0, '127.0.0.1');
		await once(application, 'listening');
		const sockets = new WebSocketServer({ server: application });
		application.on('upgrade', ({ method, headers: { upgrade = '', 'sec-websocket-key': key } }) => {
			if (method !== 'GET') reached.push(`/admin, asked to become a WebSocket by ${method}`);
			if (upgrade.toLowerCase() !== 'websocket') reached.push(`/admin, asked to become ${upgrade}`);
			if (!key) reached.push('/admin, asked to become a WebSocket without a key');
		});
		sockets.on('connection', (socket, req: IncomingMessage) => {
			reached.push(req.url ?? '');
			socket.send(JSON.stringify(req.rawHeaders));
			socket.on('message', (message, binary) => socket.send(message, { binary }));
		});
		const ca = await newCa();
		const service = await startBehind(ca);
		const ports = { latchkey: portOf(service.url), application: (application.address() as AddressInfo).port };
		const proxy = await start(ports);
		const visitor = (way: Partial<Way> = {}) => createClient({ port: proxy.port, ca: proxy.ca, from, ...way });
		all = { proxy, service, reached, ca, visitor };
		foo = visitor();
		await foo.login('foo', password);
	});
	test.after.always(async () => {
		await all?.proxy.stop();
		await all?.service.close();
		application.closeAllConnections();
		application.close();
	});

	const told = (answer: Answer) => answer.body as Echo;
	/** Sends something that must not reach the application. */
	async function keptOut(t: ExecutionContext, send: () => Promise<Answer>, statuses: readonly number[]) {
		const before = all.reached.length;
		const answer = await send();
		t.true(statuses.includes(answer.status), `${answer.status} ${answer.text}`);
		t.deepEqual(all.reached.slice(before), []);
		return answer;
	}

	test.serial(`behind ${name}, a login gets a Secure cookie, and the audit knows from where`, async (t) => {
		const visitor = all.visitor();
		const answer = await visitor.send('/services/session/v1/login/password', {
			method: 'POST',
			headers: { 'X-Forwarded-For': '203.0.113.1', 'X-Forwarded-Proto': 'http', Forwarded: 'for=203.0.113.1' },
			json: { username: 'foo', password },
		});
		t.is(answer.status, 200);
		t.regex(String(answer.headers['set-cookie']), /; secure/i);
		t.regex(String(answer.headers['strict-transport-security']), /max-age=/);
		t.is(all.service.audit().findLast(({ act }) => act === 'login')?.address, from);
	});

	test.serial(
		`behind ${name}, a request has the proxy's id in the log and at the application, never a client's`,
		async (t) => {
			const headers = { 'X-Request-Id': 'forged' };
			const [id = '', ...others] = valuesOf(told(await foo.send('/assets/1', { headers })).headers, 'x-request-id');
			t.regex(id, /^[0-9a-f-]{32,36}$/);
			t.deepEqual(others, []);
			await keptOut(t, () => foo.send('/admin', { headers }), [403]);
			const login = { method: 'POST', json: { username: 'nobody', password }, headers };
			t.is((await all.visitor().send('/services/session/v1/login/password', login)).status, 401);
			for (const act of ['access', 'login'])
				t.regex(String(all.service.audit().findLast((line) => line.act === act)?.requestId), /^[0-9a-f-]{32,36}$/, act);
		},
	);

	test.serial(`behind ${name}, a stranger gets 401, and the application nothing`, async (t) => {
		for (const target of ['/assets/1', '/services/assets/v1', '/admin']) {
			const { body } = await keptOut(t, () => all.visitor().send(target), [401]);
			t.like(body, { code: 'session-missing' });
		}
	});

	test.serial(`behind ${name}, who holds the permission passes, and the application is told who it is`, async (t) => {
		const { headers, url, method } = told(await foo.send('/assets/1?a=b'));
		t.deepEqual([method, url], ['GET', '/assets/1?a=b']);
		t.deepEqual(valuesOf(headers, 'remote-user'), ['foo']);
		t.deepEqual(valuesOf(headers, 'remote-groups'), ['rest.assets']);
		t.deepEqual(valuesOf(headers, 'remote-level'), ['1']);
		t.deepEqual(valuesOf(headers, 'remote-methods'), ['pwd']);
		t.regex(valuesOf(headers, 'remote-proved-at').join(), /^\d{4}-.*Z$/);
		t.deepEqual(valuesOf(headers, 'x-forwarded-proto'), ['https']);
		t.deepEqual(valuesOf(headers, 'x-forwarded-for'), [from]);
		t.deepEqual(valuesOf(headers, 'host'), [`localhost:${all.proxy.port}`]);
	});

	test.serial(
		`behind ${name}, a person is led to prove more where a rule asks for it, a program gets 403`,
		async (t) => {
			await keptOut(t, () => foo.send('/sure', { headers: { Accept: '*/*', 'Sec-Fetch-Mode': 'cors' } }), [403]);
			const page = { Accept: 'text/html', 'Sec-Fetch-Mode': 'navigate', 'Sec-Fetch-Dest': 'document' };
			const { headers } = await keptOut(t, () => foo.send('/sure', { headers: page }), [302]);
			t.regex(String(headers.location), /\?return=https%3A%2F%2Flocalhost%3A\d+%2Fsure&proof=2$/);
		},
	);

	test.serial(`behind ${name}, a copy goes nowhere that the rule of its own path does not open`, async (t) => {
		const copy = (to: Record<string, string>) => foo.send('/assets/1', { method: 'COPY', headers: to });
		const here = `https://localhost:${all.proxy.port}`;
		t.is(told(await copy({ Destination: `${here}/assets/2` })).method, 'COPY');
		t.is(told(await copy({ Destination: '/assets/2' })).method, 'COPY');
		for (const target of [
			'/admin/1',
			'/assets/../admin/1',
			'/services/assets/v1/a',
			'https://elsewhere.example/assets/2',
		])
			await keptOut(t, () => copy({ Destination: target.replace(/^\/(?=admin)/, `${here}/`) }), [403]);
		await keptOut(t, () => copy({}), [403]);
	});

	test.serial(`behind ${name}, no header makes an application take a request for another one`, async (t) => {
		const at = (headers: Record<string, string>) => foo.send('/assets/1', { method: 'POST', headers });
		t.is(told(await at({ 'X-HTTP-Method-Override': 'DELETE' })).method, 'POST');
		for (const name of ['X-Rewrite-URL', 'X-Original-URL', 'X-Original-URI']) {
			const before = all.reached.length;
			const answer = await at({ [name]: '/admin' });
			if (answer.status === 200) t.deepEqual(valuesOf(told(answer).headers, name.toLowerCase()), [], name);
			else t.deepEqual([answer.status, all.reached.length], [403, before], name);
		}
	});

	test.serial(`behind ${name}, no application gets a service worker that could control others`, async (t) => {
		const script = { headers: { 'Service-Worker': 'script' } };
		t.is((await foo.send('/assets/sw.js', script)).headers['service-worker-allowed'], undefined);
		await keptOut(t, () => foo.send('/assets', script), [403]);
	});

	test.serial(`behind ${name}, a name beyond ASCII arrives in UTF-8, and nobody's permissions as none`, async (t) => {
		const visitor = all.visitor();
		await visitor.login('Jürgen', password);
		const { headers } = told(await visitor.send('/assets/1'));
		t.is(Buffer.from(valuesOf(headers, 'remote-user').join(), 'latin1').toString(), 'Jürgen');
	});

	test.serial(`behind ${name}, who lacks the permission gets 403, and so do all where there is no rule`, async (t) => {
		await keptOut(t, () => foo.send('/admin', { headers: { 'X-Forwarded-For': '203.0.113.1' } }), [403]);
		t.like(all.service.audit().at(-1), { act: 'access', reason: 'permission-missing', identity: 'foo', address: from });
		await keptOut(t, () => foo.send('/elsewhere'), [403]);
	});

	test.serial(
		`behind ${name}, the XSRF token is asked for as the rule says, by the method of the request`,
		async (t) => {
			t.is((await foo.withoutToken('/assets/1')).status, 200);
			for (const method of ['POST', 'PUT', 'PATCH', 'DELETE']) {
				const headers = { 'X-HTTP-Method': 'GET' };
				const { body } = await keptOut(t, () => foo.withoutToken('/assets/1', { method, headers }), [401]);
				t.like(body, { code: 'xsrf-token-invalid' });
				t.is(told(await foo.send('/assets/1', { method })).method, method);
			}
			await keptOut(t, () => foo.withoutToken('/services/assets/v1'), [401]);
			t.is((await foo.send('/services/assets/v1')).status, 200);
		},
	);

	test.serial(`behind ${name}, bodies arrive whole, one after the other`, async (t) => {
		for (const body of ['', '{}', 'x'.repeat(200_000), hidden]) {
			t.is(told(await foo.send('/assets/1', { method: 'POST', body })).body, body);
			await keptOut(t, () => foo.send('/admin', { method: 'POST', body }), [403]);
		}
	});

	test.serial(`behind ${name}, another site's page changes nothing`, async (t) => {
		const own = { Origin: `https://localhost:${all.proxy.port}`, 'Sec-Fetch-Site': 'same-origin' };
		t.is((await foo.send('/assets/1', { method: 'POST', headers: own })).status, 200);
		const others = [
			{ Origin: 'https://evil.example' },
			{ Origin: 'null' },
			{ Origin: `http://localhost:${all.proxy.port}` },
			{ Origin: 'https://evil.example', 'X-Forwarded-Host': 'evil.example' },
			{ 'Sec-Fetch-Site': 'cross-site' },
		];
		for (const headers of others) {
			await keptOut(t, () => foo.send('/assets/1', { method: 'POST', headers }), [403]);
		}
	});

	test.serial(`behind ${name}, the own page logs in, and another site's does not`, async (t) => {
		const json = { username: 'foo', password };
		const statuses: number[] = [];
		for (const Origin of [`https://localhost:${all.proxy.port}`, 'https://evil.example', 'null']) {
			const sent = { method: 'POST', headers: { Origin }, json };
			statuses.push((await all.visitor().send('/services/session/v1/login/password', sent)).status);
		}
		t.deepEqual(statuses, [200, 403, 403]);
	});

	for (const headers of spoofed) {
		test.serial(`behind ${name}, nobody says ${JSON.stringify(headers)} but Latchkey`, async (t) => {
			const { headers: got } = told(await foo.send('/assets/1', { headers }));
			t.notRegex(JSON.stringify(got), /admin/);
			t.deepEqual(valuesOf(got, 'remote-user'), ['foo']);
			t.deepEqual(valuesOf(got, 'remote-groups'), ['rest.assets']);
		});
	}

	test.serial(`behind ${name}, a client cannot have the identity taken off as a header of one hop`, async (t) => {
		const headers = { Connection: 'close, Remote-User, Remote-Groups, X-Forwarded-For' };
		const { headers: got } = told(await foo.send('/assets/1', { headers }));
		t.deepEqual(valuesOf(got, 'remote-user'), ['foo']);
		t.deepEqual(valuesOf(got, 'remote-groups'), ['rest.assets']);
	});

	for (const headers of lies) {
		test.serial(
			`behind ${name}, asking for one thing and saying ${JSON.stringify(headers)} opens nothing`,
			async (t) => {
				await keptOut(t, () => foo.send('/admin', { headers }), [403]);
				await keptOut(t, () => foo.withoutToken('/assets/1', { method: 'DELETE', headers }), [401, 403]);
			},
		);
	}

	for (const { sent, left } of cookies) {
		test.serial(`behind ${name}, of the cookies ${sent} the application gets "${left}"`, async (t) => {
			const own = foo.cookies();
			const visitor = sent.includes('*') ? foo : undefined;
			if (visitor === undefined) {
				await keptOut(t, () => all.visitor().send('/assets/1', { headers: { Cookie: sent } }), [401]);
				return;
			}
			const { headers } = told(await visitor.send('/assets/1', { headers: { Cookie: sent.replace('*', own) } }));
			const got = valuesOf(headers, 'cookie').join(';').split(';');
			t.deepEqual(got.map((cookie) => cookie.trim()).filter(Boolean), left.split('; ').filter(Boolean));
			t.false(JSON.stringify(headers).includes(own.slice(-20)));
			t.false(JSON.stringify(headers).includes(visitor.xsrfToken()));
		});
	}

	test.serial(`behind ${name}, of a session cookie that comes twice the application gets neither`, async (t) => {
		const Cookie = `a=b; ${foo.cookies()}; ${foo.cookies()}; c=d`;
		const Authorization = `Basic ${Buffer.from(`foo:${password}`).toString('base64')}`;
		for (const also of [{}, { Authorization }]) {
			const { headers } = told(await foo.send('/assets/1', { headers: { Cookie, ...also } }));
			t.false(JSON.stringify(headers).includes(foo.cookies().slice(-20)));
			t.deepEqual(valuesOf(headers, 'authorization'), []);
		}
	});

	for (const target of understood) {
		test.serial(`behind ${name}, ${target} is judged, and arrives as it was judged`, async (t) => {
			const { url } = told(await foo.send(target));
			const path = (text: string) => canonicalPath(text.replace(/\?.*/, ''));
			t.is(path(url), path(target));
			t.is(url.replace(/^[^?]*/, '') || '', target.replace(/^[^?]*/, ''));
		});
	}

	for (const target of refused) {
		test.serial(`behind ${name}, ${target} does not reach the application`, async (t) => {
			await keptOut(t, () => foo.send(target), [301, 400, 401, 403, 404]);
		});
	}

	test.serial(`behind ${name}, of several hosts in one Host none is judged in the place of another`, async (t) => {
		const before = all.reached.length;
		const { port, ca } = all.proxy;
		const own = `Cookie: ${foo.cookies()}\r\nX-XSRF-Token: ${foo.xsrfToken()}\r\nConnection: close\r\n\r\n`;
		for (const host of [
			'other.example.org,localhost',
			'localhost, other.example.org',
			'other.example.org, localhost',
		]) {
			await rawOverTls(port, ca, `GET /assets/1 HTTP/1.1\r\nHost: ${host}\r\n${own}`);
		}
		// Before HTTP/1.1 it may be left out: then nobody knows by which host's rules to judge.
		for (const said of [
			'',
			'Host:\r\n',
			'X-Original-URL: https://localhost/assets/1\r\n',
			'X-Forwarded-Host: localhost\r\n',
		])
			t.regex(await rawOverTls(port, ca, `GET /assets/1 HTTP/1.0\r\n${said}${own}`), /^(HTTP\/1\.[01] [45]|$)/, said);
		t.deepEqual(all.reached.slice(before), []);
	});

	test.serial(`behind ${name}, a request that only looks like a WebSocket is judged as what it is`, async (t) => {
		const { port, ca } = all.proxy;
		const before = all.reached.length;
		for (const headers of ['', 'Connection: close\r\n', 'Connection: close, x-upgrade\r\n']) {
			const rest = `Host: localhost\r\nCookie: ${foo.cookies()}\r\nUpgrade: websocket\r\n${headers}\r\n`;
			t.regex(await rawOverTls(port, ca, `GET /live/1 HTTP/1.1\r\n${rest}`), /^HTTP\/1.1 40[013] /);
		}
		t.deepEqual(all.reached.slice(before), []);
	});

	test.serial(`behind ${name}, half a handshake, which is judged as a plain request, opens no WebSocket`, async (t) => {
		const { port, ca } = all.proxy;
		const before = all.reached.length;
		const own = `Host: localhost\r\nCookie: ${foo.cookies()}\r\nX-XSRF-Token: ${foo.xsrfToken()}\r\n`;
		const upgrade = 'Upgrade: websocket\r\nConnection: Upgrade\r\n';
		for (const more of ['', 'Sec-WebSocket-Version: 13\r\n', 'Sec-WebSocket-Key:\r\n', 'Connection: close\r\n']) {
			const request = `GET /assets/half HTTP/1.1\r\n${own}${upgrade}${more}\r\n`;
			// The application keeps a plain connection open.
			t.regex(
				await rawOverTls(port, ca, `${request}GET /assets/end HTTP/1.1\r\n${own}Connection: close\r\n\r\n`),
				/^HTTP\/1.1 /,
			);
		}
		t.deepEqual(
			all.reached.slice(before).filter((target) => target.startsWith('/admin')),
			[],
		);
	});

	for (const method of ['POST', 'HEAD', 'OPTIONS', 'PUT', 'DELETE', 'get']) {
		test.serial(`behind ${name}, a handshake by ${method} opens no WebSocket`, async (t) => {
			const { port, ca } = all.proxy;
			const before = all.reached.length;
			const own = `Host: localhost\r\nCookie: ${foo.cookies()}\r\nX-XSRF-Token: ${foo.xsrfToken()}\r\n`;
			const key = 'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n';
			const handshake = `Upgrade: websocket\r\nConnection: Upgrade\r\n${key}`;
			for (const target of ['/live/1', '/duplex/1', '/assets/1']) {
				const end = `GET /assets/end HTTP/1.1\r\n${own}Connection: close\r\n\r\n`;
				const answer = await rawOverTls(port, ca, `${method} ${target} HTTP/1.1\r\n${own}${handshake}\r\n${end}`);
				t.regex(answer, target === '/assets/1' ? /^HTTP\/1.1 [245]0/ : /^HTTP\/1.1 [45]0/, target);
			}
			const reached = all.reached.slice(before).filter((target) => !/^\/assets\/(1|end)$/.test(target));
			t.deepEqual(reached, []);
		});
	}

	for (const { says, bytes } of smuggled) {
		test.serial(`behind ${name}, ${says} hides no request, and nobody gets another's answer`, async (t) => {
			const before = all.reached.length;
			const { port, ca } = all.proxy;
			const own = `Host: localhost\r\nCookie: ${foo.cookies()}\r\nX-XSRF-Token: ${foo.xsrfToken()}\r\n`;
			const method = /^(Content-Length|Transfer)/m.test(bytes) ? 'POST' : 'GET';
			const last = `GET /assets/last HTTP/1.1\r\n${own}Connection: close\r\n\r\n`;
			const answer = await rawOverTls(port, ca, `${method} /assets/first HTTP/1.1\r\n${own}${bytes}${last}`);
			const echoes = (answer.match(/\{"method".*\}/g) ?? []).map((json) => (JSON.parse(json) as Echo).url);
			t.regex(answer, /^HTTP\/1.1 /);
			t.deepEqual(
				echoes,
				['/assets/first', '/assets/last'].filter((target) => echoes.includes(target)),
			);
			// Several at once: whatever connection to the application or to us was left in disorder, one of them gets it.
			const victims = ['/assets/a', '/assets/b', '/assets/c', '/assets/d'];
			const answers = await Promise.all(victims.map((target) => foo.send(target)));
			t.deepEqual(
				answers.map((got) => told(got).url),
				victims,
			);
			t.false(all.reached.slice(before).some((target) => target.startsWith('/admin')));
			t.notRegex(answer, /Remote-User","admin|h2c/);
		});
	}

	const openSocket = (headers: Record<string, string>, target = '/assets/socket') =>
		new WebSocket(`wss://127.0.0.1:${all.proxy.port}${target}`, {
			...{ ca: all.proxy.ca, servername: 'localhost' },
			headers: { Host: `localhost:${all.proxy.port}`, ...headers },
		});
	const refusal = async (socket: WebSocket) => {
		const [, res] = (await once(socket, 'unexpected-response')) as [unknown, IncomingMessage];
		socket.on('error', () => {}).terminate();
		return res.statusCode;
	};

	test.serial(
		`behind ${name}, a WebSocket of the own page passes, and the application is told whose it is`,
		async (t) => {
			const socket = openSocket({ Cookie: foo.cookies(), Origin: `https://localhost:${all.proxy.port}` });
			t.teardown(() => socket.terminate());
			const [headers] = await once(socket, 'message');
			const got = JSON.parse(String(headers)) as string[];
			t.deepEqual(valuesOf(got, 'remote-user'), ['foo']);
			t.false(String(headers).includes(foo.cookies().slice(-20)));
			socket.send('ä');
			const [back] = await once(socket, 'message');
			t.is(String(back), 'ä');
		},
	);

	test.serial(`behind ${name}, no other WebSocket passes`, async (t) => {
		const before = all.reached.length;
		const cookie = { Cookie: foo.cookies() };
		t.is(await refusal(openSocket({})), 401);
		t.is(await refusal(openSocket({ ...cookie, Origin: 'https://evil.example' })), 403);
		t.is(await refusal(openSocket({ ...cookie, 'Sec-Fetch-Site': 'cross-site' })), 403);
		t.is(await refusal(openSocket(cookie, '/admin')), 403);
		t.is(await refusal(openSocket(cookie, '/services/assets/v1')), 401);
		t.is(all.reached.length, before);
	});

	test.serial(`behind ${name}, a certificate that is only told of opens nothing`, async (t) => {
		const { der } = await all.ca.issue({ subject: [{ CN: ['bar'] }], purposes: [clientAuth] });
		const headers = { 'Client-Cert': `:${der.toString('base64')}:` };
		const visitor = all.visitor();
		t.is((await visitor.loginByCertificate(headers)).status, 401);
		await keptOut(t, () => visitor.send('/assets/1', { headers }), [401]);
	});

	test.serial(`behind ${name}, a session that was ended opens nothing`, async (t) => {
		const visitor = all.visitor();
		await visitor.login('foo', password);
		t.is((await visitor.send('/assets/1')).status, 200);
		const headers = { Cookie: visitor.cookies() };
		t.is((await visitor.logout()).status, 204);
		await keptOut(t, () => visitor.send('/assets/1', { headers }), [401]);
	});

	test.serial(`behind ${name}, nobody passes where the store is gone, and nobody where Latchkey is`, async (t) => {
		const ca = await newCa();
		const service = await startBehind(ca);
		const application = createServer(echo).listen(0, '127.0.0.1');
		await once(application, 'listening');
		const ports = { latchkey: portOf(service.url), application: (application.address() as AddressInfo).port };
		const proxy = await start(ports);
		const visitor = createClient({ port: proxy.port, ca: proxy.ca, from });
		try {
			await visitor.login('foo', password);
			t.is((await visitor.send('/assets/1')).status, 200);
			await service.service.core.close();
			const storeGone = (await visitor.send('/assets/1')).status;
			await service.close();
			const allGone = (await visitor.send('/assets/1')).status;
			t.log(`store gone: ${storeGone}, Latchkey gone: ${allGone}`);
			t.true(storeGone >= 500 && allGone >= 500);
		} finally {
			await proxy.stop();
			application.close();
		}
	});

	return () => all;
}
