import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import ava, { type ExecutionContext } from 'ava';
import type { BrowserContext, Page } from 'playwright-core';
import { ensureConsole } from '../../.ci/prestart.ts';
import { newCa, serverAuth } from '../_support/certificates.ts';
import { dataDir } from '../_support/folder.ts';
import {
	type Behind,
	caddy,
	freePort,
	haproxy,
	nginx,
	type Running,
	startCaddy,
	startHaproxy,
	startNginx,
} from '../_support/proxies.ts';
import { startService, type TestService } from '../_support/service.ts';
import { startUpstream, type Upstream } from '../_support/upstream.ts';
import { signIn } from '../console/scenes.ts';
import { browser, closeBrowser, noBrowser } from '../console/stage.ts';

/*
 * In a real Chromium, over https, on three hosts of two domains: one sign-in, cookies of each host alone, and what is
 * stolen of one opens no other. Through our own reverse proxy, nginx, Caddy and HAProxy with their example files.
 */

const password = 'a long enough secret';
const [login, grafana, wiki] = ['login.example.org', 'grafana.example.org', 'wiki.example.net'] as const;
const hosts = [login, grafana, wiki];

interface Site {
	readonly service: TestService;
	readonly application: Upstream;
	readonly port: number;
	close(): Promise<void>;
}

async function startApplication(port: number): Promise<Upstream> {
	const page = (host: string) => `<!doctype html><title>inside</title><h1>Inside</h1>
<a href="https://${host === grafana ? wiki : grafana}:${port}/next">Next</a>`;
	return startUpstream(({ headers }, res) => {
		const host = String(headers['x-forwarded-host'] ?? headers.host).replace(/:.*/, '');
		res.setHeader('Content-Type', 'text/html').end(page(host));
	});
}

function settingsFor(port: number, portal: string, upstream?: string) {
	const rule = (host: string) => ({
		...{ hosts: [`${host}:${port}`], permission: 'p', xsrf: 'unsafe' },
		...(upstream && { upstream }),
	});
	return { portal: { url: portal }, resources: [rule(grafana), rule(wiki)] };
}

async function ownProxy(): Promise<Site> {
	const port = await freePort();
	const folder = await mkdtemp(join(dataDir, 'latchkey-hosts-'));
	const ca = await newCa('Sites CA');
	const issued = await ca.issue({ subject: [{ CN: [login] }], hosts: hosts.slice(), purposes: [serverAuth] });
	const [cert, key] = [join(folder, 'server.pem'), join(folder, 'server-key.pem')];
	await writeFile(cert, issued.cert);
	await writeFile(key, issued.key, { mode: 0o600 });
	const application = await startApplication(port);
	const service = await startService({
		...settingsFor(port, `https://${login}:${port}/`, application.url),
		https: { host: '127.0.0.1', port, cert, key },
	});
	return {
		...{ service, application, port },
		async close() {
			await service.close();
			application.close();
			await rm(folder, { recursive: true });
		},
	};
}

const behind = (start: (ports: Behind) => Promise<Running>) => async (): Promise<Site> => {
	const port = await freePort();
	const application = await startApplication(port);
	const service = await startService({
		...settingsFor(port, `https://${login}:${port}/latchkey`),
		trustedProxies: ['127.0.0.1/32'],
		console: { path: '/latchkey' },
	});
	const latchkey = Number(new URL(service.url).port);
	const proxy = await start({
		latchkey,
		application: Number(new URL(application.url).port),
		at: { hosts, port },
	});
	return {
		...{ service, application, port },
		async close() {
			await proxy.stop();
			await service.close();
			application.close();
		},
	};
};

const ways: [string, string | undefined, () => Promise<Site>][] = [
	['our own reverse proxy', 'here', ownProxy],
	['nginx', nginx, behind(startNginx)],
	['Caddy', caddy, behind(startCaddy)],
	['HAProxy', haproxy, behind(startHaproxy)],
];

const isInside = (tab: Page) => tab.getByRole('heading', { name: 'Inside' }).waitFor();
const isSignIn = (tab: Page) => tab.getByRole('heading', { name: 'Sign in' }).waitFor();

async function newContext(t: ExecutionContext): Promise<BrowserContext> {
	const context = await (await browser()).newContext({ ignoreHTTPSErrors: true });
	t.teardown(() => context.close());
	return context;
}

