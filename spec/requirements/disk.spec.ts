import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { openService } from '../../src/app/service.ts';
import { readConfig } from '../../src/config/read.ts';
import { createLogs } from '../../src/observability/log.ts';
import { createProgramClock, noFaketime } from '../_support/faketime.ts';
import { createHandClock } from '../_support/hand-clock.ts';
import { ask, base, login, me, signIn } from './ask.ts';
import { install } from './process.ts';

/* The disk: what is told is on it, what is on it is for nobody else, and where it is full that is said. */

const password = 'four brown bears';

async function added(installation: ReturnType<typeof install>, name: string): Promise<void> {
	const { status, stderr } = await installation.run(['identity', 'add', name, '--password-stdin'], password);
	if (status !== 0) throw new Error(stderr);
}

const traces = spawnSync('strace', ['-f', '-o', '/dev/null', 'true']).status === 0;
const traced = traces ? test.serial : test.serial.skip;
const untraced = traces ? '' : ' (skipped: strace is not installed, or may not trace here)';

traced(
	`an end of a session and a change of password are on the disk before they are answered${untraced}`,
	async (t) => {
		const installation = install();
		t.teardown(() => installation.remove());
		await added(installation, 'ann');
		const trace = join(installation.folder, 'trace');
		const filter = ['-e', 'trace=fsync,fdatasync,write,writev,sendto,sendmsg'];
		const serving = await installation.start(['strace', '-f', '-s', '60', ...filter, '-o', trace]);
		const jars = await Promise.all(Array.from({ length: 3 }, () => signIn(serving.url, 'ann', password)));
		const [first, second] = jars;
		const mark = async (name: string) => {
			await ask(serving.url, 'GET', `/health/live`, { headers: { 'X-Mark': name } });
		};
		await mark('a check');
		await me(serving.url, jars[2] ?? { cookie: '', xsrf: '', headers: {} });
		await ask(serving.url, 'POST', `${base}/logout`, { headers: first?.headers ?? {} });
		const body = { currentPassword: password, newPassword: 'seven green frogs' };
		const changed = await ask(serving.url, 'POST', `${base}/changePassword`, { body, headers: second?.headers ?? {} });
		t.is(changed.status, 204);
		await serving.end('SIGTERM');
		// What goes out as an answer, and what was synced since the answer before.
		const synced: { answer: string; syncs: number }[] = [];
		let syncs = 0;
		for (const line of readFileSync(trace, 'utf8').split('\n')) {
			if (/\bf(data)?sync(\(\d+\)| resumed.*)\s*= 0/.test(line)) syncs += 1;
			const [, answer] = /HTTP\/1\.1 (\d{3})/.exec(line) ?? [];
			if (answer === undefined) continue;
			synced.push({ answer, syncs });
			syncs = 0;
		}
		const acknowledged = synced.filter(({ answer }) => answer === '204');
		t.is(acknowledged.length, 2, JSON.stringify(synced));
		for (const { syncs: before } of acknowledged) t.true(before >= 1);
		t.true(
			synced.some(({ answer, syncs: before }) => answer === '200' && before === 0),
			'a check needs no disk',
		);
	},
);

test.serial(
	'databases, their companions and the audit are readable by their owner only, and so is the folder',
	async (t) => {
		const installation = install({ log: { auditFile: 'audit/audit.jsonl' } });
		t.teardown(() => installation.remove());
		await added(installation, 'ann');
		const { url, end } = await installation.start();
		await signIn(url, 'ann', password);
		const modeOf = (path: string) => statSync(path).mode & 0o777;
		const data = join(installation.folder, 'data');
		t.is(modeOf(data), 0o700);
		for (const file of readdirSync(data)) t.is(modeOf(join(data, file)), 0o600, file);
		t.is(modeOf(join(installation.folder, 'audit/audit.jsonl')), 0o600);
		await end();
	},
);

