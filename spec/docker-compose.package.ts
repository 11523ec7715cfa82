import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import type { IncomingHttpHeaders } from 'node:http';
import { request } from 'node:https';
import { BlockList } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { parse } from 'yaml';
import { z } from 'zod';
import { readConfig } from '../src/config/read.ts';
import { type ChildServer, runLatchkey, serve } from './_support/command-line.ts';
import { readImage } from './_support/image.ts';
import { startPostgres } from './_support/postgres.ts';
import { caddy as caddyProgram } from './_support/proxies.ts';
import { end, freePort, hasProgram, start } from './_support/server.ts';
import { noSharedStores } from './_support/shared-stores.ts';
import { soon } from './store/soon.ts';

/*
 * No container engine runs where this is tested. So the file is judged by the rules of Compose and of the image, and what
 * it says is started without one: the same commands, environment, health checks and configuration, with the servers of
 * this machine in place of the images.
 */

const root = join(import.meta.dirname, '..');
const network = z.union([
	z
		.array(z.string())
		.transform(
			(names): Record<string, { ipv4_address?: string | undefined }> =>
				Object.fromEntries(names.map((name) => [name, {}])),
		),
	z.record(z.string(), z.object({ ipv4_address: z.string().optional() })),
]);
const service = z.looseObject({
	image: z.string(),
	build: z.string().optional(),
	pull_policy: z.string().optional(),
	user: z.string().optional(),
	init: z.boolean().optional(),
	read_only: z.boolean().optional(),
	cap_drop: z.array(z.string()).optional(),
	security_opt: z.array(z.string()).optional(),
	logging: z.object({ driver: z.string(), options: z.record(z.string(), z.string()) }).optional(),
	ports: z.array(z.string()).optional(),
	command: z.array(z.string()).optional(),
	environment: z.record(z.string(), z.string()).optional(),
	healthcheck: z.looseObject({ test: z.array(z.string()) }),
	depends_on: z.record(z.string(), z.object({ condition: z.string() })).optional(),
	secrets: z.array(z.string()).optional(),
	configs: z.array(z.object({ source: z.string(), target: z.string() })).optional(),
	volumes: z.array(z.string()).optional(),
	tmpfs: z.array(z.string()).optional(),
	networks: network,
});
const pool = z.object({ subnet: z.string(), gateway: z.string().optional(), ip_range: z.string().optional() });
const composed = z.looseObject({
	services: z.record(z.string(), service),
	secrets: z.record(z.string(), z.object({ file: z.string() })),
	configs: z.record(z.string(), z.object({ file: z.string().optional(), content: z.string().optional() })),
	volumes: z.record(z.string(), z.unknown()),
	networks: z.record(
		z.string(),
		z.looseObject({
			internal: z.boolean().optional(),
			enable_ipv6: z.boolean().optional(),
			ipam: z.object({ config: z.array(pool) }).optional(),
		}),
	),
});

const image = readImage(root);
const compose = composed.parse(parse(readFileSync(join(root, 'docker-compose.yml'), 'utf8'), { merge: true }));
const { services, secrets, configs, networks, volumes } = compose;
const all = Object.entries(services);
const nodes = [services.node1, services.node2];
const environmentOf = (name: string) => ({ ...image.environment, ...services[name]?.environment });

/** The documented commands that make the secrets. */
const page = readFileSync(join(root, 'docs/containers.md'), 'utf8');
const [, makeSecrets = ''] = /^```sh\n(install -d -m 700 \.secrets\n[\s\S]*?)docker compose up\n```$/m.exec(page) ?? [];

test('two nodes, a store for sessions, one for identities, and Caddy in front, whose port alone is published', (t) => {
	t.deepEqual(Object.keys(services).sort(), ['caddy', 'node1', 'node2', 'postgres', 'valkey']);
	const [one, two] = nodes.map(({ build, pull_policy, ...rest } = service.parse({})) => rest);
	t.deepEqual(one, two);
	const published = all.filter(([, { ports }]) => ports !== undefined);
	t.deepEqual(
		published.map(([name, { ports }]) => [name, ports]),
		[['caddy', ['443:8443']]],
	);
});

test('the image is built once', (t) => {
	const [one, two] = nodes;
	t.deepEqual([one?.build, two?.build], ['.', undefined]);
	t.deepEqual([one?.pull_policy, two?.pull_policy], ['build', 'never'], 'no registry is asked for it');
});

