import { execFile } from 'node:child_process';
import { cp, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, extname, join } from 'node:path';
import { promisify } from 'node:util';
import test, { type ExecutionContext } from 'ava';
import type { Page } from 'playwright-core';
import { setUpApp } from '../_support/authenticator-app.ts';
import { createClient } from '../_support/client.ts';
import { createHandClock, minuteMs } from '../_support/hand-clock.ts';
import { npmEnv, packLatchkey } from '../_support/pack.ts';
import { startService, type TestService } from '../_support/service.ts';
import { startUpstream, type Upstream } from '../_support/upstream.ts';
import { installTimeoutMs, whyNoRegistry } from '../clients/tools.ts';
import { comeBack } from '../console/scenes.ts';
import { browser, closeBrowser, noBrowser } from '../console/stage.ts';

/*
 * The example pages, made of the packed package as somebody would make them, in a real browser: at Latchkey's own origin,
 * which passes them through, and at another one.
 */

const run = promisify(execFile);
const missing = noBrowser ?? (await whyNoRegistry());
const kinds = ['plain', 'react', 'vue'];
const clock = createHandClock(Date.now());
const password = 'correct horse battery';
const first = 'only for today 1';

let folder: string;
let service: TestService;
let treasury: Upstream;
let pages: Upstream;
/** Where the pages are that stand beside Latchkey, and those that it passes through. */
let origins: { readonly another: string; readonly same: string };

const types: Readonly<Record<string, string>> = { '.html': 'text/html', '.js': 'text/javascript' };

/** What `npm run build` makes, by how it is made. */
const built = { another: 'dist-another', same: 'dist-same' };

async function build(how: keyof typeof built, env: NodeJS.ProcessEnv = {}): Promise<void> {
	const args = ['run', 'build', '--', '--outDir', built[how], '--logLevel', 'error'];
	await run('npm', args, { cwd: folder, env: { ...npmEnv, ...env, NODE_ENV: 'production' } }).catch((fault) => {
		throw new Error(fault.stdout + fault.stderr);
	});
}

if (missing === undefined) {
	test.before(async (t) => {
		t.timeout(installTimeoutMs);
		const packing = await mkdtemp(join(tmpdir(), 'latchkey-pages-'));
		folder = join(packing, 'pages');
		const { filename } = await packLatchkey(packing);
		await cp(join(import.meta.dirname, '../examples/pages'), folder, { recursive: true });
		const quietly = ['--prefer-offline', '--no-audit', '--no-fund', '--ignore-scripts', '--loglevel=error'];
		await run('npm', ['install', ...quietly, join(packing, filename)], { cwd: folder, env: npmEnv });

		pages = await startUpstream((req, res) => {
			const [, from, name = ''] = /^\/(app\/)?(?:assets\/)?([^/?]*)/.exec(req.url ?? '') ?? [];
			const inAssets = req.url?.includes('/assets/') ? 'assets' : '';
			const file = join(folder, from === undefined ? built.another : built.same, inAssets, basename(name));
			readFile(file).then(
				(body) => res.writeHead(200, { 'Content-Type': types[extname(file)] ?? 'text/css' }).end(body),
				() => res.writeHead(404).end(),
			);
		});
		treasury = await startUpstream();
		service = await startService(
			{
				allowedOrigins: [pages.url],
				resources: [
					{ path: '/app', access: 'public', upstream: pages.url },
					{ path: '/services/assets/v1', permission: 'rest.assets', upstream: treasury.url },
				],
			},
			clock,
		);
		origins = { another: pages.url, same: `${service.url}/app` };
		await build('same');
		await build('another', { VITE_LATCHKEY_URL: service.url });
	});
	test.after.always(async () => {
		await closeBrowser();
		await service.close();
		for (const upstream of [pages, treasury]) upstream.close();
		await rm(join(folder, '..'), { recursive: true });
	});
}

const heading = (page: Page, name: string) => page.getByRole('heading', { name, exact: true }).waitFor();

async function signIn(page: Page, name: string, secret: string): Promise<void> {
	await page.getByLabel('Name').fill(name);
	await page.getByLabel('Password', { exact: true }).fill(secret);
	await page.getByRole('button', { name: 'Sign in' }).click();
}

