import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage } from 'node:http';
import http2 from 'node:http2';
import { createServer as createTlsServer, request } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import test, { type ExecutionContext } from 'ava';
import Koa from 'koa';
import bodyParser from 'koa-bodyparser';
import { createSession } from 'koa-session';
import { run } from '../src/cli/commands.ts';
import { createLatchkey, type Latchkey, type LatchkeyOptions, LatchkeyRefusal } from '../src/embed.ts';
import { newCa, serverAuth } from './_support/certificates.ts';
import { createClient } from './_support/client.ts';
import { dataDir } from './_support/folder.ts';

const base = '/services/session/v1';
const password = 'correct horse battery';
const cheap = { passwordHash: { memory: 64, iterations: 1, parallelism: 1 } };

interface Host {
	readonly url: string;
	readonly latchkey: Latchkey;
	readonly app: Koa;
	/** What Latchkey logged. */
	readonly lines: string[];
	/** Faults that reached the host. */
	readonly faults: string[];
}

/** Somebody's Koa app with Latchkey inside, on a free port, with an identity `ada` that holds `rest.assets`, or with none. */
async function startHost(
	t: ExecutionContext,
	build: (app: Koa, latchkey: Latchkey) => void,
	{ config, ...options }: LatchkeyOptions = {},
	who: 'ada' | 'nobody' = 'ada',
): Promise<Host> {
	const folder = await mkdtemp(join(dataDir, 'latchkey-embed-'));
	const file = `sqlite:${join(folder, 'latchkey.db')}`;
	const settings = typeof config === 'object' ? config : {};
	const lines: string[] = [];
	const latchkey = await createLatchkey({
		config:
			config === undefined || typeof config === 'object'
				? { store: { identities: file, sessions: file }, ...cheap, ...settings }
				: config,
		log: { write: (line) => lines.push(line) },
		...options,
	});
	const app = new Koa();
	const faults: string[] = [];
	app.on('error', (fault: Error) => faults.push(fault.message));
	build(app, latchkey);
	const server = createServer(app.callback()).listen(0, '127.0.0.1');
	await once(server, 'listening');
	t.teardown(async () => {
		server.closeAllConnections();
		await new Promise((done) => server.close(done));
		await latchkey.close();
		await rm(folder, { recursive: true });
	});
	if (who === 'ada') await latchkey.identities.add({ name: 'ada', password, permissions: ['rest.assets'] });
	return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, latchkey, app, lines, faults };
}

/** Login, then `/assets` for `rest.assets`, `/safe` for `rest.safe`, everything else for everybody. */
function shop(app: Koa, latchkey: Latchkey) {
	app.use(latchkey.routes());
	const assets = latchkey.guard('rest.assets');
	const safe = latchkey.guard('rest.safe');
	app.use(async (ctx, next) => {
		const guard = { '/assets': assets, '/safe': safe }[ctx.path];
		return guard ? guard(ctx as Parameters<typeof guard>[0], next) : next();
	});
	app.use((ctx) => {
		ctx.body = { path: ctx.path, identity: ctx.state.identity ?? null };
	});
}

test('its routes answer on their paths, and everything else is the app’s', async (t) => {
	const { url } = await startHost(t, shop);
	const browser = createClient({ url });
	t.is((await browser.login('ada', password)).status, 200);
	t.like(await browser.me(), { status: 200, body: { name: 'ada', permissions: ['rest.assets'] } });
	t.is((await browser.send(`${base}/login/password`, { method: 'DELETE' })).status, 405);
	for (const path of ['/', '/docs', '/health/live', '/metrics', `${base}/nothing`]) {
		t.deepEqual(await (await fetch(url + path)).json(), { path, identity: null }, path);
	}
	t.is((await browser.logout()).status, 204);
	t.is((await browser.me()).status, 401);
});

