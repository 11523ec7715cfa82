import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import ava, { type ExecutionContext } from 'ava';
import { WebSocketServer } from 'ws';
import { ensureConsole } from '../../.ci/prestart.ts';
import { caddy, haproxy, nginx, startCaddy, startHaproxy, startNginx } from '../_support/proxies.ts';
import { startService } from '../_support/service.ts';
import { changeAndSignIn, signIn } from '../console/scenes.ts';
import { browser, closeBrowser, noBrowser } from '../console/stage.ts';

/*
 * A small application that has never heard of Latchkey, with what applications have: a page, a script that fetches, a form
 * and a WebSocket. In a real Chromium, through our own proxy and through the real nginx, Caddy and HAProxy.
 */

const first = 'a long enough secret';
const fresh = 'quite another secret 7';

const page = `<!doctype html><title>Plant</title><h1>Plant</h1>
<form method="post" action="/assets/save"><input name="level" value="7"><button>Save</button></form>
<p id="fetched"></p><p id="heard"></p>
<script>
	fetch('/assets/data', { method: 'POST' }).then((answer) => answer.text()).then((text) => { fetched.textContent = text; });
	const socket = new WebSocket(location.origin.replace('http', 'ws') + '/assets/live');
	socket.onmessage = ({ data }) => { heard.textContent = data; };
	socket.onopen = () => socket.send('open');
	socket.onclose = () => { heard.textContent = 'closed'; };
</script>`;

async function startApplication(t: ExecutionContext): Promise<number> {
	const server = createServer(async (req, res) => {
		const path = req.url?.split('?')[0];
		res.setHeader('Content-Type', 'text/html');
		if (path === '/assets/data') return res.end(`${req.method} as ${req.headers['remote-user']}`);
		if (path !== '/assets/save') return res.end(page);
		let body = '';
		for await (const chunk of req) body += chunk;
		return res.end(`<title>Saved</title><h1>Saved ${body} for ${req.headers['remote-user']}</h1>`);
	});
	const sockets = new WebSocketServer({ server });
	sockets.on('connection', (socket, req) => {
		socket.on('message', (message) => socket.send(`${message} for ${req.headers['remote-user']}`));
	});
	server.listen(0, '127.0.0.1');
	await once(server, 'listening');
	t.teardown(() => {
		for (const socket of sockets.clients) socket.terminate();
		server.closeAllConnections();
		server.close();
	});
	return (server.address() as AddressInfo).port;
}

async function startFront(t: ExecutionContext, start: typeof startNginx | undefined) {
	const application = await startApplication(t);
	const rule = { path: '/assets', permission: 'rest.assets', xsrf: 'origin' };
	const service = await startService({
		console: { path: '/latchkey' },
		...(start
			? { trustedProxies: ['127.0.0.1/32'], resources: [rule] }
			: { resources: [{ ...rule, upstream: `http://127.0.0.1:${application}` }] }),
	});
	t.teardown(service.close);
	const ada = await service.add('ada', first, { permissions: ['rest.assets'], mustChange: true });
	const proxy = await start?.({ latchkey: Number(new URL(service.url).port), application });
	if (proxy) t.teardown(proxy.stop);
	return { service, ada, site: proxy ? `https://localhost:${proxy.port}` : service.url };
}

for (const [name, program, start] of [
	['our own proxy', 'latchkey', undefined],
	['nginx', nginx, startNginx],
	['Caddy', caddy, startCaddy],
	['HAProxy', haproxy, startHaproxy],
] as const) {
	const missing = program === undefined ? `${name} is not installed` : noBrowser;
	const says = `behind ${name}, an application works as if nobody stood in front of it, once one has signed in`;
	if (missing !== undefined) {
		ava.skip(`${says}: ${missing}`, () => undefined);
		continue;
	}
	ava.serial(says, async (t) => {
		await ensureConsole();
		const { service, ada, site } = await startFront(t, start);
		const context = await (await browser()).newContext({ ignoreHTTPSErrors: true });
		t.teardown(() => context.close());
		const tab = await context.newPage();

		await tab.goto(`${site}/assets/d/7?x=1#part-2`);
		await signIn(tab, 'ada', first);
		await tab.getByRole('heading', { name: 'Choose a new password' }).waitFor();
		await changeAndSignIn(tab, 'ada', fresh);
		await tab.getByRole('heading', { name: 'Plant' }).waitFor();
		t.is(tab.url(), `${site}/assets/d/7?x=1#part-2`);

		await tab.getByText('POST as ada').waitFor();
		await tab.getByText('open for ada').waitFor();
		await tab.getByRole('button', { name: 'Save' }).click();
		await tab.getByRole('heading', { name: 'Saved level=7 for ada' }).waitFor();
		await tab.goBack();
		await tab.getByText('open for ada').waitFor();

		// A page of another site changes nothing, and opens no WebSocket.
		const other = await context.newPage();
		await other.goto(`data:text/html,<form method="post" action="${site}/assets/save"><button>Save</button></form>`);
		await other.getByRole('button', { name: 'Save' }).click();
		await other.waitForURL(`${site}/**`);
		t.false((await other.title()).startsWith('Saved'));

		// The session ends: the next click is the sign-in page.
		await service.service.core.sessions.endOf(ada.id, {}, { actor: 'operator', identity: ada.name });
		await tab.getByRole('button', { name: 'Save' }).click();
		await tab.getByRole('heading', { name: 'Sign in' }).waitFor();
		t.is(new URL(tab.url()).searchParams.get('return'), `${site}/assets/save`);
	});
}

ava.after.always(closeBrowser);
