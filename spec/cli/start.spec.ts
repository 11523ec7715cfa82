import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, openSync } from 'node:fs';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { createClient } from '../_support/client.ts';
import { cleanEnvironment, launcher, openWorkplace, serve } from '../_support/command-line.ts';
import { noPostgres, startPostgres } from '../_support/postgres.ts';
import { soon } from '../store/soon.ts';

/* What goes wrong once the ports are open must not leave a process that heeds no signal. */

/** Nobody listens there. */
const away = 'postgres://u:pw@127.0.0.1:1/x';
const password = 'four brown bears';

async function open(t: ExecutionContext, settings: Record<string, unknown> = {}) {
	const place = await openWorkplace(settings);
	t.teardown(place.remove);
	return place;
}

test.serial(
	'without its database it serves, says so, reads again at SIGHUP, and ends at SIGTERM with status 0',
	async (t) => {
		const place = await open(t, { store: { identities: away, sessions: 'memory:' } });
		const server = await serve(place.folder);
		t.is((await fetch(`${server.url}/health/live`)).status, 200);
		t.is((await fetch(`${server.url}/health/ready`)).status, 503);
		t.true(await soon(async () => /PostgreSQL store is unavailable: .*ECONNREFUSED/.test(server.said.stderr)));
		server.signal('SIGHUP');
		t.is((await fetch(`${server.url}/health/live`)).status, 200, 'SIGHUP does not end it');
		server.signal('SIGTERM');
		t.like(await server.ended, { status: 0, signal: null });
		t.regex(server.said.stdout, /"act":"start","outcome":"ok","version":"\d+\.\d+\.\d+/);
		t.regex(server.said.stdout, /"act":"stop"/);
	},
);

test.serial('with workers, too', async (t) => {
	const place = await open(t, { store: { identities: away } });
	const server = await serve(place.folder, { args: ['--workers', '2'] });
	server.signal('SIGHUP');
	t.is((await fetch(`${server.url}/health/live`)).status, 200);
	server.signal('SIGTERM');
	t.like(await server.ended, { status: 0, signal: null });
});

test.serial('an audit file on a full disk keeps no signal from it', async (t) => {
	const place = await open(t, { log: { auditFile: '/dev/full' } });
	const { url, ...server } = await serve(place.folder, { until: /setup/i });
	server.signal('SIGHUP');
	t.is((await fetch(`${url}/health/live`)).status, 200);
	server.signal('SIGTERM');
	t.like(await server.ended, { status: 0, signal: null });
});

test.serial('a full disk behind stdout lets nobody in, and ends nothing', async (t) => {
	const place = await open(t);
	t.is((await place.run(['identity', 'add', 'ada', '--password-stdin'], { stdin: password })).status, 0);
	const full = openSync('/dev/full', 'w');
	t.teardown(() => closeSync(full));
	const child = spawn(process.execPath, [launcher, 'serve'], {
		cwd: place.folder,
		env: cleanEnvironment(),
		stdio: ['ignore', full, 'pipe'],
	});
	const ended = once(child, 'close');
	t.teardown(() => child.kill('SIGKILL'));
	let said = '';
	child.stderr?.setEncoding('utf8').on('data', (text: string) => {
		said += text;
	});
	t.true(await soon(async () => /listening on/.test(said)), said);
	const url = /http:\/\/\S+/.exec(said)?.[0] ?? '';
	for (let login = 0; login < 3; login += 1)
		t.is((await createClient({ url }).login('ada', login === 2 ? password : 'wrong')).status, 503);
	t.is((await fetch(`${url}/health/ready`)).status, 503);
	t.is((await fetch(`${url}/health/live`)).status, 200);
	t.notRegex(said, /\n\s+at /);
	child.kill('SIGTERM');
	t.deepEqual(await ended, [0, null], said);
});

for (const sessions of ['memory:', 'redis://localhost:1', 'redis://127.0.0.1:1']) {
	test.serial(
		`an administrator that cannot be made, since the store is away, ends it with status 1: ${sessions}`,
		async (t) => {
			const place = await open(t, { store: { identities: away, sessions } });
			const { status, stderr } = await place.run(['serve'], { env: { LATCHKEY_ADMIN_PASSWORD: password } });
			t.is(status, 1);
			t.regex(stderr, /^latchkey: the PostgreSQL store is unavailable: .*ECONNREFUSED/m);
			t.notRegex(stderr, /\n\s+at /);
		},
	);
}

test.serial('an address that cannot be read is one line, before anything listens', async (t) => {
	const place = await open(t);
	const { status, stderr } = await place.run(['serve'], {
		env: { LATCHKEY_STORE_IDENTITIES: 'postgres://u:p#w@db/x' },
	});
	t.is(status, 1);
	t.regex(stderr, /^latchkey: LATCHKEY_STORE_IDENTITIES: store\.identities: cannot be read as an address: [^\n]+\n$/);
});

(noPostgres ? test.skip : test.serial)(
	`once the database is there, the way to the first identity is told${noPostgres ? `: ${noPostgres}` : ''}`,
	async (t) => {
		t.timeout(60_000);
		const postgres = await startPostgres();
		t.teardown(postgres.stop);
		const identities = await postgres.newDatabase();
		await postgres.kill();
		const place = await open(t, { store: { identities, sessions: 'memory:' } });
		const server = await serve(place.folder);
		t.teardown(server.stop);
		t.notRegex(server.said.stderr, /no identity yet/);
		await postgres.restart();
		t.true(await soon(async () => /no identity yet/.test(server.said.stderr)));
		t.true(await soon(async () => (await fetch(`${server.url}/health/ready`)).ok));
	},
);

const logrotate = ['/usr/sbin/logrotate', '/usr/bin/logrotate'].find((file) => existsSync(file));
const ways = {
	'a rename and SIGHUP': async (file: string, pid: number) => {
		await rename(file, `${file}.1`);
		process.kill(pid, 'SIGHUP');
		await soon(async () => existsSync(file), 20_000);
	},
	...(logrotate && {
		logrotate: async (file: string, pid: number) => {
			const rule = `${file} {\n rotate 3\n create 0600\n postrotate\n kill -HUP ${pid}\n endscript\n}\n`;
			await writeFile(`${file}.rule`, rule, { mode: 0o644 });
			execFileSync(logrotate, ['--force', '--state', `${file}.state`, `${file}.rule`]);
		},
	}),
};

for (const [workers, [way, rotate]] of Object.entries(ways).entries()) {
	test.serial(`the audit file can be rotated by ${way}, with ${workers + 1} process(es)`, async (t) => {
		const place = await open(t, { log: { auditFile: 'audit.log' } });
		await place.run(['identity', 'add', 'ada', '--password-stdin', '--no-policy'], { stdin: password });
		const server = await serve(place.folder, { args: ['--workers', `${workers + 1}`], until: /listening on/ });
		t.teardown(server.stop);
		const file = join(place.folder, 'audit.log');
		t.true(await soon(async () => /"act":"start"/.test(await readFile(file, 'utf8'))));
		await rotate(file, server.pid);
		const loginsIn = async (name: string) =>
			(await readFile(join(place.folder, name), 'utf8')).split('"act":"login"').length - 1;
		// Workers hear of it one after the other: a login soon afterwards stands in the new file.
		const isNew = async () => {
			await createClient(server).login('ada', password);
			return (await loginsIn('audit.log')) > 0;
		};
		t.true(await soon(isNew));
		const before = await loginsIn('audit.log.1');
		const now = await loginsIn('audit.log');
		for (let round = 1; round <= 4; round += 1) {
			await createClient(server).login('ada', password);
			t.is((await loginsIn('audit.log')) + (await loginsIn('audit.log.1')), before + now + round, 'none is lost');
		}
	});
}
