import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import ava, { type ExecutionContext } from 'ava';
import { ensureConsole } from '../../.ci/prestart.ts';
import { createClient } from '../_support/client.ts';
import { createGrafana } from '../_support/grafana.ts';
import { createNodeRed } from '../_support/node-red.ts';
import { caddy, haproxy, nginx, startCaddy, startHaproxy, startNginx } from '../_support/proxies.ts';
import { startService } from '../_support/service.ts';
import { lookAtWebSocket } from '../_support/websocket-looks.ts';
import { signIn } from '../console/scenes.ts';
import { browser, closeBrowser, noBrowser } from '../console/stage.ts';

/*
 * Applications as people know them, with what is peculiar to each (`_support/grafana.ts`, `_support/node-red.ts`): a Grafana
 * below a path, a Node-RED at the root. In a real Chromium, through our own proxy and through the real nginx, Caddy, HAProxy.
 */

const password = 'a long enough secret';

async function startApplications(t: ExecutionContext) {
	const [grafana, nodeRed] = [createGrafana(), createNodeRed()];
	const server = createServer((req, res) => void (grafana.handle(req, res) || nodeRed.handle(req, res)));
	server.on(
		'upgrade',
		(req, socket, head) => void (grafana.upgrade(req, socket, head) || nodeRed.upgrade(req, socket, head)),
	);
	server.listen(0, '127.0.0.1');
	await once(server, 'listening');
	t.teardown(() => {
		grafana.close();
		nodeRed.close();
		server.closeAllConnections();
		server.close();
	});
	return { grafana, port: (server.address() as AddressInfo).port };
}

async function startFront(t: ExecutionContext, start: typeof startNginx | undefined) {
	const { grafana, port } = await startApplications(t);
	const upstream = start ? {} : { upstream: `http://127.0.0.1:${port}` };
	const service = await startService({
		console: { path: '/latchkey' },
		...(start && { trustedProxies: ['127.0.0.1/32'] }),
		resources: [
			{ paths: ['/grafana/api/health', '/grafana/public'], methods: ['GET'], access: 'public', ...upstream },
			{ path: '/grafana', permission: 'grafana', xsrf: 'origin', ...upstream },
			{ path: '/hook', exact: true, methods: ['POST'], access: 'public', ...upstream },
			{ path: '/', permission: 'flows', xsrf: 'origin', ...upstream },
		],
	});
	t.teardown(service.close);
	const ada = await service.add('ada', password, { permissions: ['grafana', 'flows'] });
	const proxy = await start?.({ latchkey: Number(new URL(service.url).port), application: port });
	if (proxy) t.teardown(proxy.stop);
	const site = proxy ? `https://localhost:${proxy.port}` : service.url.replace('127.0.0.1', 'localhost');
	grafana.rootUrl = `${site}/grafana/`;
	return {
		service,
		ada,
		site,
		visitor: createClient({ port: Number(new URL(site).port), ...(proxy && { ca: proxy.ca }) }),
	};
}

for (const [name, program, start] of [
	['our own proxy', 'latchkey', undefined],
	['nginx', nginx, startNginx],
	['Caddy', caddy, startCaddy],
	['HAProxy', haproxy, startHaproxy],
] as const) {
	const missing = program === undefined ? `${name} is not installed` : noBrowser;
	const says = `behind ${name}, a Grafana and a Node-RED work, and know who is there`;
	if (missing !== undefined) {
		ava.skip(`${says}: ${missing}`, () => undefined);
		continue;
	}
	ava.serial(says, async (t) => {
		await ensureConsole();
		const { service, ada, site, visitor } = await startFront(t, start);
		const context = await (await browser()).newContext({ ignoreHTTPSErrors: true });
		t.teardown(() => context.close());
		const tab = await context.newPage();

		// What is public asks nobody, and hears of nobody.
		t.like((await visitor.send('/grafana/api/health')).body, { database: 'ok', asked: 'by nobody' });
		const hook = { method: 'POST', body: '{"level":7}', headers: { 'Remote-User': 'ada', 'X-WEBAUTH-USER': 'ada' } };
		t.deepEqual((await visitor.send('/hook', hook)).body, { heard: { level: 7 }, from: 'nobody' });
		t.is((await visitor.send('/grafana/api/user', { headers: { 'Remote-User': 'ada' } })).status, 401);

		await tab.goto(`${site}/grafana/d/old?orgId=1`);
		await signIn(tab, 'ada', password);
		await tab.getByRole('heading', { name: 'Welcome, ada' }).waitFor();
		t.is(tab.url(), `${site}/grafana/d/new`, 'by a redirect that is made of root_url');
		for (const words of ['user ada', 'now-1h by ada', 'live for ada', 'cookies of its own'])
			await tab.getByText(words).waitFor();
		await tab.goto(`${site}/grafana/login`);
		await tab.getByRole('heading', { name: 'Welcome, ada' }).waitFor();
		t.is(tab.url(), `${site}/grafana/`, 'its own login page knows who is there');

		await tab.goto(site);
		for (const words of ['editor of ada', 'it beats', 'tick for ada']) await tab.getByText(words).waitFor();
		await tab.getByRole('button', { name: 'Deploy' }).click();
		for (const words of ['deployed: 200', 'told of revision 2']) await tab.getByText(words).waitFor();

		// Its own login, and the token that it gives, as its command line and other programs show it.
		const byToken = await tab.evaluate(async () => {
			const body = new URLSearchParams({ username: 'admin', password: 'node-red itself' });
			const answer = await fetch('auth/token', { method: 'POST', body });
			const { access_token } = (await answer.json()) as { access_token: string };
			return (await fetch('settings', { headers: { Authorization: `Bearer ${access_token}` } })).json();
		});
		t.deepEqual(byToken, { user: { username: 'ada' } }, 'it is the user who is signed in, whatever else is shown');

		// The session ends: calls are 401, the next click is the sign-in page, and our own proxy closes what is open.
		await service.service.core.sessions.endOf(ada.id, {}, { actor: 'operator', identity: ada.name });
		if (start === undefined) {
			lookAtWebSocket();
			await tab.getByText('lost connection').waitFor();
		}
		t.is(await tab.evaluate(async () => (await fetch('flows')).status), 401);
		await tab.reload();
		await tab.getByRole('heading', { name: 'Sign in' }).waitFor();
		t.is(new URL(tab.url()).searchParams.get('return'), `${site}/`);
	});
}

ava.after.always(closeBrowser);