/** Gets the treasure, and says what there is. */
async function treasureOf(page: Page): Promise<string | null> {
	await page.getByRole('button', { name: 'Get the treasure' }).click();
	await page.locator('output', { hasText: /./ }).waitFor();
	return page.locator('output').textContent();
}

let nth = 0;

async function walk(t: ExecutionContext, url: string): Promise<void> {
	nth += 1;
	const [ada, bob] = [`ada ${nth}`, `bob ${nth}`];
	const how = { permissions: ['rest.assets'] };
	await service.add(ada, first, { ...how, mustChange: true });
	await service.add(bob, password, how);
	const phoneOwner = createClient(service);
	await phoneOwner.login(bob, password);
	const app = await setUpApp(phoneOwner, clock.now);
	const context = await (await browser()).newContext();
	t.teardown(() => context.close());
	const failed: string[] = [];
	context.on('weberror', (fault) => failed.push(String(fault.error().stack)));
	const page = await context.newPage();
	await page.goto(url);

	// A login, and a password that must be changed, after a reload, too.
	await heading(page, 'Sign in');
	await signIn(page, ada, 'a wrong guess');
	await page.getByText('The name or the password is wrong.').waitFor();
	await signIn(page, ada, first);
	await heading(page, 'Choose a new password');
	await page.reload();
	await page.getByLabel('Current password').fill(first);
	await page.getByLabel('New password').fill(password);
	await page.getByRole('button', { name: 'Change the password' }).click();
	await heading(page, 'Sign in');
	await signIn(page, ada, password);
	await heading(page, `Signed in as ${ada}`);
	t.is(await treasureOf(page), 'the treasure');
	await page.reload();
	await heading(page, `Signed in as ${ada}`);

	// Another tab signs out, and somebody with a second factor in.
	const other = await context.newPage();
	await other.goto(url);
	await heading(other, `Signed in as ${ada}`);
	await other.getByRole('button', { name: 'Sign out' }).click();
	await heading(page, 'Sign in');
	await signIn(other, bob, password);
	await heading(other, 'One more step');
	await heading(page, 'One more step');
	await page.getByLabel('Code').fill(app.wrongCode());
	await page.getByRole('button', { name: 'Go on' }).click();
	await page.getByText('The code is wrong.').waitFor();
	clock.wind(30_000);
	await page.getByLabel('Code').fill(app.code());
	await page.getByRole('button', { name: 'Go on' }).click();
	for (const each of [page, other]) await heading(each, `Signed in as ${bob}`);
	t.is(await treasureOf(other), 'the treasure');
	await other.close();

	// An outage, which mends itself.
	await context.setOffline(true);
	await page.getByRole('button', { name: 'Get the treasure' }).click();
	await page.getByText('That did not reach the service.').waitFor();
	await comeBack(page);
	await page.getByText('The service cannot be reached').waitFor();
	t.true(await page.getByRole('heading', { name: `Signed in as ${bob}` }).isVisible(), 'what was there stays');
	await context.setOffline(false);
	await page.getByText('The service cannot be reached').waitFor({ state: 'hidden' });
	t.is(await treasureOf(page), 'the treasure');

	// The end of the session: announced, put off, and then seen.
	clock.wind(14 * minuteMs + 10_000);
	await comeBack(page);
	await page.getByRole('button', { name: 'Stay signed in' }).click();
	await page.getByText('The session is about to end').waitFor({ state: 'hidden' });
	clock.wind(16 * minuteMs);
	await comeBack(page);
	await heading(page, 'Sign in');
	t.deepEqual(failed, []);
}

for (const kind of kinds) {
	for (const where of ['same', 'another'] as const) {
		const says = `a page of ${where} origin, ${kind}: a login, a forced change, another tab, a second factor, an outage, and the end`;
		if (missing !== undefined) test.skip(`${says}: ${missing}`, () => undefined);
		else
			test.serial(says, async (t) => {
				t.timeout(120_000);
				await walk(t, `${origins[where]}/${kind}.html`);
			});
	}
}