test('nobody makes the first administrator over HTTP, unless the app asks for it, and then only with the token', async (t) => {
	const kismet = { dialects: { kismet: { enabled: true } } };
	const form = { 'Content-Type': 'application/x-www-form-urlencoded' };
	for (const firstSetup of [false, true]) {
		const { url, latchkey } = await startHost(t, shop, { config: kismet, firstSetup }, 'nobody');
		const post = async (path: string, body: string, headers: Record<string, string>) =>
			(await fetch(url + path, { method: 'POST', body, headers })).status;
		const byForm = await post('/session/set_password', new URLSearchParams({ password }).toString(), form);
		const setUp = (token?: string) =>
			post(`${base}/setup`, JSON.stringify({ username: 'eve', password, token }), {
				'Content-Type': 'application/json',
			});
		const token = await latchkey.setupToken();
		t.is(typeof token, firstSetup ? 'string' : 'undefined');
		// Without it the path is the app's.
		t.deepEqual([byForm, await setUp('x')], firstSetup ? [403, 403] : [401, 200]);
		t.deepEqual(await latchkey.identities.list(), []);
		if (token === undefined) continue;
		t.is(await setUp(token), 204);
		t.is(await latchkey.setupToken(), undefined);
		t.deepEqual((await latchkey.identities.find('eve'))?.permissions, ['kura.admin']);
	}
});

test('a guard lets in who holds its permission, and says who that is', async (t) => {
	const host = await startHost(t, shop);
	const browser = createClient(host);
	t.like(await browser.get('/assets'), { status: 401, body: { message: 'The current session is not valid' } });
	await browser.login('ada', password);
	const { status, body, headers } = await browser.get('/assets');
	t.is(status, 200);
	const { identity } = body as { identity: Record<string, unknown> };
	t.deepEqual(Object.keys(identity), ['id', 'name', 'permissions']);
	t.like(identity, { name: 'ada', permissions: ['rest.assets'] });
	t.is(headers['content-security-policy'], undefined, 'the answer is the app’s own');
	const refused = await browser.get('/safe');
	t.like(refused, { status: 403, body: { message: 'The permission rest.safe is needed' } });
	t.truthy(refused.headers['x-request-id']);
	t.is(refused.headers['cache-control'], 'no-store');
	await host.latchkey.identities.grant('ada', ['rest.safe']);
	t.is((await browser.get('/safe')).status, 200);
});

test('what a guard lets out is for one identity: private for caches, unreadable for other origins', async (t) => {
	const friend = 'https://friend.example';
	const build = (app: Koa, latchkey: Latchkey) => {
		app.use(latchkey.routes());
		app.use(latchkey.guard('rest.assets', { xsrf: 'unsafe' }) as unknown as Koa.Middleware);
		app.use((ctx) => {
			if (ctx.path === '/public') ctx.set('Cache-Control', 'public, max-age=60, s-maxage=600');
			ctx.body = 'in';
		});
	};
	const host = await startHost(t, build, { config: { allowedOrigins: [friend] } });
	const browser = createClient(host);
	await browser.login('ada', password);
	const { headers } = await browser.get('/nothing-said');
	t.is(headers['cache-control'], 'private, no-cache');
	t.regex(headers.vary ?? '', /Cookie/);
	t.is(headers['cross-origin-resource-policy'], 'same-origin');
	t.is((await browser.get('/public')).headers['cache-control'], 'private, max-age=60');
	const shared = await browser.get('/public', { Origin: friend });
	t.is(shared.headers['access-control-allow-origin'], friend);
	t.is((await browser.get('/public', { 'Sec-Fetch-Site': 'cross-site' })).status, 403);
	const asks = { Origin: friend, 'Access-Control-Request-Method': 'PUT', 'Access-Control-Request-Headers': 'x-any' };
	const preflight = await fetch(`${host.url}/public`, { method: 'OPTIONS', headers: asks });
	t.is(preflight.status, 204);
	t.is(preflight.headers.get('access-control-allow-headers'), 'x-any');
});