/** As the browser itself has them. */
async function jarOf(tab: Page) {
	const session = await tab.context().newCDPSession(tab);
	const { cookies } = await session.send('Network.getAllCookies');
	await session.detach();
	return cookies;
}

for (const [name, program, start] of ways) {
	const missing = noBrowser ?? (program === undefined ? `${name} is not installed` : undefined);
	if (missing !== undefined) {
		ava.skip(`through ${name}, one sign-in is enough for many hosts: ${missing}`, () => undefined);
		continue;
	}
	ava.serial(`through ${name}, one sign-in is enough for many hosts, and a stolen cookie for one`, async (t) => {
		await ensureConsole();
		const site = await start();
		t.teardown(site.close);
		await site.service.add('ada', password, { permissions: ['p'] });
		const at = (host: string, path = '/') => `https://${host}:${site.port}${path}`;
		const context = await newContext(t);
		const tab = await context.newPage();
		const tickets: string[] = [];
		context.on('request', (request) => {
			if (request.url().includes('/enter?ticket=')) tickets.push(request.url());
		});

		await tab.goto(at(grafana, '/d/7?x=1#part-2'));
		t.is(new URL(tab.url()).hostname, login);
		await signIn(tab, 'ada', password);
		await isInside(tab);
		t.is(tab.url(), at(grafana, '/d/7?x=1#part-2'));
		await tab.getByRole('link', { name: 'Next' }).click();
		await isInside(tab);
		t.is(tab.url(), at(wiki, '/next'), 'nobody signs in twice');

		const cookies = await jarOf(tab);
		const sessions = cookies.filter((cookie) => cookie.name === 'JSESSIONID');
		t.deepEqual(sessions.map(({ domain }) => domain).sort(), [...hosts].sort(), 'of each host, and of no domain');
		t.is(new Set(sessions.map(({ value }) => value)).size, 3);
		for (const cookie of cookies) {
			t.like(cookie, { secure: true, httpOnly: true, sameSite: 'Lax', path: '/' }, cookie.name);
			if (cookie.name !== 'JSESSIONID') t.regex(cookie.name, /^__Host-latchkey-enter-/);
		}

		// What is stolen of one opens no other.
		const [{ value = '' } = {}] = sessions.filter(({ domain }) => domain === grafana);
		const thief = await newContext(t);
		await thief.addCookies(
			hosts.map((host) => ({ name: 'JSESSIONID', value, url: at(host), secure: true, httpOnly: true })),
		);
		const stolen = await thief.newPage();
		await stolen.goto(at(wiki));
		await isSignIn(stolen);
		await stolen.goto(at(grafana));
		await isInside(stolen);

		// A ticket that was used, here and elsewhere.
		t.is(tickets.length, 2);
		for (const one of [tab, stolen]) {
			const answer = await one.goto(tickets[0] ?? '');
			t.is(answer?.status(), 400);
			await one.getByRole('heading', { name: 'Not signed in here' }).waitFor();
		}
		await tab.goto(at(grafana));
		await isInside(tab);
		const seen = JSON.stringify([site.application.reached, site.application.headers]);
		t.false(seen.includes('latchkey-enter'));
		t.false(seen.includes('ticket'), 'neither in an address nor in a Referer');

		const console = await context.newPage();
		await console.goto(new URL(site.service.config.portal.url ?? '').href);
		await console.getByRole('link', { name: 'My sessions' }).click();
		await console.getByText(`Also at ${grafana}, ${wiki}`).waitFor();

		// Signed out at one host, every host asks.
		const status = await tab.evaluate(async () => {
			const base = '/services/session/v1';
			const { xsrfToken } = (await (await fetch(`${base}/xsrfToken`)).json()) as { xsrfToken: string };
			const answer = await fetch(`${base}/logout`, { method: 'POST', headers: { 'X-XSRF-Token': xsrfToken } });
			return answer.status;
		});
		t.is(status, 204);
		for (const url of [at(wiki), at(grafana)]) {
			await tab.goto(url);
			await isSignIn(tab);
			t.is(new URL(tab.url()).hostname, login);
		}
	});
}

ava.after.always(closeBrowser);
