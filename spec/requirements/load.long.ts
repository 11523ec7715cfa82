import { readdirSync } from 'node:fs';
import { Agent } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import type { IdentityName } from '../../src/core/identity.ts';
import { createAttempts } from '../../src/core/throttle.ts';
import { createSqliteAttempts } from '../../src/store/sqlite/attempts.ts';
import { openSqlite } from '../../src/store/sqlite/open.ts';
import { createHandClock } from '../_support/hand-clock.ts';
import { ask, base, type Jar, login, me, signIn } from './ask.ts';
import { install, type Serving } from './process.ts';

/*
 * More than anybody should ask for. The figures are printed; they are judged at full length only, since the short form
 * runs on machines that are busy with other things. NAMES and SOAK (seconds) take the place of the full lengths.
 */

const short = process.env.LONG === 'short';
const password = 'four brown bears';
const mebi = 2 ** 20;

async function serve(settings: Readonly<Record<string, unknown>> = {}) {
	const installation = install(settings);
	const { status, stderr } = await installation.run(['identity', 'add', 'ann', '--password-stdin'], password);
	if (status !== 0) throw new Error(stderr);
	const serving = await installation.start();
	const jar = await signIn(serving.url, 'ann', password);
	return {
		serving,
		jar,
		async close() {
			await serving.end('SIGKILL');
			installation.remove();
		},
	};
}