test('a guard asks for the XSRF token as the service does', async (t) => {
	const host = await startHost(t, (app, latchkey) => {
		app.use(latchkey.routes());
		const guards = {
			'/always': latchkey.guard('rest.assets'),
			'/unsafe': latchkey.guard('rest.assets', { xsrf: 'unsafe' }),
		};
		app.use((ctx, next) => guards[ctx.path as keyof typeof guards](ctx as never, next));
		app.use((ctx) => {
			ctx.body = 'in';
		});
	});
	const browser = createClient(host);
	await browser.login('ada', password);
	const cases = [
		{ method: 'GET', path: '/always', without: 401 },
		{ method: 'GET', path: '/unsafe', without: 200 },
		{ method: 'POST', path: '/always', without: 401 },
		{ method: 'POST', path: '/unsafe', without: 401 },
		{ method: 'PROPFIND', path: '/unsafe', without: 405 },
	];
	for (const { method, path, without } of cases) {
		t.is((await browser.send(path, { method, headers: { 'X-XSRF-Token': '' } })).status, without, `${method} ${path}`);
		if (method !== 'PROPFIND') t.is((await browser.send(path, { method })).status, 200, `${method} ${path}`);
	}
});

test('a guard asks for a level and a fresh proof as a rule does', async (t) => {
	const host = await startHost(t, (app, latchkey) => {
		app.use(latchkey.routes());
		const guards = {
			'/sure': latchkey.guard('rest.assets', { xsrf: 'unsafe', assuranceLevel: 2, maxAge: 900 }),
			'/fresh': latchkey.guard('rest.assets', { xsrf: 'unsafe', maxAge: 900 }),
		};
		app.use((ctx, next) => guards[ctx.path as keyof typeof guards](ctx as never, next));
		app.use((ctx) => {
			ctx.body = 'in';
		});
	});
	const browser = createClient(host);
	await browser.login('ada', password);
	t.is((await browser.get('/fresh')).status, 200);
	const refused = await browser.get('/sure');
	t.like(refused, { status: 403, body: { code: 'proof-needed', proofNeeded: { level: 2, within: 900, methods: [] } } });
	t.is(refused.headers['latchkey-proof-needed'], 'level=2, within=900');
});

test('with signIn, a browser that opens a page is led to sign in and back; programs and scripts are not', async (t) => {
	const { url, latchkey } = await startHost(t, (app, inside) => {
		app.use(inside.routes());
		const own = inside.guard('rest.assets', { xsrf: 'origin', signIn: '/sign-in' });
		const portal = inside.loggedIn({ xsrf: 'origin', signIn: 'https://login.example.org/?from=shop' });
		app.use((ctx, next) => {
			const guard = ctx.path.startsWith('/orders') ? portal : own;
			// As an app that is mounted below a path takes that off.
			if (ctx.path.startsWith('/shop')) ctx.path = ctx.path.slice('/shop'.length);
			ctx.vary('Accept-Encoding');
			return guard(ctx as Parameters<typeof guard>[0], next);
		});
		app.use((ctx) => {
			ctx.body = 'inside';
		});
	});
	const visitor = createClient({ port: Number(new URL(url).port) });
	const page = { Accept: 'text/html', 'Sec-Fetch-Mode': 'navigate', 'Sec-Fetch-Dest': 'document' };
	const ask = async (path: string, headers: Record<string, string> = page, method = 'GET') => {
		const answer = await visitor.withoutToken(path, { method, headers });
		return [answer.status, answer.headers.location ?? answer.headers['latchkey-login']];
	};
	t.deepEqual(await ask('/a/b?x=1&y=%2f'), [302, '/sign-in?return=%2Fa%2Fb%3Fx%3D1%26y%3D%252f']);
	t.deepEqual(await ask('/shop/a'), [302, '/sign-in?return=%2Fshop%2Fa']);
	const { headers } = await visitor.withoutToken('/a', { headers: page });
	t.is(headers.vary, 'Accept-Encoding, Cookie, Accept, Sec-Fetch-Mode', 'what the host said of it stays');
	const there = `https://login.example.org/?from=shop&return=${encodeURIComponent(`${url.replace('127.0.0.1', 'localhost')}/orders/7`)}`;
	t.deepEqual(await ask('/orders/7'), [302, there]);
	t.deepEqual(await ask('/a', { ...page, 'Sec-Fetch-Site': 'same-origin' }, 'POST'), [303, '/sign-in?return=%2Fa']);
	t.deepEqual(await ask('/a', { 'Sec-Fetch-Mode': 'cors' }), [401, '/sign-in?return=%2Fa']);
	t.deepEqual(await ask('/sign-in?return=%2Fa'), [401, undefined], 'to itself nobody is led');
	t.deepEqual(await ask('//evil.example/a'), [302, '/sign-in'], 'a page that goes there blindly stays here');
	await visitor.login('ada', password);
	t.is((await visitor.withoutToken('/a', { headers: page })).text, 'inside');
	const form = { ...page, 'Sec-Fetch-Site': 'same-origin' };
	t.is((await visitor.withoutToken('/a', { method: 'POST', headers: form })).text, 'inside');
	t.is((await visitor.withoutToken('/a', { method: 'POST', headers: { Origin: 'https://evil.example' } })).status, 403);
	await latchkey.identities.revoke('ada', ['rest.assets']);
	t.is((await visitor.withoutToken('/a', { headers: page })).status, 403, 'who is signed in is not led');
	for (const signIn of ['//evil.example', '/\\evil.example', 'javascript:alert(1)', 'sign-in', '', '/a b']) {
		t.throws(() => latchkey.guard('rest.assets', { signIn }), { instanceOf: TypeError }, signIn);
	}
});

