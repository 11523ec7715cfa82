import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { parse } from 'yaml';
import { z } from 'zod';
import { makeDevCertificates } from '../src/cli/certificates.ts';
import { readConfig } from '../src/config/read.ts';
import { type ChildServer, serve } from './_support/command-line.ts';
import { startPostgres } from './_support/postgres.ts';
import { caddy as caddyProgram } from './_support/proxies.ts';
import { startRedis } from './_support/redis.ts';
import { end, freePort, start, until } from './_support/server.ts';
import { noSharedStores } from './_support/shared-stores.ts';

/*
 * No container engine runs where this is tested. So the file is read, and what it says is started without one: the same
 * commands, environment and configuration, with the servers of this machine in place of the images.
 */

const service = z.looseObject({
	ports: z.array(z.string()).optional(),
	command: z.array(z.string()).optional(),
	environment: z.record(z.string(), z.string()).optional(),
	healthcheck: z.looseObject({ test: z.array(z.string()) }),
	depends_on: z.record(z.string(), z.object({ condition: z.string() })).optional(),
	secrets: z.array(z.string()).optional(),
});
const composed = z.looseObject({
	services: z.record(z.string(), service),
	secrets: z.record(z.string(), z.object({ file: z.string() })),
	configs: z.record(z.string(), z.object({ content: z.string() })),
	networks: z.record(z.string(), z.looseObject({ internal: z.boolean().optional() })),
});

const file = new URL('../docker-compose.yml', import.meta.url);
const compose = composed.parse(parse(await readFile(file, 'utf8'), { merge: true }));
const { services, secrets, configs, networks } = compose;

test('two nodes, a store for sessions, one for identities, and Caddy in front, whose port alone is published', (t) => {
	t.deepEqual(Object.keys(services).sort(), ['caddy', 'node1', 'node2', 'postgres', 'valkey']);
	t.deepEqual(services.node1, services.node2);
	const published = Object.entries(services).filter(([, { ports }]) => ports !== undefined);
	t.deepEqual(
		published.map(([name, { ports }]) => [name, ports]),
		[['caddy', ['443:8443']]],
	);
	t.true(networks.inside?.internal);
});