test('nothing starts before what it needs is healthy, and every secret is a file', (t) => {
	for (const [name, { depends_on = {} }] of all) {
		for (const [needed, { condition }] of Object.entries(depends_on)) {
			t.is(condition, 'service_healthy', `${name} needs ${needed}`);
		}
	}
	for (const [, { secrets: used = [] }] of all) for (const name of used) t.truthy(secrets[name], name);
	for (const [name, { file: path }] of Object.entries(secrets)) t.true(path.startsWith('.secrets/'), name);
	const variables = Object.entries(services.postgres?.environment ?? {}).concat(Object.entries(environmentOf('node1')));
	for (const [name, value] of variables)
		if (/PASSWORD|IDENTITIES|SESSIONS/.test(name)) t.regex(value, /^\/run\/secrets\//, name);
});

test('all are hardened, and what they write is a volume of a name, or in memory', (t) => {
	/** Where the images write: a path of these without a mount would be a volume without a name, or not writable. */
	const written: Readonly<Record<string, readonly string[]>> = {
		caddy: ['/data', '/config'],
		valkey: ['/data'],
		postgres: ['/var/lib/postgresql/data', '/var/run/postgresql', '/tmp'],
	};
	for (const [name, each] of all) {
		t.like(each, { read_only: true, init: true, cap_drop: ['ALL'] }, name);
		t.deepEqual(each.security_opt, ['no-new-privileges:true'], name);
		t.regex(each.logging?.options['max-size'] ?? '', /^\d+m$/, name);
		const mounts = (each.volumes ?? []).map((volume) => volume.split(':'));
		for (const [volume = ''] of mounts) t.true(volume in volumes, `${name}: ${volume}`);
		const mounted = [...mounts.map(([, path = '']) => path), ...(each.tmpfs ?? [])];
		for (const path of written[name.replace(/\d$/, '')] ?? []) t.true(mounted.includes(path), `${name}: ${path}`);
		// Compose copies the content of a config into the container, which it cannot where nothing may be written.
		for (const { source } of each.configs ?? []) {
			t.is(configs[source]?.content, undefined, name);
			t.true(existsSync(join(root, configs[source]?.file ?? 'nowhere')), name);
		}
	}
	for (const name of ['valkey', 'postgres']) t.regex(services[name]?.user ?? '', /^\d+:\d+$/, name);
});

test('stores stand on a network that Caddy is not on, and nodes believe Caddy’s own address alone', (t) => {
	for (const name of ['valkey', 'postgres']) t.deepEqual(Object.keys(services[name]?.networks ?? {}), ['stores']);
	for (const node of nodes) t.deepEqual(Object.keys(node?.networks ?? {}).sort(), ['front', 'stores']);
	t.deepEqual(Object.keys(services.caddy?.networks ?? {}).sort(), ['front', 'outside']);
	t.true(networks.front?.internal);
	t.true(networks.stores?.internal);
	t.true(networks.outside?.enable_ipv6, 'clients keep their IPv6 addresses');

	const address = services.caddy?.networks.front?.ipv4_address ?? '';
	t.is(environmentOf('node1').LATCHKEY_TRUSTED_PROXIES, address);
	const [{ subnet = '', gateway = '', ip_range = '' } = {}] = networks.front?.ipam?.config ?? [];
	const holds = (cidr: string) => {
		const list = new BlockList();
		const [base = '', bits = ''] = cidr.split('/');
		list.addSubnet(base, Number(bits));
		return list.check(address);
	};
	t.true(holds(subnet));
	t.false(holds(ip_range), 'nobody who starts earlier is given it');
	t.not(address, gateway, 'from which people at the engine’s machine come');
});

test('no setting is given twice, counting the image’s own, and Latchkey takes them all', async (t) => {
	const folder = await mkdtemp(join(tmpdir(), 'latchkey-compose-'));
	t.teardown(() => rm(folder, { recursive: true }));
	await writeFile(join(folder, 'identities'), 'postgres://latchkey:secret@postgres/latchkey\n');
	await writeFile(join(folder, 'sessions'), 'redis://:secret@valkey:6379');
	const key = Buffer.alloc(32, 1).toString('base64');
	await writeFile(join(folder, 'sealing-key'), `${key}\n`);
	const env = Object.fromEntries(
		Object.entries(environmentOf('node1')).map(([name, value]) => [name, value.replace('/run/secrets', folder)]),
	);
	for (const name of Object.keys(env)) t.false(`${name}_FILE` in env, name);
	const config = readConfig({ file: join(root, '.ci/container.yaml'), env });
	t.is(config.store.identities, 'postgres://latchkey:secret@postgres/latchkey');
	t.is(config.store.sessions, 'redis://:secret@valkey:6379');
	t.is(config.secondFactor.sealingKey, key, 'or nobody could set up an app with codes');
	t.is(config.http.host, '0.0.0.0');
	t.is(config.https?.clientCa, join(folder, 'client-ca'));
});

test('health: nodes say whether they live, and PostgreSQL is asked by address', (t) => {
	for (const node of nodes) t.deepEqual(node?.healthcheck.test, ['CMD', ...image.healthcheck]);
	t.true(services.postgres?.healthcheck.test.join(' ').includes('pg_isready --host 127.0.0.1'));
});

test('the documented commands make the secrets, and open no key but the one that Caddy reads', async (t) => {
	const { place } = await makeSecretsAsTold(t);
	for (const { file } of Object.values(secrets)) t.is(statSync(join(place, file)).mode & 0o777, 0o644, file);
	t.is(statSync(join(place, '.secrets')).mode & 0o777, 0o700);
	for (const key of ['ca-key.pem', 'robot-key.pem']) {
		t.is(statSync(join(place, '.secrets/certs', key)).mode & 0o777, 0o600, key);
	}
});

/** Runs that block in a folder of its own. */
async function makeSecretsAsTold(t: { teardown(act: () => Promise<void>): void }) {
	const place = await mkdtemp(join(tmpdir(), 'latchkey-compose-'));
	t.teardown(() => rm(place, { recursive: true }));
	const launcher = join(root, 'src/launcher.js');
	const told = makeSecrets.replace('npx latchkey', `'${process.execPath}' '${launcher}'`);
	execFileSync('bash', ['-ec', `umask 077\n${told}`], { cwd: place, stdio: ['ignore', 'ignore', 'inherit'] });
	const secret = (name: string) => join(place, secrets[name]?.file ?? 'nowhere');
	return { place, secret };
}

interface Answer {
	readonly status: number;
	readonly cookie: string;
	readonly headers: IncomingHttpHeaders;
	readonly body: Record<string, unknown>;
}

const redisProgram = ['valkey-server', 'redis-server'].find(hasProgram);
const redisClient = ['valkey-cli', 'redis-cli'].find(hasProgram);
const reason = noSharedStores ?? (caddyProgram === undefined ? 'caddy is not installed' : undefined);

(reason ? test.skip : test)(
	`what it says runs: a login by password and by certificate through Caddy, and a node and the database may die${reason ? `: ${reason}` : ''}`,
	async (t) => {
		t.timeout(180_000);
		const { place: folder, secret } = await makeSecretsAsTold(t);
		const here = (text: string, others: Record<string, string> = {}) => {
			const named = text.replaceAll(/\/run\/secrets\/([a-z-]+)/g, (_, name: string) => secret(name));
			return Object.entries(others).reduce((so, [there, local]) => so.replaceAll(there, local), named);
		};

		// Valkey by its own command, with the password that only its secret holds.
		const [valkeyPort, valkeyData] = [String(await freePort()), join(folder, 'valkey')];
		await mkdir(valkeyData);
		const [, ...words] = services.valkey?.command ?? [];
		const valkey = start(redisProgram ?? '', [
			...words.map((word) => here(word, { '/data': valkeyData })),
			...['--port', valkeyPort, '--bind', '127.0.0.1'],
		]);
		t.teardown(() => end(valkey, 'SIGKILL'));
		const isHealthy = (from: string) => {
			const [, line = ''] = services.valkey?.healthcheck.test ?? [];
			const ask = line.replaceAll('$$', '$').replace('/run/secrets/valkey', from);
			return spawnSync('sh', ['-c', ask.replace('valkey-cli', `${redisClient} -p ${valkeyPort}`)]).status === 0;
		};
		t.true(await soon(async () => isHealthy(secret('valkey'))));
		t.false(isHealthy('/dev/null'), 'without the password nobody is answered');

		const postgres = await startPostgres();
		t.teardown(postgres.stop);
		const identities = await readFile(secret('identities'), 'utf8');
		t.is(identities, `postgres://latchkey:${await readFile(secret('postgres-password'), 'utf8')}@postgres/latchkey`);
		await writeFile(secret('identities'), `${await postgres.newDatabase()}\n`);
		const sessions = await readFile(secret('sessions'), 'utf8');
		await writeFile(secret('sessions'), sessions.replace('valkey:6379', `127.0.0.1:${valkeyPort}`));

		// The nodes, each with its own port on one machine, with the image's environment and Compose's.
		const running: (ChildServer & { port: number })[] = [];
		t.teardown(() => Promise.all(running.map((node) => node.stop())).then(() => undefined));
		for (const name of ['node1', 'node2']) {
			const port = await freePort();
			const place = join(folder, name);
			await mkdir(join(place, 'etc/latchkey'), { recursive: true });
			await cp(join(root, '.ci/container.yaml'), join(place, 'etc/latchkey/latchkey.yaml'));
			const inside = { '/etc/latchkey': `${place}/etc/latchkey`, '10.213.0.2': '127.0.0.1' };
			const env = {
				...Object.fromEntries(
					Object.entries(environmentOf(name)).map(([variable, value]) => [variable, here(value, inside)]),
				),
				LATCHKEY_HTTP_PORT: String(port),
				LATCHKEY_HTTP_HOST: '127.0.0.1',
			};
			running.push({ ...(await serve(place, { env })), port });
			const [, , ...args] = services[name]?.healthcheck.test ?? [];
			t.is((await runLatchkey(args, { cwd: place, env })).stdout, 'live\n');
		}

		const caddyPort = await freePort();
		const [first, second] = running;
		const caddyfile = join(folder, 'Caddyfile');
		const caddyLog = join(folder, 'caddy.log');
		await writeFile(
			caddyfile,
			here(await readFile(join(root, configs.caddy?.file ?? ''), 'utf8'), {
				'node1:8080 node2:8080': `127.0.0.1:${first?.port} 127.0.0.1:${second?.port}`,
				':8443 {': `:${caddyPort} {\n\tbind 127.0.0.1`,
				'127.0.0.1:2019': `127.0.0.1:${await freePort()}\n\tlog {\n\t\toutput file ${caddyLog}\n\t}`,
			}),
		);
		const [, ...caddyWords] = services.caddy?.command ?? [];
		const caddy = start(
			caddyProgram ?? '',
			caddyWords.map((word) => word.replace('/etc/caddy/Caddyfile', caddyfile)),
		);
		t.teardown(() => end(caddy, 'SIGTERM'));

		const certificates = join(folder, '.secrets/certs');
		const ca = await readFile(join(certificates, 'ca.pem'));
		const robot = {
			cert: await readFile(join(certificates, 'robot.pem')),
			key: await readFile(join(certificates, 'robot-key.pem')),
		};
		const api = '/services/session/v1';
		const ask = (method: string, path: string, headers: Record<string, string> = {}, body?: object, as = {}) =>
			new Promise<Answer>((resolve, reject) => {
				const type = body ? { 'Content-Type': 'application/json' } : {};
				const to = { host: 'localhost', port: caddyPort, ca, agent: false, method, path, ...as } as const;
				request({ ...to, headers: { ...type, ...headers } }, async (res) => {
					const text = Buffer.concat(await res.toArray()).toString();
					const [cookie = ''] = res.headers['set-cookie'] ?? [];
					const { headers } = res;
					resolve({ status: res.statusCode ?? 0, cookie, headers, body: text.startsWith('{') ? JSON.parse(text) : {} });
				})
					.once('error', reject)
					.end(body && JSON.stringify(body));
			});
		const answered = async () => (await ask('GET', '/health/ready').catch(() => undefined))?.status === 200;
		t.true(await soon(answered, 60_000));
		const byAddress = { host: '127.0.0.1', servername: '' };
		t.is((await ask('GET', '/health/live', {}, undefined, byAddress)).status, 200, 'by address, without a name');
		t.is((await ask('GET', '/health/live')).headers['alt-svc'], undefined, 'no HTTP/3 is announced');

		const password = (await readFile(secret('admin-password'), 'utf8')).trim();
		const login = await ask('POST', `${api}/login/password`, {}, { username: 'admin', password });
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
		// Caddy before 2.11.2 answers 502 to a POST with a body whose first node is away, until it knows that it is.
		const isDown = `dial tcp 127.0.0.1:${first?.port}: connect: connection refused`;
		const isKnown = async () => (await readFile(caddyLog, 'utf8')).split('\n').some(isFailedCheck);
		const isFailedCheck = (line: string) => line.includes('health_checker.active') && line.includes(isDown);
		t.true(await soon(isKnown));
		t.is((await ask('POST', `${api}/logout`, session)).status, 204);
		t.is((await ask('GET', `${api}/currentIdentity`, session)).status, 401);

		await postgres.kill();
		const refused = await ask('POST', `${api}/login/password`, {}, { username: 'admin', password });
		t.is(refused.status, 503);
		t.truthy(refused.headers['retry-after'], 'the node’s own answer, and not an empty one of Caddy’s');
		t.is(typeof refused.body.message, 'string');
	},
);
