import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, connect, createServer } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { createClient } from '../_support/client.ts';
import { createHandClock } from '../_support/hand-clock.ts';
import { nginx } from '../_support/proxies.ts';
import { freePort, start, until } from '../_support/server.ts';
import { startService } from '../_support/service.ts';

/*
 * What stands between a stranger and the service may look like this machine: a proxy or a forwarder that adds no header.
 * A stranger gets no first administrator through it, and no metrics; the operator does, by the token.
 */

const setup = '/services/session/v1/setup';
const setPassword = '/session/set_password';
const password = 'four brown bears';

/** nginx with `proxy_pass` and nothing else. */
async function throughNginx(t: ExecutionContext, to: number): Promise<number> {
	const folder = await mkdtemp(join(tmpdir(), 'latchkey-bare-nginx-'));
	const port = await freePort();
	const paths = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
		(name) => `${name}_temp_path ${folder}/${name};`,
	);
	await writeFile(
		join(folder, 'nginx.conf'),
		`${userInfo().uid === 0 ? 'user root;' : ''} daemon off; pid ${folder}/pid; events {}
		http { access_log off; ${paths.join(' ')} server { listen 127.0.0.1:${port};
			location / { proxy_pass http://127.0.0.1:${to}; } } }`,
	);
	const child = start(nginx ?? '', ['-p', folder, '-e', 'stderr', '-c', join(folder, 'nginx.conf')]);
	t.teardown(async () => {
		child.kill('SIGTERM');
		await once(child, 'exit');
		await rm(folder, { recursive: true });
	});
	await until(() => fetch(`http://127.0.0.1:${port}/health/live`));
	return port;
}

/** Bytes there and back, as ssh -R, socat or stunnel. */
async function throughForwarder(t: ExecutionContext, to: number): Promise<number> {
	const server = createServer((client) => {
		const onward = connect(to, '127.0.0.1');
		for (const side of [client, onward]) side.on('error', () => client.destroy()).on('close', () => onward.destroy());
		client.pipe(onward).pipe(client);
	}).listen(0, '127.0.0.1');
	await once(server, 'listening');
	t.teardown(() => server.close());
	return (server.address() as AddressInfo).port;
}

const ways = { 'an nginx that has nothing but proxy_pass': throughNginx, 'a plain TCP forwarder': throughForwarder };

for (const [says, open] of Object.entries(ways)) {
	test(`through ${says} a stranger gets no administrator and no metrics, and the operator sets up by the token`, async (t) => {
		const clock = createHandClock();
		const kismet = { dialects: { kismet: { enabled: true } } };
		const service = await startService({ metrics: { port: 0 }, ...kismet }, clock);
		t.teardown(service.close);
		const port = await open(t, Number(new URL(service.url).port));
		const stranger = createClient({ url: `http://127.0.0.1:${port}` });
		// Kismet's clients have ten minutes at the machine itself.
		clock.wind(10 * 60_000);
		for (const Host of ['localhost', '127.0.0.1:8080', '[::1]', `127.0.0.1:${port}`, 'gate.example']) {
			const headers = { Host };
			t.deepEqual((await stranger.get(setup, headers)).body, {
				needed: true,
				tokenNeeded: true,
				sessionPresented: false,
			});
			for (const token of [undefined, '', 'x'.repeat(22)]) {
				t.is((await stranger.post(setup, { username: 'eve', password, token }, headers)).status, 403, Host);
			}
			t.is((await stranger.send(setPassword, { method: 'POST', form: { password }, headers })).status, 403, Host);
			t.is((await stranger.get('/metrics', headers)).status, 404, Host);
		}
		t.deepEqual(await service.service.core.identities.list(), []);
		const token = await service.service.core.identities.setupToken();
		t.is((await stranger.post(setup, { password, token })).status, 204);
	});
}