test('a request that a page of another site sends is refused by routes and guards', async (t) => {
	const browser = createClient(await startHost(t, shop));
	await browser.login('ada', password);
	const headers = { Origin: 'https://elsewhere.example' };
	for (const path of [`${base}/login/password`, `${base}/logout`, '/assets']) {
		t.is(
			(await browser.post(path, path.endsWith('password') ? { username: 'ada', password } : undefined, headers)).status,
			403,
			path,
		);
	}
	t.is((await browser.me()).status, 200);
});

test('a user who is logged in needs no permission, but must have changed a password that is to be changed', async (t) => {
	const { latchkey, url } = await startHost(t, (app, latchkey) => {
		app.use(latchkey.routes());
		app.use(latchkey.loggedIn({ xsrf: 'unsafe' })).use((ctx) => {
			// Typed, by the chain.
			const { name } = ctx.state.identity;
			ctx.body = [name, ctx.state.identity.may('rest.assets')];
		});
	});
	const browser = createClient({ url });
	await latchkey.identities.add({ name: 'bob', password, passwordChangeNeeded: true });
	t.is((await browser.get('/')).status, 401);
	await browser.login('bob', password);
	t.like(await browser.get('/'), { status: 401, body: { message: 'The password must be changed first' } });
	t.is((await browser.changePassword(password, 'nobody guesses this')).status, 204);
	await browser.login('bob', 'nobody guesses this');
	t.deepEqual((await browser.get('/')).body, ['bob', false]);
});

test('the app keeps sessions of its own beside ours', async (t) => {
	const host = await startHost(t, (app, latchkey) => {
		app.keys = ['for the signature'];
		// Rolling: set anew with every answer, ours among them.
		app.use(createSession({ key: 'shop', rolling: true }, app));
		app.use(async (ctx, next) => {
			if (ctx.session) ctx.session.visits = (ctx.session.visits ?? 0) + 1;
			await next();
		});
		shop(app, latchkey);
		app.middleware.splice(-1, 1, (ctx) => {
			ctx.body = { visits: ctx.session?.visits, identity: ctx.state.identity.name };
		});
	});
	const browser = createClient(host);
	await browser.login('ada', password);
	t.deepEqual((await browser.get('/assets')).body, { visits: 3, identity: 'ada' });
	t.deepEqual([...browser.jar.keys()].sort(), ['JSESSIONID', 'shop', 'shop.sig']);
	t.is((await browser.logout()).status, 204);
	t.deepEqual([...browser.jar.keys()].sort(), ['shop', 'shop.sig']);
	t.deepEqual(host.faults, []);
});

