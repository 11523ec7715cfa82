import { statSync } from 'node:fs';
import { Agent } from 'node:http';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import { openService } from '../../src/app/service.ts';
import { readConfig } from '../../src/config/read.ts';
import { createLogs } from '../../src/observability/log.ts';
import { ask, base, type Jar, login, me, signIn } from './ask.ts';
import { install } from './process.ts';

/*
 * A store that is full of sessions, half of them over: a check, a login and a start are what they are with a thousand.
 * SESSIONS takes the place of the million.
 */

const short = process.env.LONG === 'short';
const many = short ? 20_000 : Number(process.env.SESSIONS ?? 1_000_000);
const probes = short ? 200 : 1000;
const password = 'four brown bears';

/** Copies of one session, each with a key, an identity and a stamp of its own. */
function seed(path: string, count: number, lastActivityAt: number) {
	const db = new DatabaseSync(path, { timeout: 30_000 });
	const columns =
		'xsrf_token, opened_at, last_activity_at, credential_stamp, by_certificate, locked, number, address, device';
	db.prepare(
		`INSERT INTO session (key, identity, dialect, ${columns})
		WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?1),
			one AS (SELECT * FROM session ORDER BY id LIMIT 1)
		SELECT randomblob(32), randomblob(16), dialect, randomblob(16), ?2, ?2, randomblob(24), 0, 0, NULL, address, device FROM n, one`,
	).run(count, lastActivityAt);
	db.close();
}

/** Whether any of those that are over is still there. Asked in a moment: the service's event loop is ours. */
function isAnyLeft(path: string): boolean {
	const db = new DatabaseSync(path, { readOnly: true, timeout: 30_000 });
	const left = db.prepare('SELECT 1 FROM session WHERE last_activity_at < ? LIMIT 1').get(Date.now() - 1_800_000);
	db.close();
	return left !== undefined;
}

test.serial(`${many} living sessions and as many that are over slow nothing down`, async (t) => {
	const installation = install({
		session: { mostPerIdentity: 10_000 },
		// At full length a login is what it is by default.
		...(!short && { passwordHash: undefined }),
	});
	t.teardown(() => installation.remove());
	const path = join(installation.folder, 'data/latchkey.db');
	const config = readConfig({ file: installation.configFile, env: { LATCHKEY_DATA_DIR: installation.folder } });
	const open = async () => {
		const startedAt = performance.now();
		const service = await openService(config, createLogs({ level: 'silent' }));
		t.teardown(() => service.close().catch(() => undefined));
		return { service, url: service.urls[0] ?? '', startMs: performance.now() - startedAt };
	};
	let { service, url } = await open();
	const token = await service.core.identities.setupToken();
	await ask(url, 'POST', `${base}/setup`, { body: { username: 'ann', password, token } });
	const jars: Jar[] = [];
	for (let at = 0; at < probes; at += 1) {
		if (at % 90 === 0 && at > 0) {
			// No identity has more than a hundred: each ninety belong to another one.
			const body = { name: `person ${at}`, password: 'nine purple owls', passwordChangeNeeded: false };
			await ask(url, 'POST', `${base}/identities`, { headers: jars[0]?.headers ?? {}, body });
		}
		const person = at < 90 ? 'ann' : `person ${at - (at % 90)}`;
		jars.push(await signIn(url, person, person === 'ann' ? password : 'nine purple owls'));
	}
	const agent = new Agent({ keepAlive: true, maxSockets: 1 });
	const timesOf = async (rounds: number) => {
		const times: number[] = [];
		for (let round = 0; round < rounds; round += 1) {
			for (const jar of jars) {
				const startedAt = performance.now();
				if ((await me(url, jar, agent)).status !== 200) throw new Error('a living session is refused');
				times.push(performance.now() - startedAt);
			}
		}
		times.sort((a, b) => a - b);
		return { median: times[times.length >> 1] ?? 0, p99: times[Math.floor(times.length * 0.99)] ?? 0 };
	};
	await timesOf(2);
	const few = await timesOf(short ? 3 : 10);
	await service.close();

	seed(path, many, Date.now());
	seed(path, many, Date.now() - 3_600_000);
	const opened = await open();
	({ service, url } = opened);
	await timesOf(1);
	const full = await timesOf(short ? 3 : 10);
	t.log(`checks: median ${few.median.toFixed(2)} ms, p99 ${few.p99.toFixed(2)} ms with ${probes} sessions`);
	t.log(`checks: median ${full.median.toFixed(2)} ms, p99 ${full.p99.toFixed(2)} ms with ${2 * many} more`);
	const megabytes = statSync(path).size / 1e6;
	t.log(`the database: ${megabytes.toFixed(0)} MB; start: ${opened.startMs.toFixed(0)} ms`);
	// Somebody else than the probes, whose oldest sessions end where there are too many.
	const guest = { name: 'guest', password: 'nine purple owls', passwordChangeNeeded: false };
	await ask(url, 'POST', `${base}/identities`, { headers: jars[0]?.headers ?? {}, body: guest });
	const loginMs = async () => {
		const startedAt = performance.now();
		t.is((await login(url, guest.name, guest.password, { agent })).status, 200);
		return performance.now() - startedAt;
	};
	const calm: number[] = [];
	for (let times = 0; times < 40; times += 1) calm.push(await loginMs());

	// Everything that is over is swept away, and meanwhile people sign in.
	const delay = monitorEventLoopDelay({ resolution: 5 });
	delay.enable();
	let sweeping = true;
	const during: number[] = [];
	const signingIn = (async () => {
		while (sweeping) {
			during.push(await loginMs());
			await sleep(40);
		}
	})();
	const sweptFrom = performance.now();
	// The service does so itself, each minute.
	while (isAnyLeft(path)) {
		if (short) await service.core.sessions.sweep(() => sleep(5));
		else await sleep(1000);
	}
	const seconds = (performance.now() - sweptFrom) / 1000;
	sweeping = false;
	await signingIn;
	delay.disable();
	const p99 = (times: number[]) => times.toSorted((a, b) => a - b)[Math.floor(times.length * 0.99)] ?? 0;
	const stallMs = delay.percentile(99.9) / 1e6;
	t.log(
		`${many} swept within ${seconds.toFixed(0)} s; the event loop stood still for ${stallMs.toFixed(0)} ms (99.9 %), ${(delay.max / 1e6).toFixed(0)} at most`,
	);
	t.log(
		`logins: p99 ${p99(calm).toFixed(1)} ms before, ${p99(during).toFixed(1)} ms meanwhile (${during.length} of them)`,
	);
	t.is((await timesOf(1)).median > 0, true);
	agent.destroy();
	await service.close();
	if (short) return;
	const patience = Number(process.env.PATIENCE ?? 1);
	t.true(megabytes <= 600);
	t.true(opened.startMs <= 3000 * patience);
	t.true(full.median <= few.median * 1.5 && full.p99 <= few.p99 * 1.5 * patience);
	t.true(stallMs <= 50 * patience);
	t.true(p99(during) <= 2 * p99(calm) * patience);
});