test.serial('a private key that others may read is refused at the start, in one line', async (t) => {
	const installation = install();
	t.teardown(() => installation.remove());
	const folder = join(installation.folder, 'certificates');
	t.is((await installation.run(['certificates', 'dev', '--out', folder])).status, 0);
	const https = { port: 0, cert: join(folder, 'server.pem'), key: join(folder, 'server-key.pem') };
	const open = install({ https }, installation.folder);
	await (await open.start()).end('SIGTERM');
	spawnSync('chmod', ['644', https.key]);
	const { message } = (await t.throwsAsync(open.start())) ?? {};
	t.regex(message ?? '', /server-key\.pem/);
	t.regex(message ?? '', /chmod|mode|readable|others/i);
});

test.serial('a restart ends nobody’s session, and the time in between counts as silence', async (t) => {
	const installation = install();
	t.teardown(() => installation.remove());
	const clock = createHandClock();
	const config = readConfig({ file: installation.configFile, env: { LATCHKEY_DATA_DIR: installation.folder } });
	const start = async () => {
		const service = await openService(config, createLogs({ level: 'silent' }), { clock });
		return { service, url: service.urls[0] ?? '' };
	};
	const first = await start();
	const token = await first.service.core.identities.setupToken();
	const setup = await ask(first.url, 'POST', `${base}/setup`, { body: { username: 'ann', password, token } });
	t.is(setup.status, 204);
	const [used, silent] = [await signIn(first.url, 'ann', password), await signIn(first.url, 'ann', password)];
	clock.wind(450_000);
	t.is((await me(first.url, used)).status, 200);
	await first.service.close({ graceMs: 0 });
	clock.wind(450_001);
	const second = await start();
	t.is((await me(second.url, silent)).status, 401);
	t.is((await me(second.url, used)).status, 200);
	await second.service.close({ graceMs: 0 });
	clock.wind(900_001);
	const third = await start();
	t.is((await me(third.url, used)).status, 401);
	await third.service.close({ graceMs: 0 });
});

const mountable = spawnSync('unshare', ['-rm', 'mount', '-t', 'tmpfs', '-o', 'size=4m', 'none', '/mnt']).status === 0;
const mounted = mountable ? test.serial : test.serial.skip;
const unmounted = mountable ? '' : ' (skipped: no file system of our own may be mounted here)';

mounted(
	`on a full disk changes are refused, sessions go on, and all is well when there is room again${unmounted}`,
	async (t) => {
		const place = mkdtempSync(join(tmpdir(), 'latchkey-full-'));
		t.teardown(() => rmSync(place, { recursive: true, force: true }));
		const installation = install({ store: { identities: `sqlite:${place}/db`, sessions: `sqlite:${place}/db` } });
		t.teardown(() => installation.remove());
		// In a name space of its own: what it mounts is seen by it alone, and gone with it.
		const script = `mount -t tmpfs -o size=4m,mode=700 none ${place} && exec "$@"`;
		const inside = ['unshare', '-rm', 'sh', '-c', script, 'sh'];
		const serving = await installation.start(inside);
		const within = (command: string) =>
			spawnSync('nsenter', ['-t', String(serving.pid), '-U', '-m', '--preserve-credentials', 'sh', '-c', command]);
		const token = await serving.setupToken();
		const setup = await ask(serving.url, 'POST', `${base}/setup`, { body: { username: 'ann', password, token } });
		t.is(setup.status, 204, setup.body);
		const jar = await signIn(serving.url, 'ann', password);
		t.is(within(`cat /dev/zero > ${place}/ballast`).status, 1);

		const statuses = new Set<number>();
		for (let tries = 0; tries < 60; tries += 1) statuses.add((await login(serving.url, 'ann', password)).status);
		t.true(statuses.has(503), `logins on a full disk: ${[...statuses]}`);
		t.true(
			serving.stdout().includes(`the SQLite (${place}/db) store is unavailable`),
			'with the file to make room for',
		);
		const refused = await ask(serving.url, 'POST', `${base}/changePassword`, {
			headers: jar.headers,
			body: { currentPassword: password, newPassword: 'seven green frogs' },
		});
		t.is(refused.status, 503);
		t.regex(refused.headers['retry-after'] ?? '', /^\d+$/);
		t.is(refused.headers['set-cookie'], undefined);
		for (let times = 0; times < 10; times += 1) t.is((await me(serving.url, jar)).status, 200);
		t.is((await login(serving.url, 'ann', 'seven green frogs')).status === 200, false);

		t.is(within(`rm ${place}/ballast`).status, 0);
		t.is((await me(serving.url, jar)).status, 200, 'nothing half done');
		t.is((await login(serving.url, 'ann', password)).status, 200);
		const body = { currentPassword: password, newPassword: 'seven green frogs' };
		t.is((await ask(serving.url, 'POST', `${base}/changePassword`, { headers: jar.headers, body })).status, 204);
		t.is((await login(serving.url, 'ann', 'seven green frogs')).status, 200);
		t.true(serving.isRunning());
		await serving.end('SIGTERM');
	},
);

