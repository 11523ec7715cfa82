import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { Agent, type IncomingMessage, request } from 'node:http';
import { type AddressInfo, createServer } from 'node:net';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import WebSocket, { WebSocketServer } from 'ws';
import { createClient } from '../_support/client.ts';
import { openWorkplace, serve } from '../_support/command-line.ts';
import { startUpstream } from '../_support/upstream.ts';

/* SIGTERM to a service at work: what is under way is answered, nothing new is begun, and the end is a clean one. */

const password = 'four brown bears';

interface Told {
	readonly status: number;
	readonly body: string;
}

/** One request; `refused` where nobody listens any more, and an error where it was dropped. */
function ask(url: string, agent?: Agent): Promise<Told | 'refused'> {
	return new Promise((resolve, reject) => {
		const req = request(url, agent ? { agent } : { agent: false }, (res: IncomingMessage) => {
			text(res).then((body) => resolve({ status: res.statusCode ?? 0, body }), reject);
		});
		req.on('error', (fault: NodeJS.ErrnoException) =>
			fault.code === 'ECONNREFUSED' ? resolve('refused') : reject(fault),
		);
		req.end();
	});
}

test.serial(
	'SIGTERM under load drops none of a thousand requests; not ready first, then refused, then status 0',
	async (t) => {
		const place = await openWorkplace();
		t.teardown(place.remove);
		const server = await serve(place.folder);
		const agent = new Agent({ keepAlive: true, maxSockets: 20 });
		const url = `${server.url}/services/session/v1/authenticationInfo`;
		let answered = 0;
		let refused = 0;
		let isOver = false;
		const dropped: string[] = [];
		const clients = Array.from({ length: 20 }, async () => {
			while (!isOver) {
				const told = await ask(url, agent).catch((fault: Error) => fault);
				if (told instanceof Error) dropped.push(String(told));
				else if (told === 'refused') {
					refused += 1;
					isOver = true;
				} else if (told.status === 200) answered += 1;
				else dropped.push(`${told.status}`);
			}
		});
		while (answered < 1000) await sleep(5);
		const before = answered;
		server.signal('SIGTERM');
		const toldAt = performance.now();
		const ready: (number | 'refused')[] = [];
		while (ready.at(-1) !== 'refused') {
			// A connection of its own each time; one that comes at the very end may be cut by the kernel.
			const told = await ask(`${server.url}/health/ready`).catch(() => 'refused' as const);
			ready.push(told === 'refused' ? told : told.status);
			await sleep(20);
		}
		await Promise.all(clients);
		t.deepEqual(dropped, []);
		t.true(answered > before, `${answered} answered`);
		t.true(refused > 0);
		t.true(ready.includes(503), `${ready.join(' ')}`);
		t.is(ready.lastIndexOf(200) < ready.indexOf(503), true, 'never ready again');
		t.like(await server.ended, { status: 0, signal: null });
		t.log(
			`${answered} answered, ${dropped.length} dropped, ended ${Math.round(performance.now() - toldAt)} ms after SIGTERM`,
		);
		agent.destroy();
	},
);

/** A service with a request under way that an upstream holds back. */
async function startHeld() {
	const held = Promise.withResolvers<() => void>();
	const upstream = await startUpstream((_, res) => held.resolve(() => void res.end('late')));
	const place = await openWorkplace({
		resources: [{ path: '/slow', permission: 'rest.assets', upstream: upstream.url, xsrf: 'unsafe' }],
	});
	await place.run(['identity', 'add', 'ada', '--password-stdin', '--permission', 'rest.assets'], { stdin: password });
	const server = await serve(place.folder);
	const browser = createClient(server);
	await browser.login('ada', password);
	const slow = browser.get('/slow').then(
		({ body }) => String(body),
		() => 'cut',
	);
	const letGo = await held.promise;
	return {
		server,
		slow,
		letGo,
		async close() {
			await server.stop();
			upstream.close();
			await place.remove();
		},
	};
}

test.serial('a request that an upstream holds back while the service is told to stop is answered', async (t) => {
	const { server, slow, letGo, close } = await startHeld();
	server.signal('SIGTERM');
	// A connection that comes at the very end may be cut by the kernel.
	while ((await ask(`${server.url}/health/live`).catch(() => 'cut')) !== 'refused') await sleep(20);
	letGo();
	t.is(await slow, 'late');
	t.like(await server.ended, { status: 0, signal: null });
	await close();
});

test.serial('a second SIGTERM ends it at once', async (t) => {
	const { server, slow, close } = await startHeld();
	server.signal('SIGTERM');
	while (!server.said.stderr.includes('stopping')) await sleep(5);
	server.signal('SIGTERM');
	// The request that is under way would have kept it, and then it ends with status 0.
	t.like(await server.ended, { status: 1, signal: null });
	t.is(await slow, 'cut');
	await close();
});

for (const args of [[], ['--workers', '2']]) {
	const how = args.join(' ') || 'one process';
	test.serial(`SIGTERM with ten open WebSockets ends the service in time, and with status 0: ${how}`, async (t) => {
		const upstream = new WebSocketServer({ port: 0, host: '127.0.0.1' });
		await once(upstream, 'listening');
		const { port } = upstream.address() as AddressInfo;
		const place = await openWorkplace({
			resources: [{ path: '/ws', permission: 'rest.assets', upstream: `http://127.0.0.1:${port}`, xsrf: 'unsafe' }],
		});
		await place.run(['identity', 'add', 'ada', '--password-stdin', '--permission', 'rest.assets'], { stdin: password });
		const server = await serve(place.folder, { args });
		const browser = createClient(server);
		await browser.login('ada', password);
		const Cookie = [...browser.jar].map(([name, value]) => `${name}=${value}`).join('; ');
		const clients = Array.from(
			{ length: 10 },
			() => new WebSocket(`${server.url.replace('http', 'ws')}/ws`, { headers: { Cookie } }),
		);
		const closed = clients.map(
			(client) => new Promise((resolve) => client.on('error', () => 0).once('close', resolve)),
		);
		await Promise.all(clients.map((client) => once(client, 'open')));
		const toldAt = performance.now();
		server.signal('SIGTERM');
		t.like(await server.ended, { status: 0, signal: null });
		t.true(performance.now() - toldAt < 10_000);
		await Promise.all(closed);
		upstream.close();
		await place.remove();
	});

	test.serial(
		`SIGTERM while it starts, and waits for a store that is silent, ends it with status 0: ${how}`,
		async (t) => {
			const silent = createServer(() => undefined).listen(0, '127.0.0.1');
			await once(silent, 'listening');
			const { port } = silent.address() as AddressInfo;
			const place = await openWorkplace({ store: { identities: `postgres://u:p@127.0.0.1:${port}/x` } });
			const connected = once(silent, 'connection');
			const launcher = fileURLToPath(new URL('../../src/launcher.js', import.meta.url));
			const env = { ...process.env, npm_command: undefined };
			const child = spawn(process.execPath, [launcher, 'serve', ...args], { cwd: place.folder, stdio: 'ignore', env });
			const ended = once(child, 'close');
			await connected;
			child.kill('SIGTERM');
			t.deepEqual(await ended, [0, null]);
			silent.close();
			await place.remove();
		},
	);
}