/** Milliseconds of checks of a session, one after the other, until told to stop. */
function probe({ url }: Serving, jar: Jar) {
	const agent = new Agent({ keepAlive: true });
	const times: number[] = [];
	let running = true;
	const running_ = (async () => {
		while (running) {
			const startedAt = performance.now();
			const { status } = await me(url, jar, agent);
			if (status !== 200) throw new Error(`a check: ${status}`);
			times.push(performance.now() - startedAt);
			await sleep(10);
		}
	})();
	return async () => {
		running = false;
		await running_;
		agent.destroy();
		const sorted = times.toSorted((a, b) => a - b);
		const at = (part: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0;
		return { median: at(0.5), p99: at(0.99), most: at(1), checks: sorted.length };
	};
}

async function probeFor(forMs: number, serving: Serving, jar: Jar) {
	const stop = probe(serving, jar);
	await sleep(forMs);
	return stop();
}

const ms = (value: number) => `${value.toFixed(1)} ms`;

test.serial('a flood of logins makes logins wait and refuse, not checks, and takes no memory', async (t) => {
	const { serving, jar, close } = await serve({ passwordHash: undefined });
	t.teardown(close);
	const baseRss = serving.rss();
	const calm = await probeFor(short ? 1000 : 5000, serving, jar);
	const stop = probe(serving, jar);
	const statuses = new Map<number, number>();
	const flood: Promise<void>[] = [];
	const agent = new Agent({ keepAlive: true });
	let mostRss = 0;
	const until = performance.now() + (short ? 3000 : 20_000);
	for (let sent = 0; performance.now() < until; sent += 10) {
		for (let at = 0; at < 10; at += 1) {
			flood.push(
				login(serving.url, `nobody ${sent + at}`, 'four brown beans', { agent }).then(({ status, headers }) => {
					statuses.set(status, (statuses.get(status) ?? 0) + 1);
					if (status === 503) t.regex(headers['retry-after'] ?? '', /^\d+$/);
				}),
			);
		}
		mostRss = Math.max(mostRss, serving.rss());
		await sleep(20);
	}
	await Promise.all(flood);
	const checks = await stop();
	agent.destroy();
	t.log(`${flood.length} logins: ${[...statuses].map(([status, times]) => `${status} ${times}`).join(', ')}`);
	t.log(`checks in calm: median ${ms(calm.median)}, p99 ${ms(calm.p99)}, ${calm.checks} of them`);
	t.log(`checks meanwhile: median ${ms(checks.median)}, p99 ${ms(checks.p99)}, ${checks.checks} of them`);
	t.log(`memory: ${Math.round(baseRss / mebi)} MiB before, ${Math.round(mostRss / mebi)} at most`);
	t.true((statuses.get(503) ?? 0) > 0, 'what is too much is told so');
	t.deepEqual(
		[...statuses.keys()].filter((status) => status !== 401 && status !== 503),
		[],
	);
	t.true(mostRss - baseRss < 2 * 47_104 * 1024 + 100 * mebi);
	if (!short) t.true(checks.p99 <= 50, ms(checks.p99));
});

test.serial('thousands of clients that never finish their requests keep nobody waiting, and are cut off', async (t) => {
	const { serving, jar, close } = await serve();
	t.teardown(close);
	const many = short ? 300 : 2000;
	const [host, port] = ['127.0.0.1', Number(new URL(serving.url).port)];
	const openedAt = performance.now();
	const cutAfter: number[] = [];
	const answers: string[] = [];
	const sockets = Array.from({ length: many }, () => {
		// Not when it is connected: what trickles may be written before that.
		const socket = connect(port, host);
		socket.write('GET / HTTP/1.1\r\nHost: a\r\n');
		socket.on('data', (chunk) => answers.push(String(chunk).slice(0, 12)));
		socket.on('error', () => undefined);
		socket.on('close', () => cutAfter.push(performance.now() - openedAt));
		return socket;
	});
	const slowBody = connect(port, host);
	slowBody.write(
		`POST ${base}/login/password HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 9000\r\n\r\n{`,
	);
	const bodyCut = Promise.withResolvers<number>();
	slowBody.on('error', () => undefined);
	slowBody.on('close', () => bodyCut.resolve(performance.now() - openedAt));
	slowBody.resume();
	const trickle = setInterval(() => {
		for (const socket of sockets) if (socket.writable) socket.write('X');
		if (slowBody.writable) slowBody.write(' ');
	}, 1000);
	const stop = probe(serving, jar);
	while (cutAfter.length < many && performance.now() - openedAt < 30_000) await sleep(100);
	const checks = await stop();
	t.log(
		`${many} slow headers, cut after ${ms(Math.max(...cutAfter))} at most; answered ${new Set(answers).size} way(s)`,
	);
	t.log(`checks meanwhile: median ${ms(checks.median)}, p99 ${ms(checks.p99)}, ${checks.checks} of them`);
	t.is(cutAfter.length, many);
	t.true(Math.max(...cutAfter) < (short ? 25_000 : 13_000));
	if (!short) {
		const cut = await bodyCut.promise;
		t.log(`a slow body, cut after ${ms(cut)}`);
		t.true(cut > 25_000 && cut < 33_000);
		t.true(checks.p99 <= 100, ms(checks.p99));
	}
	clearInterval(trickle);
	slowBody.destroy();
});

test.serial('a million names tried once each take no memory, and what is over leaves the file', async (t) => {
	const many = short ? 5000 : Number(process.env.NAMES ?? 1_000_000);
	const installation = install();
	t.teardown(() => installation.remove());
	const clock = createHandClock();
	const path = join(installation.folder, 'data/latchkey.db');
	const file = openSqlite(path);
	const attempts = createAttempts(createSqliteAttempts(file, clock), { limit: 10, windowMs: 300_000 });
	const guess = async (at: number, round: number) => {
		const address = `10.${(at >> 16) & 255}.${(at >> 8) & 255}.${at & 255}`;
		const admitted = await attempts.admit(`${round} ${at}` as IdentityName, address);
		if (admitted.ok) await admitted.value.failed();
	};
	const before = process.memoryUsage.rss();
	const startedAt = performance.now();
	for (let at = 0; at < many; at += 1) await guess(at, 1);
	const seconds = (performance.now() - startedAt) / 1000;
	const grown = process.memoryUsage.rss() - before;
	const counters = () => {
		const db = new DatabaseSync(path, { readOnly: true });
		const { n } = db.prepare('SELECT count(*) AS n FROM attempt').get() as { n: number };
		db.close();
		return n;
	};
	const kept = counters();
	clock.wind(2 * 86_400_000);
	const later = Math.ceil(many / 2) + 10;
	for (let at = 0; at < later; at += 1) await guess(at, 2);
	const left = counters();
	t.log(
		`${many} names in ${seconds.toFixed(1)} s: memory +${Math.round(grown / mebi)} MiB, ${kept} counters; ${left} after ${later} more, two days later`,
	);
	t.true(grown <= 100 * mebi);
	t.true(left <= 2 * later + 10, 'what is over is still there');
	await file.close();
});

test.serial('a service that is used without a pause grows neither in memory nor in open files', async (t) => {
	const { serving, jar, close } = await serve({ session: { mostPerIdentity: 20 }, log: { auditFile: 'audit.jsonl' } });
	t.teardown(close);
	const agent = new Agent({ keepAlive: true, maxSockets: 16 });
	const seconds = short ? 12 : Number(process.env.SOAK ?? 900);
	const warmUpSeconds = seconds / 6;
	const samples: { at: number; rss: number; files: number }[] = [];
	const startedAt = performance.now();
	const passed = () => (performance.now() - startedAt) / 1000;
	let requests = 0;
	const clients = Array.from({ length: 8 }, async (_, client) => {
		while (passed() < seconds) {
			const kind = (requests + client) % 50;
			requests += 1;
			if (kind === 0) await login(serving.url, 'ann', password, { agent });
			else if (kind === 1) await login(serving.url, `nobody ${requests}`, 'not it', { agent });
			else if (kind === 2) await ask(serving.url, 'GET', `/nowhere/${requests}`, { agent });
			// The session of the probes is the oldest one, and will have to go for a newer one.
			else await ask(serving.url, 'GET', `${base}/currentIdentity`, { agent, headers: jar.headers });
			await sleep(8);
		}
	});
	while (passed() < seconds) {
		await sleep(500);
		const files = readdirSync(`/proc/${serving.pid}/fd`).length;
		if (passed() > warmUpSeconds) samples.push({ at: passed() / 3600, rss: serving.rss() / 1e6, files });
	}
	await Promise.all(clients);
	agent.destroy();
	const slope = slopeOf(samples.map(({ at, rss }) => [at, rss]));
	const [first, last] = [samples[0], samples.at(-1)];
	t.log(`${requests} requests in ${seconds} s (${Math.round(requests / seconds)}/s): ${slope.toFixed(1)} MB/h`);
	t.log(
		`memory ${first?.rss.toFixed(0)} MB, then ${last?.rss.toFixed(0)} MB; files ${first?.files}, then ${last?.files}`,
	);
	t.true(Math.abs((last?.files ?? 0) - (first?.files ?? 0)) <= 16);
	// A quarter of an hour says little about an hour: growth of a leak would be far beyond this.
	if (!short) t.true(slope < 60, `${slope} MB/h`);
});

/** Of the line that fits best. */
function slopeOf(points: readonly (readonly [x: number, y: number])[]): number {
	const mean = (of: 0 | 1) => points.reduce((sum, point) => sum + point[of], 0) / points.length;
	const [x, y] = [mean(0), mean(1)];
	const covariance = points.reduce((sum, point) => sum + (point[0] - x) * (point[1] - y), 0);
	return covariance / points.reduce((sum, point) => sum + (point[0] - x) ** 2, 0);
}
