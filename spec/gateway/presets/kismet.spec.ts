import { once } from 'node:events';
import ava from 'ava';
import WebSocket from 'ws';
import { type Client, createClient } from '../../_support/client.ts';
import { type KismetLike, startKismet } from '../../_support/kismet.ts';
import { startService, type TestService } from '../../_support/service.ts';
import { browser, closeBrowser, noBrowser } from '../../console/stage.ts';

/* Behind the preset something that judges as Kismet does; in front of it programs, and a real Chromium. */

const test = ava.serial;
const password = 'a long enough secret';

let kismet: KismetLike;
let service: TestService;
let port: number;
const people: Record<string, Client> = {};
const answers: string[] = [];

test.before(async () => {
	kismet = await startKismet();
	service = await startService({
		console: { path: '/latchkey' },
		log: { level: 'trace' },
		upstreamCredentials: { kismet: { cookie: { name: 'KISMET', value: kismet.key } } },
		resources: [{ preset: 'kismet', upstream: kismet.url, upstreamCredentials: 'kismet' }],
	});
	port = Number(new URL(service.url).port);
	const held = {
		nothing: [],
		reader: ['kismet.readonly'],
		admin: ['kismet.admin'],
		gps: ['kismet.webgps'],
		capture: ['kismet.datasource'],
	};
	for (const [name, permissions] of Object.entries(held)) {
		await service.add(name, password, { permissions });
		people[name] = createClient({ port });
		await people[name].login(name, password);
	}
	people.stranger = createClient({ port });
});
test.after.always(async () => {
	await closeBrowser();
	await service?.close();
	kismet?.close();
});

/** As a page of Kismet's asks, or a program that says nothing of itself. */
const fromPage = { 'Sec-Fetch-Site': 'same-origin' };

async function ask(name: string, path: string, method = 'GET', headers: Record<string, string> = fromPage) {
	const body =
		method === 'POST'
			? { body: 'json={}', headers: { ...headers, 'Content-Type': 'application/x-www-form-urlencoded' } }
			: { headers };
	const answer = await people[name]!.withoutToken(path, { method, ...body });
	answers.push(JSON.stringify(answer));
	return answer.status;
}

test('a stranger sees the page and nothing behind it; Kismet knows nobody there', async (t) => {
	for (const path of ['/', '/index.html', '/js/kismet.js', '/css/x.css', '/images/x.png', '/system/user_status.json'])
		t.is(await ask('stranger', path), 200, path);
	t.true(kismet.seen.every(({ role, headers }) => role === '' && headers.cookie === undefined));
	for (const path of ['/system/status.json', '/session/check_login', '/datasource/by-uuid/1/close_source.cmd'])
		t.is(await ask('stranger', path), 401, path);
	t.is(await ask('stranger', `/system/user_status.json?KISMET=${kismet.key}`), 200);
	t.is(kismet.seen.at(-1)?.target, '/system/user_status.json');
});

test('who may read reads, by POST too, and commands nothing; an administrator may', async (t) => {
	for (const method of ['GET', 'POST']) {
		t.is(await ask('reader', '/devices/views/all/devices.json', method), 200, method);
		t.is(await ask('nothing', '/devices/views/all/devices.json', method), 403, method);
		t.is(await ask('reader', '/datasource/by-uuid/1/close_source.cmd', method), 403, method);
		t.is(await ask('admin', '/datasource/by-uuid/1/close_source.cmd', method), 200, method);
		t.is(await ask('admin', '/devices/views/all/devices.json', method), 200, method);
	}
	t.is(await ask('reader', '/devices/views/all/devices.json', 'POST', {}), 200, 'a program reads, too');
	t.is(await ask('reader', '/auth/apikey/list.json'), 403);
	t.is(await ask('admin', '/auth/apikey/list.json'), 200);
	t.is(await ask('nothing', '/session/check_session'), 200);
	t.is(await ask('gps', '/gps/meta/phone/update.cmd', 'POST'), 200);
	t.is(await ask('gps', '/gps/all_gps.json'), 403);
});