test('what goes wrong behind a guard is the app’s to answer', async (t) => {
	const host = await startHost(t, (app, latchkey) => {
		app.use(latchkey.routes());
		app.use(latchkey.guard('rest.assets'));
		app.use((ctx) => ctx.throw(418, 'a teapot'));
	});
	const browser = createClient(host);
	await browser.login('ada', password);
	t.like(await browser.get('/'), { status: 418, body: 'a teapot' });
	t.deepEqual(
		host.lines.filter((line) => /teapot/.test(line)),
		[],
	);
});

test('a body parser before the routes is told to the developer, and not to the client', async (t) => {
	const host = await startHost(t, (app, latchkey) => {
		app.use(bodyParser());
		app.use(latchkey.routes());
	});
	const { status } = await fetch(`${host.url}${base}/login/password`, {
		method: 'POST',
		headers: { 'Content-Type': 'application/json' },
		body: JSON.stringify({ username: 'ada', password }),
	});
	t.is(status, 500);
	t.deepEqual(host.faults, ['latchkey.routes() must stand before whatever reads request bodies']);
});

test('a path prefix that the app takes off does not matter', async (t) => {
	const host = await startHost(t, (app, latchkey) => {
		const routes = latchkey.routes();
		app.use(async (ctx, next) => {
			if (!ctx.path.startsWith('/login-service/')) return next();
			const { path } = ctx;
			ctx.path = path.slice('/login-service'.length);
			await routes(ctx, next);
		});
	});
	const answer = await createClient(host).post(`/login-service${base}/login/password`, { username: 'ada', password });
	t.is(answer.status, 200);
});

test('whom Latchkey believes is its own setting, not the app’s', async (t) => {
	const forwarded = { 'X-Forwarded-Proto': 'https', 'X-Forwarded-For': '192.0.2.7' };
	const cases = [
		{ says: 'the app trusts proxies, Latchkey none', proxy: true, trustedProxies: [], secure: false },
		{ says: 'Latchkey trusts this one, the app none', proxy: false, trustedProxies: ['127.0.0.1'], secure: true },
	];
	for (const { says, proxy, trustedProxies, secure } of cases) {
		const build = (app: Koa, latchkey: Latchkey) => {
			app.proxy = proxy;
			app.use(latchkey.routes());
		};
		const browser = createClient(await startHost(t, build, { config: { trustedProxies } }));
		const { setCookie } = await browser.post(`${base}/login/password`, { username: 'ada', password }, forwarded);
		t.is(/;\s*secure/i.test(setCookie.join()), secure, says);
	}
});

test('a client certificate logs in on the app’s own https server', async (t) => {
	const folder = await mkdtemp(join(dataDir, 'latchkey-embed-'));
	t.teardown(() => rm(folder, { recursive: true }));
	const [ca, stranger] = await Promise.all([newCa(), newCa('Somebody else')]);
	const own = await ca.issue({ subject: [{ CN: ['localhost'] }], purposes: [serverAuth], hosts: ['localhost'] });
	await writeFile(join(folder, 'ca.pem'), ca.cert);
	const clientCertificates = { ca: join(folder, 'ca.pem'), ports: [8443] };
	const { app } = await startHost(t, shop, { clientCertificates });
	const tls = { cert: own.cert, key: own.key, ca: ca.cert, requestCert: true, rejectUnauthorized: false };
	const server = createTlsServer(tls, app.callback()).listen(0, '127.0.0.1');
	t.teardown(() => server.close());
	await once(server, 'listening');
	const login = async (by: typeof ca | undefined) => {
		const shown = await by?.issue({ subject: [{ CN: ['ada'] }] });
		const { port } = server.address() as AddressInfo;
		const shows = shown && { cert: shown.cert, key: shown.key };
		const there = { host: '127.0.0.1', port, servername: 'localhost', ca: ca.cert, agent: false } as const;
		const asked = request({ ...there, ...shows, method: 'POST', path: `${base}/login/certificate` }).end();
		const [{ statusCode }] = (await once(asked, 'response')) as [IncomingMessage];
		return statusCode;
	};
	t.deepEqual([await login(ca), await login(stranger), await login(undefined)], [204, 401, 401]);
});

