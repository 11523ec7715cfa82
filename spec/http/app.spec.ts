import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import test from 'ava';
import { StoreUnavailable } from '../../src/core/stores.ts';
import { reply } from '../../src/http/response/reply.ts';
import { createBareApp } from '../_support/bare-app.ts';
import { createClient } from '../_support/client.ts';
import { startService, type TestService } from '../_support/service.ts';
import { startUpstream } from '../_support/upstream.ts';

/* What holds for every request, whatever it asks for. */

const base = '/services/session/v1';
const password = 'four brown bears';

async function start(t: { teardown(end: () => Promise<void>): void }, settings = {}): Promise<TestService> {
	const service = await startService(settings);
	t.teardown(() => service.close());
	return service;
}

test('what goes wrong in one request is logged with its cause, told to nobody, and stops no other', async (t) => {
	const service = await start(t);
	await service.add('ada', password);
	const browser = createClient(service);
	await browser.login('ada', password);
	const { sessions } = service.service.core;
	Object.assign(sessions, { check: () => Promise.reject(new Error('the secret reason in /etc/secret.ts')) });
	const answer = await browser.me();
	t.is(answer.status, 500);
	t.notRegex(JSON.stringify(answer.body), /secret/);
	const id = answer.headers['x-request-id'];
	t.truthy(id);
	const [line] = service.lines.filter(({ requestId }) => requestId === id);
	t.like(line, { level: 'error', msg: 'request failed', cause: { message: 'the secret reason in /etc/secret.ts' } });
	t.is((await browser.get('/health/live')).status, 200);
});

test('every request has an id of its own, and a no tells it', async (t) => {
	const service = await start(t);
	const browser = createClient(service);
	const answers = await Promise.all(Array.from({ length: 20 }, () => browser.me()));
	t.is(new Set(answers.map(({ headers }) => headers['x-request-id'])).size, 20);
});

test('a no for being busy or broken neither takes a session away nor leaves one behind', async (t) => {
	const { app, listen } = createBareApp();
	app.use((ctx) => {
		ctx.cookies.set('JSESSIONID', 'half done');
		if (ctx.path === '/broken') throw new Error('broken');
		if (ctx.path === '/broken-meanwhile') {
			ctx.respond = false;
			throw new Error('broken while somebody else was about to answer');
		}
		if (ctx.path === '/away') throw new StoreUnavailable('SQLite');
		reply(ctx, {}, ctx.path === '/busy' ? 429 : 200);
	});
	const browser = createClient({ url: await listen(t) });
	for (const [path, status] of [
		['/broken', 500],
		['/broken-meanwhile', 500],
		['/away', 503],
		['/busy', 429],
	] as const) {
		const answer = await browser.get(path);
		t.is(answer.status, status);
		t.deepEqual(answer.setCookie, [], path);
	}
	t.is((await browser.get('/fine')).setCookie.length, 1);
});

test('requests that come at once are each answered, in the order that they came in on their connection', async (t) => {
	const { app, listen } = createBareApp();
	app.use((ctx) => reply(ctx, ctx.path));
	const { port } = new URL(await listen(t));
	const paths = Array.from({ length: 200 }, (_, at) => `/${at}`);
	const socket = connect(Number(port), '127.0.0.1');
	socket.end(paths.map((path) => `GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`).join(''));
	const answers = await text(socket);
	const [, ...each] = answers.split('HTTP/1.1 ');
	t.deepEqual(
		each.map((answer) => `${answer.slice(0, 3)} ${answer.split('\r\n\r\n')[1]}`),
		paths.map((path) => `200 ${path}`),
	);
});

test('an answer that cannot be written ends its own connection, is logged, and stops no other', async (t) => {
	const { app, errors, listen } = createBareApp();
	app.use((ctx) => reply(ctx, { big: ctx.path === '/unwritable' ? 1n : 1 }));
	const url = await listen(t);
	const statusOf = (path: string) => fetch(url + path).then(({ status }) => status);
	const answers = await Promise.allSettled(['/before', '/unwritable', '/after'].map(statusOf));
	t.deepEqual(
		answers.map((answer) => (answer.status === 'fulfilled' ? answer.value : 'cut')),
		[200, 'cut', 200],
	);
	t.deepEqual(errors, ['an answer could not be written']);
});

test('an upstream that is not there is 502, and the session lives on', async (t) => {
	const upstream = await startUpstream();
	upstream.close();
	const resources = [{ path: '/behind', permission: 'p', upstream: upstream.url }];
	const service = await start(t, { resources });
	await service.add('ada', password, { permissions: ['p'] });
	const browser = createClient(service);
	await browser.login('ada', password);
	const answer = await browser.get('/behind');
	t.is(answer.status, 502);
	t.is(typeof (answer.body as { message: unknown }).message, 'string');
	t.deepEqual(answer.setCookie, []);
	t.is((await browser.me()).status, 200);
});

test('a client that leaves in the midst of its request is no fault', async (t) => {
	const service = await start(t);
	const { port } = new URL(service.url);
	for (const sent of [
		`POST ${base}/login/password HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{`,
		'GET / HTTP/1.1\r\nHost: a\r\n',
		`GET ${base}/authenticationInfo HTTP/1.1\r\nHost: a\r\n\r\n`,
	]) {
		const socket = connect(Number(port), '127.0.0.1');
		socket.write(sent);
		await new Promise((done) => setTimeout(done, 20));
		socket.resetAndDestroy();
	}
	t.is((await createClient(service).get('/health/ready')).status, 200);
	t.deepEqual(
		service.lines.filter(({ level }) => level === 'error'),
		[],
	);
});

test('readiness tells whether the stores answer; liveness does not ask them', async (t) => {
	const service = await start(t);
	const browser = createClient(service);
	t.deepEqual((await browser.get('/health/ready')).body, { status: 'ready' });
	await service.service.core.close();
	const answer = await browser.get('/health/ready');
	t.is(answer.status, 503);
	t.is((answer.body as { status: string }).status, 'not ready');
	t.is((await browser.get('/health/live')).status, 200);
});