test('what changes something comes from a page of the host, by GET too', async (t) => {
	const command = '/datasource/by-uuid/1/close_source.cmd';
	const before = kismet.seen.length;
	for (const method of ['GET', 'POST']) {
		t.is(await ask('admin', command, method, {}), 403, 'a program with a session');
		t.is(
			await ask('admin', command, method, { 'Sec-Fetch-Site': 'cross-site', 'Sec-Fetch-Mode': 'navigate' }),
			403,
			'a link',
		);
		t.is(await ask('admin', command, method, { 'Sec-Fetch-Site': 'same-site' }), 403, 'a sibling');
	}
	t.is(kismet.seen.length, before);
});

test('nobody sets Kismet’s own login with our key', async (t) => {
	await ask('admin', '/session/set_password', 'POST');
	t.is(kismet.seen.at(-1)?.role, '');
	t.is(kismet.seen.at(-1)?.headers.cookie, undefined);
});

test('WebSockets: who may, and no key in the handshake', async (t) => {
	const open = async (name: string, path: string) => {
		const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`, {
			headers: { Cookie: people[name]!.cookies(), Host: `localhost:${port}`, Origin: `http://localhost:${port}` },
		});
		const result = await Promise.race([
			once(socket, 'upgrade').then(([{ headers }]) => {
				answers.push(JSON.stringify(headers));
				return 101;
			}),
			once(socket, 'unexpected-response').then(([, { statusCode }]) => statusCode),
		]);
		socket.on('error', () => undefined).terminate();
		return result;
	};
	const path = '/eventbus/events.ws?user=kismet&password=CANARY&KISMET=ABC&x=1';
	t.is(await open('reader', path), 101);
	t.is(kismet.seen.at(-1)?.target, '/eventbus/events.ws?x=1');
	t.is(kismet.seen.at(-1)?.headers.cookie, `KISMET=${kismet.key}`);
	t.is(await open('gps', path), 403);
	t.is(await open('capture', '/datasource/remote/remotesource.ws'), 101);
	t.is(await open('reader', '/datasource/remote/remotesource.ws'), 403);
});

(noBrowser === undefined ? test : test.skip)(
	`in a browser the page loads without a login, and with one does what it may${noBrowser ? `: ${noBrowser}` : ''}`,
	async (t) => {
		const context = await (await browser()).newContext();
		const tab = await context.newPage();
		const base = `http://localhost:${port}`;
		const found = async () => {
			await tab.goto(`${base}/`);
			await tab.getByText('done').waitFor();
			return tab.getByRole('listitem').allTextContents();
		};
		t.deepEqual(await found(), [
			'user status 200',
			'status 401',
			'devices 401',
			'close 401',
			'events refused',
			'cookie none',
			'done',
		]);
		const signIn = async (name: string) => {
			await tab.goto(`${base}/latchkey`);
			await tab.getByLabel('User name', { exact: true }).fill(name);
			await tab.getByLabel('Password', { exact: true }).fill(password);
			await tab.getByRole('button', { name: 'Sign in', exact: true }).click();
			await tab.getByRole('heading', { name: 'My sessions' }).waitFor();
		};
		await signIn('reader');
		t.deepEqual(await found(), [
			'user status 200',
			'status 200',
			'devices 200',
			'close 403',
			'events event',
			'cookie none',
			'done',
		]);
		t.deepEqual(
			(await context.cookies()).map(({ name }) => name),
			['JSESSIONID'],
		);
		await context.clearCookies();
		await signIn('admin');
		t.deepEqual((await found())[3], 'close 200');
		await tab.goto(`${base}/system/status.json`);
		t.regex((await tab.textContent('body')) ?? '', /"role":"admin"/);
		await context.close();
	},
);

test('a Kismet that knows our key no more is a 502, and everybody stays signed in', async (t) => {
	t.is(await ask('reader', '/system/status.json'), 200);
	const { key } = kismet;
	kismet.forget();
	t.is(await ask('reader', '/system/status.json', 'GET', { 'User-Agent': 'Wget/1.21' }), 502);
	t.is((await people.reader!.send('/services/session/v1/currentIdentity')).status, 200);
	t.is(await ask('stranger', '/'), 200);
	const all = [...answers, ...service.lines.map((line) => JSON.stringify(line))].join('\n');
	t.true(answers.length > 30);
	t.false(all.includes(key));
	t.false(/www-authenticate|KISMET=/i.test(answers.join('\n')));
	t.false(all.includes('CANARY'));
	t.false(
		service.lines.some((line) => JSON.stringify(line).includes('typed')),
		'by the page',
	);
});
