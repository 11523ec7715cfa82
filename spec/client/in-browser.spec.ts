import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { startService } from '../_support/service.ts';
import { startUpstream } from '../_support/upstream.ts';
import { browser, closeBrowser, noBrowser } from '../console/stage.ts';
import { bundleClient } from './bundle.ts';

/*
 * What only a browser does: it follows redirects across origins, and keeps cookies for some pages and not for others. An
 * application may lead a request to another origin, as one with an open redirect does, and that origin may allow
 * everything: it gets no token of the session.
 */

const resource = '/services/assets/v1';
const password = 'correct horse battery';
const example = await readFile(join(import.meta.dirname, '../examples/browser.js'), 'utf8');

const stranger = await startUpstream((req, res) => {
	const allowed = {
		'Access-Control-Allow-Origin': req.headers.origin ?? '*',
		'Access-Control-Allow-Credentials': 'true',
		'Access-Control-Allow-Headers': 'x-xsrf-token',
	};
	res.writeHead(200, allowed).end('a trap');
});
const application = await startUpstream((req, res) => {
	if (req.url?.endsWith('/away')) res.writeHead(302, { Location: stranger.url }).end();
	else if (req.url?.endsWith('/moved')) res.writeHead(302, { Location: resource }).end();
	else res.end('the treasure');
});
let host = '';
const [{ code }] = await bundleClient();
const pages = await startUpstream((req, res) => {
	const isScript = req.url?.endsWith('.js');
	res.setHeader('Content-Type', isScript ? 'text/javascript' : 'text/html');
	if (!isScript) res.end('<!doctype html>');
	else if (req.url === '/browser.js') res.end(example.replace("host = ''", `host = '${host}'`));
	else res.end(code);
});
/** The same pages, by a name that is another site. */
const anotherSite = pages.url.replace('127.0.0.1', 'localhost');
const service = await startService({
	allowedOrigins: [pages.url, anotherSite],
	resources: [
		{ path: '/app', access: 'public', upstream: pages.url },
		{ path: resource, permission: 'rest.assets', upstream: application.url },
	],
});
host = service.url;
await service.add('ada', password, { permissions: ['rest.assets'] });
test.after.always(async () => {
	await closeBrowser();
	await service.close();
	for (const upstream of [stranger, application, pages]) upstream.close();
});

const cases = [
	{
		says: 'latchkey/client, at the service’s origin',
		at: `${service.url}/app/`,
		script: 'client.js',
		moved: 'the treasure',
	},
	{ says: 'latchkey/client, at another', at: `${pages.url}/`, script: 'client.js', moved: 'refused' },
	{ says: 'the example to paste, at another', at: `${pages.url}/`, script: 'browser.js', moved: 'refused' },
];
for (const { says, at, script, moved } of cases) {
	const title = `the token follows no redirect to another origin: ${says}`;
	if (noBrowser !== undefined) test.skip(`${title}: ${noBrowser}`, () => undefined);
	else
		test.serial(title, async (t) => {
			const context = await (await browser()).newContext();
			t.teardown(() => context.close());
			const page = await context.newPage();
			await page.goto(at);
			const found = await page.evaluate(
				async ([file, baseUrl, secret, path]) => {
					const module = await import(file);
					const latchkey = module.createLatchkeyClient?.({ baseUrl }) ?? module;
					await latchkey.login('ada', secret);
					const send = (to: string): Promise<string> =>
						latchkey.send(to).then(
							(response: Response) => response.text(),
							() => 'refused',
						);
					return [await send(path), await send(`${path}/moved`), await send(`${path}/away`)];
				},
				[at + script, at.startsWith(host) ? '' : host, password, resource] as const,
			);
			t.deepEqual(found, ['the treasure', moved, 'refused']);
			t.deepEqual(
				stranger.headers.filter((headers) => JSON.stringify(headers).toLowerCase().includes('xsrf')),
				[],
			);
		});
}

const notKept = 'a page of another site learns at once that the browser keeps no cookie for it';
if (noBrowser !== undefined) test.skip(`${notKept}: ${noBrowser}`, () => undefined);
else
	test.serial(notKept, async (t) => {
		const page = await (await browser()).newPage();
		t.teardown(() => page.close());
		await page.goto(anotherSite);
		const fault = await page.evaluate(
			async ([file, baseUrl, secret]) => {
				const { createLatchkeyClient } = await import(file);
				return createLatchkeyClient({ baseUrl })
					.login('ada', secret)
					.catch(({ name }: Error) => name);
			},
			[`${anotherSite}/client.js`, host, password] as const,
		);
		t.is(fault, 'CookieNotKept');
	});