test('the command line works on the same identities and sessions while the app runs', async (t) => {
	const folder = await mkdtemp(join(dataDir, 'latchkey-embed-'));
	t.teardown(() => rm(folder, { recursive: true }));
	const file = join(folder, 'latchkey.yaml');
	// What only the service needs does not disturb.
	const store = { identities: 'sqlite:l.db', sessions: 'sqlite:l.db' };
	const settings = { ...cheap, http: { port: 1 }, data: { dir: folder }, store };
	await writeFile(file, JSON.stringify(settings));
	const host = await startHost(t, shop, { config: file });
	const browser = createClient(host);
	await browser.login('ada', password);
	t.is((await browser.get('/safe')).status, 403);
	t.is(await run(['identity', 'grant', 'ada', 'rest.safe', '--config', file]), 0);
	t.is((await browser.get('/safe')).status, 200);
	t.is(await run(['session', 'end', '--identity', 'ada', '--config', file]), 0);
	t.is((await browser.get('/safe')).status, 401);
});

test('identities are added, found, changed and removed', async (t) => {
	const { latchkey, url } = await startHost(t, shop);
	const { identities } = latchkey;
	const browser = createClient({ url });
	await identities.add({ name: 'robot', permissions: ['kura.admin'] });
	t.deepEqual(
		(await identities.list()).map(({ name }) => name),
		['ada', 'robot'],
	);
	t.true((await identities.find('robot'))?.may('rest.anything'));
	t.is(await identities.find('nobody'), undefined);
	await browser.login('ada', password);
	t.is(await identities.endSessions('ada'), 1);
	t.is((await browser.get('/assets')).status, 401);
	await identities.setPassword('ada', 'password', { policy: false });
	t.is((await browser.login('ada', 'password')).status, 200);
	await identities.revoke('ada', ['rest.assets']);
	t.is((await browser.get('/assets')).status, 403);
	await identities.setDisabled('ada', true);
	t.is((await browser.login('ada', 'password')).status, 401);
	await identities.remove('ada');
	t.is(await identities.find('ada'), undefined);
});

const refusals = [
	{ says: 'a name that is taken', act: (own: Latchkey) => own.identities.add({ name: 'Ada' }), kind: 'name-taken' },
	{ says: 'a name that is none', act: (own: Latchkey) => own.identities.add({ name: ' ada' }), kind: 'bad-name' },
	{
		says: 'a weak password',
		act: (own: Latchkey) => own.identities.setPassword('ada', 'short'),
		kind: 'weak-password',
	},
	{ says: 'an identity that is not there', act: (own: Latchkey) => own.identities.remove('bob'), kind: 'not-found' },
] as const;
test('what the core refuses is thrown, with its kind and a message for people', async (t) => {
	const { latchkey } = await startHost(t, shop);
	for (const { says, act, kind } of refusals) {
		const fault = await t.throwsAsync(() => act(latchkey) as Promise<unknown>, { instanceOf: LatchkeyRefusal }, says);
		t.is(fault?.kind, kind);
		t.regex(fault?.message ?? '', /^[A-Z][a-z ,]+/);
	}
	t.throws(() => latchkey.guard('no permission'), { instanceOf: TypeError });
});

test('a configuration that cannot be used says all that is wrong with it', async (t) => {
	const config = { session: { inactivityInterval: -1, cookieNane: 'x' }, trustedProxies: ['everybody'] };
	const fault = await t.throwsAsync(createLatchkey({ config: config as never }));
	for (const path of ['session.inactivityInterval', 'session.cookieNane', 'trustedProxies.0']) {
		t.true(fault?.message.includes(path), `${path} in ${fault?.message}`);
	}
	const env = { LATCHKEY_SESSION_INACTIVITY_INTERVAL: 'soon' };
	await t.throwsAsync(createLatchkey({ env }), { message: /inactivityInterval/ });
});

