import ava from 'ava';
import { ensureConsole } from '../../.ci/prestart.ts';
import { caddy, haproxy, nginx, startCaddy, startHaproxy, startNginx } from '../_support/proxies.ts';
import { startService } from '../_support/service.ts';
import { startUpstream } from '../_support/upstream.ts';
import { signIn } from '../console/scenes.ts';
import { browser, closeBrowser, noBrowser } from '../console/stage.ts';

/*
 * In a real Chromium, through the real nginx, Caddy and HAProxy with their example files: open a deep link, be led, sign
 * in, land; sign out; the next click is the sign-in page.
 */

const password = 'a long enough secret';
const page = `<!doctype html><title>inside</title><h1>Inside</h1><a href="/assets/next">Next</a>`;

for (const [name, program, start] of [
	['nginx', nginx, startNginx],
	['Caddy', caddy, startCaddy],
	['HAProxy', haproxy, startHaproxy],
] as const) {
	const missing = program === undefined ? `${name} is not installed` : noBrowser;
	const test = missing === undefined ? ava.serial : ava.skip;
	test(`behind ${name}, a browser is led to the sign-in page and back${missing ? `: ${missing}` : ''}`, async (t) => {
		await ensureConsole();
		const application = await startUpstream((_, res) => void res.setHeader('Content-Type', 'text/html').end(page));
		const service = await startService({
			trustedProxies: ['127.0.0.1/32'],
			console: { path: '/latchkey' },
			resources: [{ path: '/assets', permission: 'rest.assets', xsrf: 'unsafe' }],
		});
		await service.add('ada', password, { permissions: ['rest.assets'] });
		await service.add('ivo', password);
		const ports = { latchkey: Number(new URL(service.url).port), application: Number(new URL(application.url).port) };
		const proxy = await start(ports);
		const context = await (await browser()).newContext({ ignoreHTTPSErrors: true });
		t.teardown(async () => {
			await context.close();
			await proxy.stop();
			await service.close();
			application.close();
		});
		const site = `https://localhost:${proxy.port}`;
		const tab = await context.newPage();
		await tab.goto(`${site}/assets/d/7?x=1#part-2`);
		t.is(new URL(tab.url()).pathname, '/latchkey/');
		await signIn(tab, 'ada', password);
		await tab.getByRole('heading', { name: 'Inside' }).waitFor();
		t.is(tab.url(), `${site}/assets/d/7?x=1#part-2`);
		const other = await context.newPage();
		await other.goto(`${site}/latchkey`);
		await other.getByRole('button', { name: 'Sign out', exact: true }).click();
		await other.getByText('You have signed out').waitFor();
		const called = await tab.evaluate(() => fetch('/assets/data').then((answer) => [answer.status, answer.redirected]));
		t.deepEqual(called, [401, false], 'a script is not led');
		await tab.getByRole('link', { name: 'Next' }).click();
		await tab.getByRole('heading', { name: 'Sign in' }).waitFor();
		t.is(new URL(tab.url()).searchParams.get('return'), `${site}/assets/next`);
		// Somebody who may not sees who he is, and can be somebody else.
		await signIn(tab, 'ivo', password);
		await tab.getByRole('heading', { name: 'Not allowed' }).waitFor();
		const answer = await tab.goto(`${site}/assets/next`);
		t.is(answer?.status(), 403);
		await tab.getByText('Signed in as ivo').waitFor();
		const refused = await context.request.get(`${site}/assets/data`);
		t.deepEqual(
			[refused.status(), await refused.json()],
			[403, { message: 'The permission rest.assets is needed', code: 'permission-missing' }],
		);
		await tab.getByRole('link', { name: 'Sign in as somebody else' }).click();
		await tab.getByRole('button', { name: 'Sign out and go on' }).click();
		await signIn(tab, 'ada', password);
		await tab.getByRole('heading', { name: 'Inside' }).waitFor();
		t.is(tab.url(), `${site}/assets/next`);
	});
}

ava.after.always(closeBrowser);