test('nothing starts before what it needs is healthy, and every secret is a file', (t) => {
	for (const [name, { depends_on = {} }] of Object.entries(services)) {
		for (const [needed, { condition }] of Object.entries(depends_on)) {
			t.is(condition, 'service_healthy', `${name} needs ${needed}`);
		}
	}
	for (const { secrets: used = [] } of Object.values(services)) for (const name of used) t.truthy(secrets[name], name);
	for (const [name, { file: path }] of Object.entries(secrets)) t.true(path.startsWith('.secrets/'), name);
	const variables = Object.entries(services.postgres?.environment ?? {}).concat(
		Object.entries(services.node1?.environment ?? {}),
	);
	for (const [name, value] of variables)
		if (/PASSWORD|IDENTITIES/.test(name)) t.regex(value, /^\/run\/secrets\//, name);
});

const reason = noSharedStores ?? (caddyProgram === undefined ? 'caddy is not installed' : undefined);
if (reason) process.stderr.write(`skipped: the composed topology (${reason})\n`);

(reason ? test.skip : test)(
	'what it says runs: a login by password and by certificate through Caddy, and a node may die',
	async (t) => {
		t.timeout(120_000);
		const folder = await mkdtemp(join(tmpdir(), 'latchkey-compose-'));
		t.teardown(() => rm(folder, { recursive: true }));
		const [redis, postgres] = await Promise.all([startRedis(), startPostgres()]);
		t.teardown(() => Promise.all([redis.stop(), postgres.stop()]).then(() => undefined));

		const sessions = redis.newDatabase();

		// The secrets, as the README has them made.
		const secretFile = (name: string) => join(folder, (secrets[name]?.file ?? '').replace('.secrets/', ''));
		await makeDevCertificates({ out: join(folder, 'certs'), clients: ['robot'] });
		await writeFile(secretFile('identities'), `${await postgres.newDatabase()}\n`);
		await writeFile(secretFile('admin-password'), 'correct horse battery\n');
		const here = (text: string, others: Record<string, string> = {}) => {
			const named = text.replaceAll(/\/run\/secrets\/([a-z-]+)/g, (_, name: string) => secretFile(name));
			return Object.entries(others).reduce((so, [there, local]) => so.replaceAll(there, local), named);
		};

		// The nodes, each with its own port on one machine.
		const config = here(configs.latchkey?.content ?? '', { '10.213.0.0/24': '127.0.0.1/32' });
		const nodes: (ChildServer & { port: number })[] = [];
		t.teardown(() => Promise.all(nodes.map((node) => node.stop())).then(() => undefined));
		for (const name of ['node1', 'node2']) {
			const port = await freePort();
			const place = join(folder, name);
			await mkdir(place);
			await writeFile(
				join(place, 'latchkey.yaml'),
				here(config, { '0.0.0.0, port: 8080': `127.0.0.1, port: ${port}` }),
			);
			const told = Object.entries(services[name]?.environment ?? {}).map(([variable, value]) => [
				variable,
				here(value, { '/etc/latchkey': place, 'redis://valkey:6379': sessions }),
			]);
			nodes.push({ ...(await serve(place, { env: Object.fromEntries(told) })), port });
		}

		const caddyPort = await freePort();
		const [first, second] = nodes;
		const caddyfile = join(folder, 'Caddyfile');
		await writeFile(
			caddyfile,
			here(configs.caddy?.content ?? '', {
				'node1:8080 node2:8080': `127.0.0.1:${first?.port} 127.0.0.1:${second?.port}`,
				':8443 {': `https://localhost:${caddyPort} {`,
				'127.0.0.1:2019': `127.0.0.1:${await freePort()}`,
			}),
		);
		const [, ...words] = services.caddy?.command ?? [];
		const caddy = start(
			caddyProgram ?? '',
			words.map((word) => word.replace('/etc/caddy/Caddyfile', caddyfile)),
		);
		t.teardown(() => end(caddy, 'SIGTERM'));

		const ca = await readFile(join(folder, 'certs/ca.pem'));
		const robot = {
			cert: await readFile(join(folder, 'certs/robot.pem')),
			key: await readFile(join(folder, 'certs/robot-key.pem')),
		};
		const api = '/services/session/v1';
		const ask = (method: string, path: string, headers: Record<string, string> = {}, body?: object, as = {}) =>
			new Promise<{ status: number; cookie: string; body: Record<string, unknown> }>((resolve, reject) => {
				const type = body ? { 'Content-Type': 'application/json' } : {};
				const to = { host: 'localhost', port: caddyPort, ca, agent: false, method, path, ...as } as const;
				request({ ...to, headers: { ...type, ...headers } }, async (res) => {
					const text = Buffer.concat(await res.toArray()).toString();
					const [cookie = ''] = res.headers['set-cookie'] ?? [];
					resolve({ status: res.statusCode ?? 0, cookie, body: text.startsWith('{') ? JSON.parse(text) : {} });
				})
					.once('error', reject)
					.end(body && JSON.stringify(body));
			});
		await until(async () => t.is((await ask('GET', '/health/ready')).status, 200), 30_000);

		const login = await ask(
			'POST',
			`${api}/login/password`,
			{},
			{ username: 'admin', password: 'correct horse battery' },
		);
		t.is(login.status, 200);
		t.regex(login.cookie, /; secure/i);
		const [Cookie = ''] = login.cookie.split(';');
		const { body } = await ask('GET', `${api}/xsrfToken`, { Cookie });
		const session = { Cookie, 'X-XSRF-Token': String(body.xsrfToken) };
		// Whichever node is asked.
		for (let round = 0; round < 6; round += 1) t.is((await ask('GET', `${api}/currentIdentity`, session)).status, 200);

		t.is((await ask('POST', `${api}/identities`, session, { name: 'robot' })).status, 201);
		t.is((await ask('POST', `${api}/login/certificate`, {}, undefined, robot)).status, 204);
		t.is((await ask('POST', `${api}/login/certificate`)).status, 401);
		const forged = { 'Client-Cert': `:${robot.cert.toString().replaceAll(/-----[A-Z ]+-----|\s/g, '')}:` };
		t.is(
			(await ask('POST', `${api}/login/certificate`, forged)).status,
			401,
			'a certificate that was not shown in the handshake',
		);

		first?.signal('SIGKILL');
		await first?.ended;
		for (let round = 0; round < 6; round += 1) t.is((await ask('GET', `${api}/currentIdentity`, session)).status, 200);
		t.is((await ask('POST', `${api}/logout`, session)).status, 204);
		t.is((await ask('GET', `${api}/currentIdentity`, session)).status, 401);
	},
);

test('its configuration of the nodes is one that Latchkey takes', async (t) => {
	const folder = await mkdtemp(join(tmpdir(), 'latchkey-compose-'));
	t.teardown(() => rm(folder, { recursive: true }));
	await writeFile(join(folder, 'latchkey.yaml'), configs.latchkey?.content ?? '');
	await writeFile(join(folder, 'identities'), 'postgres://latchkey:secret@postgres/latchkey\n');
	const { LATCHKEY_STORE_SESSIONS = '' } = services.node1?.environment ?? {};
	const env = { LATCHKEY_STORE_SESSIONS, LATCHKEY_STORE_IDENTITIES_FILE: join(folder, 'identities') };
	const config = readConfig({ file: join(folder, 'latchkey.yaml'), env });
	t.is(config.store.identities, 'postgres://latchkey:secret@postgres/latchkey');
	t.is(config.store.sessions, 'redis://valkey:6379');
});