test('a token for some paths opens them as the client asked for them, in an app that is mounted below a path, too', async (t) => {
	const { url } = await startHost(
		t,
		(app, latchkey) => {
			app.use(latchkey.routes());
			const guard = latchkey.guard('rest.assets');
			app.use(async (ctx, next) => {
				if (ctx.path.startsWith('/koa')) ctx.path = ctx.path.slice('/koa'.length);
				if (ctx.path.startsWith('/express')) {
					Object.assign(ctx.req, { originalUrl: ctx.req.url });
					ctx.path = ctx.path.slice('/express'.length);
					Object.assign(ctx, { originalUrl: ctx.req.url });
				}
				await guard(ctx as never, next);
			});
			app.use((ctx) => {
				ctx.body = 'inside';
			});
		},
		{ config: { auth: { tokens: true } } } as LatchkeyOptions,
	);
	const visitor = createClient({ port: Number(new URL(url).port) });
	await visitor.login('ada', password);
	const wanted = { name: 'reports', permissions: ['rest.assets'], paths: ['/reports', '/koa/bills'] };
	const made = await visitor.post(`${base}/tokens`, wanted);
	t.is(made.status, 201, made.text);
	const headers = { Authorization: `Bearer ${(made.body as { token: string }).token}` };
	const got: Record<string, number> = {};
	for (const path of [
		'/reports/1',
		'/koa/bills',
		'/koa/reports',
		'/express/reports',
		'/bills',
		'/koa/reports/../bills',
	])
		got[path] = (await fetch(url + path, { headers })).status;
	t.deepEqual(got, {
		...{ '/reports/1': 200, '/koa/bills': 200, '/koa/reports': 403, '/express/reports': 403, '/bills': 403 },
		'/koa/reports/../bills': 200,
	});
});

test('a store that is gone is a no, and never a way in', async (t) => {
	const host = await startHost(t, shop);
	const browser = createClient(host);
	await browser.login('ada', password);
	await t.notThrowsAsync(host.latchkey.probe());
	await host.latchkey.close();
	await t.throwsAsync(host.latchkey.probe());
	const { status, body } = await browser.get('/assets');
	t.true(status >= 500, `${status}`);
	t.notRegex(JSON.stringify(body), /sqlite|latchkey\.db|at /);
});

test('a guard leaves no trace on what it lets through: status, reason, headers, and whether Koa answers', async (t) => {
	const host = await startHost(t, (app, latchkey) => {
		app.use(latchkey.routes());
		const guard = latchkey.guard('rest.assets');
		app.use(async (ctx, next) => {
			if (ctx.path === '/none') return next();
			ctx.status = 202;
			ctx.message = 'Taken';
			ctx.set('X-Before', 'the app');
			if (ctx.path === '/raw') ctx.respond = false;
			return next();
		});
		app.use(async (ctx, next) => (ctx.query.guarded === undefined ? next() : guard(ctx as never, next)));
		app.use((ctx) => {
			if (ctx.path === '/empty') return;
			if (ctx.path === '/raw') ctx.res.end('raw');
			else ctx.body = 'for the app';
		});
	});
	const browser = createClient(host);
	await browser.login('ada', password);
	const Cookie = [...browser.jar].map(([name, value]) => `${name}=${value}`).join('; ');
	const { body } = await browser.get(`${base}/xsrfToken`);
	const headers = { Cookie, 'X-XSRF-Token': (body as { xsrfToken: string }).xsrfToken };
	const seen = async (path: string) => {
		const answer = await fetch(host.url + path, { headers });
		const { status, statusText } = answer;
		// Of these the guard says what is safe for caches: the spec of resources shows it.
		const ofCaches = /^(date|cache-control|cross-origin-resource-policy|vary)$/;
		const said = [...answer.headers].filter(([name]) => !ofCaches.test(name));
		return { status, statusText, headers: said, body: await answer.text() };
	};
	for (const path of ['/', '/none', '/empty', '/raw'])
		t.deepEqual(await seen(`${path}?guarded`), await seen(path), path);
	t.like(await seen('/?guarded'), { status: 202, statusText: 'Taken', body: 'for the app' });
	t.is((await fetch(`${host.url}/?guarded`)).status, 401);
});