for (const size of ['8m', '64m']) {
	mounted(
		`a disk of ${size} that is full ten times: writes succeed soon after each time there is room${unmounted}`,
		async (t) => {
			const place = mkdtempSync(join(tmpdir(), 'latchkey-full-'));
			t.teardown(() => rmSync(place, { recursive: true, force: true }));
			const store = { identities: `sqlite:${place}/db`, sessions: `sqlite:${place}/db` };
			const installation = install({ store, session: { mostPerIdentity: 10_000 } });
			t.teardown(() => installation.remove());
			const script = `mount -t tmpfs -o size=${size},mode=700 none ${place} && exec "$@"`;
			const serving = await installation.start(['unshare', '-rm', 'sh', '-c', script, 'sh']);
			const within = (command: string) =>
				spawnSync('nsenter', ['-t', String(serving.pid), '-U', '-m', '--preserve-credentials', 'sh', '-c', command]);
			t.teardown(() => serving.end());
			const token = await serving.setupToken();
			t.is(
				(await ask(serving.url, 'POST', `${base}/setup`, { body: { username: 'ann', password, token } })).status,
				204,
			);
			const waits: number[] = [];
			for (let times = 0; times < 10; times += 1) {
				t.is(within(`cat /dev/zero > ${place}/ballast`).status, 1);
				// All that is free in the log and the database is used up.
				let refusals = 0;
				for (let tries = 0; tries < 600 && refusals < 20; tries += 1) {
					if ((await login(serving.url, 'ann', password)).status === 503) refusals += 1;
				}
				t.is(refusals, 20, 'it is full');
				t.is(within(`rm ${place}/ballast`).status, 0);
				const from = performance.now();
				while ((await login(serving.url, 'ann', password)).status !== 200);
				waits.push(performance.now() - from);
				// Days of use, in small.
				for (let tries = 0; tries < 50; tries += 1) t.is((await login(serving.url, 'ann', password)).status, 200);
			}
			const [quickest = 0, slowest = 0] = [Math.min(...waits), Math.max(...waits)];
			t.log(`${Math.round(slowest)} ms at the most`);
			// A second; where the machine is busy, at the quietest of ten moments.
			t.true(quickest < 1000 && slowest < 20_000, waits.map(Math.round).join());
			t.is(await serving.end('SIGTERM'), 0);
		},
	);
}

