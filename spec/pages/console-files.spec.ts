import { once } from 'node:events';
import { cp, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { type IncomingMessage, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { pathToFileURL } from 'node:url';
import Router from '@koa/router';
import test from 'ava';
import { ensureApiDocs, ensureConsole } from '../../.ci/prestart.ts';
import { mountConsole } from '../../src/pages/console-files.ts';
import { createBareApp } from '../_support/bare-app.ts';
import { startService, type TestService } from '../_support/service.ts';
import { startUpstream } from '../_support/upstream.ts';

const built = join(import.meta.dirname, '../../dist/console');

let service: TestService;
let files: readonly string[];
const get = (path: string, headers: Record<string, string> = {}, method = 'GET') =>
	fetch(service.url + path, { method, headers });

test.before(async (t) => {
	t.true((await ensureConsole()) && (await ensureApiDocs()));
	service = await startService();
	files = (await readdir(built)).filter((file) => file !== 'index.html');
});

test.after.always(() => service?.close());

const policy =
	"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
	"form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

test('the page allows nothing but our own files and our own API', async (t) => {
	const { status, headers } = await get('/');
	t.is(status, 200);
	t.is(headers.get('content-type'), 'text/html; charset=utf-8');
	t.is(headers.get('content-security-policy'), policy);
	t.is(headers.get('cross-origin-opener-policy'), 'same-origin');
	t.is(headers.get('x-content-type-options'), 'nosniff');
	t.is(headers.get('referrer-policy'), 'no-referrer');
	t.is(headers.get('set-cookie'), null);
});

test('other windows are kept apart where browsers believe the origin, and no mistake is reported where they do not', async (t) => {
	const { port } = new URL(service.url);
	for (const [host, policy] of [
		[`localhost:${port}`, 'same-origin'],
		[`127.0.0.1:${port}`, 'same-origin'],
		['gateway.example', undefined],
	] as const) {
		const asked = request(`${service.url}/`, { headers: { Host: host } }).end();
		const [answer] = (await once(asked, 'response')) as [IncomingMessage];
		t.is(answer.headers['cross-origin-opener-policy'], policy, host);
		answer.resume();
	}
});

test('the page holds no script, no style and no address of another host', async (t) => {
	const page = await (await get('/')).text();
	t.notRegex(page, /<script(?![^>]*\ssrc=)|<style|\sstyle=|\son\w+=|https?:\/\/|data:/i);
});

test('the page is asked for again each time, and not sent again where it has not changed', async (t) => {
	const { headers } = await get('/');
	t.is(headers.get('cache-control'), 'no-cache');
	// Node's fetch would say of such a request that no cache may answer it.
	const again = request(`${service.url}/`, { headers: { 'If-None-Match': headers.get('etag') ?? '' } }).end();
	const [answer] = (await once(again, 'response')) as [IncomingMessage];
	t.is(answer.statusCode, 304);
	t.is(await text(answer), '');
	t.is(answer.headers['content-security-policy'], policy);
});

test('what it is made of is kept for a year, under names that change with the content', async (t) => {
	t.true(files.length >= 4);
	for (const file of files) {
		const { status, headers } = await get(`/console/${file}`);
		t.is(status, 200, file);
		t.is(headers.get('cache-control'), 'public, max-age=31536000, immutable', file);
		t.is(headers.get('content-security-policy'), policy, file);
		t.is(headers.get('vary'), 'Accept-Encoding', file);
		t.regex(file, /^[a-z-]+-[\w-]{8}\.(js|css|svg)$/);
	}
});

const encodings = [
	{ accepts: 'gzip, deflate, br, zstd', gets: 'br' },
	{ accepts: 'gzip, deflate', gets: 'gzip' },
	{ accepts: 'br;q=0, gzip', gets: 'gzip' },
	{ accepts: 'identity', gets: null },
];

for (const { accepts, gets } of encodings) {
	test(`who accepts ${accepts} gets ${gets ?? 'it as it is'}, and the same bytes in the end`, async (t) => {
		for (const file of files) {
			const answer = await get(`/console/${file}`, { 'Accept-Encoding': accepts });
			t.is(answer.headers.get('content-encoding'), gets, file);
			t.deepEqual(Buffer.from(await answer.arrayBuffer()), await readFile(join(built, file)), file);
		}
	});
}

test('the console loads under 60 KB in every language, the judge of passwords and administration not counted', async (t) => {
	const languageOf = (file: string) => /^([a-z]{2})-/.exec(file)?.[1];
	const bytesOf = async (path: string) =>
		Number((await get(path, { 'Accept-Encoding': 'gzip' })).headers.get('content-length'));
	let common = await bytesOf('/');
	const ofLanguages = new Map<string, number>();
	for (const file of files.filter((file) => !/worker|^administration-/.test(file))) {
		const [language, bytes] = [languageOf(file), await bytesOf(`/console/${file}`)];
		if (language === undefined) common += bytes;
		else ofLanguages.set(language, bytes);
	}
	t.deepEqual([...ofLanguages.keys()].sort(), ['de', 'es', 'fr', 'it', 'ja'], 'English is in what all need');
	for (const [language, bytes] of ofLanguages) {
		t.true(bytes > 5_000 && common + bytes < 60_000, `${language}: ${common} + ${bytes} bytes`);
	}
});

const nowhere = [
	'/console/',
	'/console',
	'/console/index.html',
	'/console/nothing-here.js',
	'/console/..%2f..%2fpackage.json',
	'/console/%2e%2e%2fmain.js',
	'/console/.vite',
	'/console/a/b.js',
	`/console/${'a'.repeat(5000)}.js`,
	'/console/index.js%00',
];

test('nothing but the files of the console is served below /console/', async (t) => {
	for (const path of nowhere) {
		const { status, headers } = await get(path);
		t.true([400, 401, 404].includes(status), `${path.slice(0, 40)}: ${status}`);
		t.is(headers.get('content-type'), 'application/json; charset=utf-8');
	}
});

test('it stands elsewhere, or nowhere, where the configuration says so: the application behind has its front page', async (t) => {
	const upstream = await startUpstream((req, res) => void res.end(`theirs: ${req.url}`));
	const resources = [{ path: '/', permission: 'p', xsrf: 'unsafe', upstream: upstream.url }];
	const moved = await startService({ console: { path: '/the/door' }, auth: { basic: true }, resources });
	const none = await startService({
		console: { enabled: false },
		docs: { enabled: false },
		auth: { basic: true },
		resources,
	});
	t.teardown(() => Promise.all([moved.close(), none.close(), upstream.close()]));
	const headers = { Authorization: `Basic ${Buffer.from('ada:a long enough secret').toString('base64')}` };
	for (const { add } of [moved, none]) await add('ada', 'a long enough secret', { permissions: ['p'] });
	for (const path of ['/the/door', '/the/door/']) {
		const page = await fetch(moved.url + path);
		t.is(page.headers.get('content-security-policy'), policy);
		const links = [...(await page.text()).matchAll(/(?:src|href)="([^"]*)"/g)].map(([, link = '']) => link);
		t.true(links.length >= 3);
		for (const link of links) {
			t.true(link.startsWith('/the/door/console/'), link);
			t.is((await fetch(moved.url + link)).status, 200, link);
		}
	}
	for (const path of ['/the/door/docs', '/the/door/openapi.yaml', '/the/door/openapi.json'])
		t.is((await fetch(moved.url + path)).status, 200, path);
	for (const path of ['/', '/docs', '/openapi.yaml', '/openapi.json', '/console/index.js']) {
		for (const { url } of [moved, none]) {
			t.is((await fetch(url + path)).status, 401, path);
			t.is(await (await fetch(url + path, { headers })).text(), `theirs: ${path}`);
		}
	}
	t.is((await fetch(`${none.url}/health/live`)).status, 200);
});

test('HEAD is answered as GET is, without a body; other methods are not', async (t) => {
	for (const path of ['/', `/console/${files[0]}`]) {
		const head = await get(path, {}, 'HEAD');
		t.is(head.status, 200);
		t.is(await head.text(), '');
		t.is(head.headers.get('content-length'), (await get(path)).headers.get('content-length'));
		t.is((await get(path, {}, 'POST')).status, 405);
	}
});

test('a checkout whose console is not built says what to do, and serves it as soon as it is there', async (t) => {
	const folder = await mkdtemp(join(tmpdir(), 'latchkey-console-'));
	t.teardown(() => rm(folder, { recursive: true, force: true }));
	const router = new Router();
	const place = join(folder, 'console');
	mountConsole(router, '/', pathToFileURL(`${place}/`));
	const { app, listen } = createBareApp();
	app.use(router.routes());
	const url = await listen(t);
	const without = await fetch(url);
	t.is(without.status, 503);
	t.deepEqual(await without.json(), {
		message: 'The console is not built. In a checkout: npm run build:console',
		code: 'unavailable',
	});
	await cp(built, place, { recursive: true });
	t.is((await fetch(url)).status, 200);
	t.is((await fetch(`${url}/console/${files[0]}`)).status, 200);
});
