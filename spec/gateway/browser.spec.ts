import ava from 'ava';
import type { BrowserContext, Page } from 'playwright-core';
import { createClient } from '../_support/client.ts';
import { startService, type TestService } from '../_support/service.ts';
import { startUpstream, type Upstream } from '../_support/upstream.ts';
import { browser, closeBrowser, noBrowser } from '../console/stage.ts';

/*
 * In a real Chromium: what an application behind us, and pages of other ports, can do to what is protected. A browser
 * gives the cookie of a host name to all its ports.
 */

const test = noBrowser === undefined ? ava.serial : ava.skip;
const password = 'a long enough secret';

let application: Upstream;
/** Pages of other ports: one of an allowed origin, and one of nobody. */
let friend: Upstream;
let stranger: Upstream;
let service: TestService;

const page = '<!doctype html><title>a page</title>';

if (noBrowser === undefined) {
	ava.before(async () => {
		friend = await startUpstream((_, res) => void res.setHeader('Content-Type', 'text/html').end(page));
		stranger = await startUpstream((_, res) => void res.setHeader('Content-Type', 'text/html').end(page));
		application = await startUpstream(({ url = '' }, res) => {
			const isScript = url.endsWith('.js');
			res.setHeader('Content-Type', isScript ? 'text/javascript' : 'text/html');
			if (!url.endsWith('/silent')) res.setHeader('Cache-Control', 'public, max-age=600');
			res.setHeader('Service-Worker-Allowed', '/').setHeader('ETag', '"a"');
			res.end(isScript ? 'self.secret = "for ada";' : page);
		});
		const at = (path: string) => ({ path, permission: 'p', xsrf: 'unsafe', upstream: application.url });
		service = await startService({ resources: [at('/app'), at('/')], allowedOrigins: [friend.url] });
		await service.add('ada', password, { permissions: ['p'] });
	});
	ava.after.always(async () => {
		await closeBrowser();
		await service?.close();
		for (const server of [application, friend, stranger]) server?.close();
	});
}

/** A window in which ada is signed in, and what signs her out. */
async function signedIn(url: string): Promise<{ tab: Page; context: BrowserContext; xsrfToken: string }> {
	const visitor = createClient({ port: Number(new URL(service.url).port) });
	await visitor.login('ada', password);
	const context = await (await browser()).newContext();
	const cookies = [...visitor.jar].map(([name, value]) => ({ name, value, url: service.url, httpOnly: true }));
	await context.addCookies(cookies.map((cookie) => ({ ...cookie, sameSite: 'Lax' as const })));
	const tab = await context.newPage();
	await tab.goto(url);
	return { tab, context, xsrfToken: visitor.xsrfToken() };
}

test('a script of an application gets a service worker for its own pages, and for no others', async (t) => {
	const { tab, context } = await signedIn(`${service.url}/app/page`);
	// As text: here there are no types of a page.
	const register = (script: string, how: { scope?: string; updateViaCache?: 'all' } = {}) =>
		tab.evaluate(
			`navigator.serviceWorker.register('${script}', ${JSON.stringify(how)})
				.then(({ scope }) => new URL(scope).pathname, ({ name }) => name)`,
		);
	t.is(await register('/app/sw.js'), '/app/');
	t.is(await register('/app/sw.js', { scope: '/' }), 'SecurityError');
	t.is(await register('/sw.js'), 'TypeError');
	t.is(await tab.evaluate(() => fetch('/sw.js').then(({ status }) => status)), 200);
	t.is(await register('/sw.js', { updateViaCache: 'all' }), 'TypeError', 'nor from what the browser has');
	await context.close();
});

test('a page of another port reads nothing, and one of an allowed origin what it asks for', async (t) => {
	const asked = `${service.url}/app/data.js`;
	const load = (tab: Page) =>
		tab.evaluate(
			`new Promise((resolve) => {
				const script = document.createElement('script');
				script.onload = script.onerror = () => resolve(self.secret ?? 'nothing');
				document.head.append(Object.assign(script, { src: '${asked}' }));
			})`,
		);
	const read = (tab: Page) =>
		tab.evaluate(
			(url) =>
				fetch(url, { credentials: 'include', headers: { 'If-Match': '"a"' } }).then(
					(answer) => answer.text().then((text) => `${answer.headers.get('etag')} ${text}`),
					({ name }: Error) => name,
				),
			asked,
		);
	const strange = await signedIn(stranger.url);
	t.is(await load(strange.tab), 'nothing');
	t.is(await read(strange.tab), 'TypeError');
	const friendly = await signedIn(friend.url);
	t.is(await load(friendly.tab), 'nothing', 'without CORS nobody can say for whom it is');
	t.regex(await read(friendly.tab), /for ada/);
	await strange.context.close();
	await friendly.context.close();
});

test('after a logout nothing can be read from the browser’s cache', async (t) => {
	const { tab, context, xsrfToken } = await signedIn(`${service.url}/app/page`);
	const statuses = () =>
		tab.evaluate(() =>
			Promise.all(['/app/kept', '/app/silent'].map((path) => fetch(path).then(({ status }) => status))),
		);
	t.deepEqual(await statuses(), [200, 200]);
	const before = application.reached.filter((path) => path === '/app/kept').length;
	t.deepEqual(await statuses(), [200, 200]);
	t.is(application.reached.filter((path) => path === '/app/kept').length, before, 'while she is there, it is used');
	const left = await tab.evaluate(
		(token) =>
			fetch('/services/session/v1/logout', { method: 'POST', headers: { 'X-XSRF-Token': token } }).then(
				({ status }) => status,
			),
		xsrfToken,
	);
	t.is(left, 204);
	t.deepEqual(await statuses(), [401, 401]);
	await context.close();
});