test('a page of the app signs in over HTTP/2, and one of another site does not', async (t) => {
	const { app } = await startHost(t, shop);
	const ca = await newCa('Server CA');
	const { cert, key } = await ca.issue({ subject: [{ CN: ['a'] }], purposes: [serverAuth], hosts: ['127.0.0.1'] });
	const server = http2.createSecureServer({ cert, key, allowHTTP1: true }, app.callback()).listen(0, '127.0.0.1');
	await once(server, 'listening');
	const { port } = server.address() as AddressInfo;
	const client = http2.connect(`https://127.0.0.1:${port}`, { ca: ca.cert });
	t.teardown(() => {
		client.destroy();
		server.close();
	});
	const login = async (origin: string) => {
		const req = client.request({
			...{ ':method': 'POST', ':path': `${base}/login/password`, 'content-type': 'application/json' },
			origin,
		});
		req.end(JSON.stringify({ username: 'ada', password }));
		const [headers] = (await once(req, 'response')) as [http2.IncomingHttpHeaders];
		req.resume();
		return headers;
	};
	const own = await login(`https://127.0.0.1:${port}`);
	t.is(own[':status' as never], 200 as never);
	t.is(own['strict-transport-security'], undefined, 'that holds for all of the host: the app says it');
	t.is((await login('https://evil.example'))[':status' as never], 403 as never);
});

test('a session bound to its certificate opens what the app guards where that is shown, over HTTP/1.1 and HTTP/2', async (t) => {
	const folder = await mkdtemp(join(dataDir, 'latchkey-embed-'));
	t.teardown(() => rm(folder, { recursive: true }));
	const ca = await newCa();
	const own = await ca.issue({ subject: [{ CN: ['localhost'] }], purposes: [serverAuth], hosts: ['localhost'] });
	await writeFile(join(folder, 'ca.pem'), ca.cert);
	const { app } = await startHost(t, shop, {
		config: { session: { bindCertificate: true } },
		clientCertificates: { ca: join(folder, 'ca.pem') },
	});
	const tls = { cert: own.cert, key: own.key, ca: ca.cert, requestCert: true, rejectUnauthorized: false };
	const server = http2.createSecureServer({ ...tls, allowHTTP1: true }, app.callback()).listen(0, '127.0.0.1');
	await once(server, 'listening');
	t.teardown(() => server.close());
	const { port } = server.address() as AddressInfo;
	const [ada, other] = await Promise.all([1, 2].map(() => ca.issue({ subject: [{ CN: ['ada'] }] })));
	const there = { host: '127.0.0.1', port, servername: 'localhost', ca: ca.cert, agent: false } as const;
	type Sent = { readonly method?: string; readonly path: string; readonly headers?: Record<string, string> };
	async function overHttp1(as: typeof ada, sent: Sent) {
		const asked = request({ ...there, ...(as && { cert: as.cert, key: as.key }), ...sent }).end();
		const [res] = (await once(asked, 'response')) as [IncomingMessage];
		return { cookie: res.headers['set-cookie']?.[0]?.split(';')[0] ?? '', text: await text(res) };
	}
	async function overHttp2(as: typeof ada, { path, headers }: Sent) {
		const shown = as && { cert: as.cert, key: as.key };
		const client = http2.connect(`https://localhost:${port}`, { ca: ca.cert, ...shown });
		const answered = await text(client.request({ ':path': path, ...headers }));
		client.destroy();
		return { text: answered };
	}
	const { cookie: Cookie } = await overHttp1(ada, { method: 'POST', path: `${base}/login/certificate` });
	const told = await overHttp1(ada, { path: `${base}/xsrfToken`, headers: { Cookie } });
	const headers = { Cookie, 'X-XSRF-Token': JSON.parse(told.text).xsrfToken };
	for (const ask of [overHttp1, overHttp2]) {
		const answers = [ada, other, undefined].map(async (as) => (await ask(as, { path: '/assets', headers })).text);
		const [owner = '', ...thieves] = (await Promise.all(answers)).map((answer) => JSON.parse(answer));
		t.like(owner, { path: '/assets', identity: { name: 'ada' } }, ask.name);
		for (const thief of thieves) t.like(thief, { code: 'bad-certificate' }, ask.name);
	}
});