mounted(`while the audit's disk is full nobody logs in, and that is said${unmounted}`, async (t) => {
	const place = mkdtempSync(join(tmpdir(), 'latchkey-audit-full-'));
	t.teardown(() => rmSync(place, { recursive: true, force: true }));
	const installation = install({ log: { auditFile: `${place}/audit.log` }, attempts: { limit: 1000 } });
	t.teardown(() => installation.remove());
	const script = `mount -t tmpfs -o size=64k,mode=700 none ${place} && exec "$@"`;
	const serving = await installation.start(['unshare', '-rm', 'sh', '-c', script, 'sh']);
	const within = (command: string) =>
		spawnSync('nsenter', ['-t', String(serving.pid), '-U', '-m', '--preserve-credentials', 'sh', '-c', command]);
	const ready = async () => (await ask(serving.url, 'GET', '/health/ready')).status;
	const token = await serving.setupToken();
	t.is((await ask(serving.url, 'POST', `${base}/setup`, { body: { username: 'ann', password, token } })).status, 204);
	const jar = await signIn(serving.url, 'ann', password);
	within(`cat /dev/zero > ${place}/ballast`);
	let granted = 2;
	const refused: Awaited<ReturnType<typeof login>>[] = [];
	for (let tries = 0; tries < 40; tries += 1) {
		const answer = await login(serving.url, 'ann', password);
		if (answer.status === 200) granted += 1;
		else refused.push(answer);
	}
	t.true(refused.length > 10, 'it is full');
	for (const { status, headers } of [...refused, await login(serving.url, 'ann', 'wrong')]) {
		t.is(status, 503);
		t.regex(headers['retry-after'] ?? '', /^\d+$/);
	}
	t.is(await ready(), 503);
	t.is((await me(serving.url, jar)).status, 200, 'who is signed in stays so');
	within(`rm ${place}/ballast`);
	t.is((await login(serving.url, 'ann', password)).status, 200);
	t.is(await ready(), 200);
	const told = serving.stdout().match(/"the audit file [^"]*"/g) ?? [];
	t.is(told.length, 2, told.join());
	t.notRegex(serving.stdout(), /store unavailable|request failed/);
	const lines = within(`cat ${place}/audit.log`).stdout.toString().trimEnd().split('\n');
	const logins = lines
		.map((line) => JSON.parse(line))
		.filter(({ act, outcome }) => act === 'login' && outcome === 'ok');
	t.true(logins.length >= granted, 'each login that was granted is told');
	t.is(await serving.end('SIGTERM'), 0);
});

const fakeable = noFaketime === undefined ? test.serial : test.serial.skip;
const unfakeable = noFaketime === undefined ? '' : ` (skipped: ${noFaketime})`;

fakeable(
	`a machine whose clock jumps by an hour breaks nothing: back it revives nothing, on it only expires${unfakeable}`,
	async (t) => {
		const installation = install({ session: { inactivityInterval: 600 }, attempts: { limit: 3 } });
		t.teardown(() => installation.remove());
		await added(installation, 'ann');
		const { env, set, remove } = createProgramClock();
		t.teardown(remove);
		const serving = await installation.start([], env);
		const jar = await signIn(serving.url, 'ann', password);
		const ended = await signIn(serving.url, 'ann', password);
		t.is((await ask(serving.url, 'POST', `${base}/logout`, { headers: ended.headers })).status, 204);

		set('-1h');
		t.is((await me(serving.url, jar)).status, 200);
		t.is((await me(serving.url, ended)).status, 401);
		for (let tries = 0; tries < 3; tries += 1) t.is((await login(serving.url, 'ann', `no ${tries}`)).status, 401);
		const wait = await login(serving.url, 'ann', password);
		t.is(wait.status, 429);
		const seconds = Number(wait.headers['retry-after']);
		t.true(seconds >= 1 && seconds <= 2);
		await new Promise((done) => setTimeout(done, seconds * 1000 + 50));
		t.is((await login(serving.url, 'ann', password)).status, 200, 'nobody waits longer than told');

		set('+1h');
		t.is((await me(serving.url, jar)).status, 401);
		const fresh = await signIn(serving.url, 'ann', password);
		set('+0');
		t.is((await me(serving.url, jar)).status, 401, 'what has expired stays expired');
		t.is((await me(serving.url, fresh)).status, 200);
		t.true(serving.isRunning());
		t.is(await serving.end('SIGTERM'), 0);
		// Started anew at the old time: what is over was not kept, and what lives is not yet older than it may be.
		set('-1h');
		const again = await installation.start([], env);
		t.is((await me(again.url, jar)).status, 401);
		await again.end('SIGTERM');
	},
);
