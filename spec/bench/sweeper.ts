// Sweeps what is over, as the service does, while somebody logs in, again and again: `node sweeper.ts CONFIG_FILE`. Prints what it
// came to, as JSON.
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { openCore, openLogs } from '../../src/app/service.ts';
import { readConfig } from '../../src/config/read.ts';
import type { IdentityName } from '../../src/core/identity.ts';
import type { Password } from '../../src/core/password.ts';
import type { DialectName } from '../../src/core/session.ts';
import { median } from './figures.ts';
import { password, person } from './latchkey.ts';

const config = readConfig({ file: process.argv[2] ?? '', env: {} });
const core = await openCore(config, openLogs(config));
/** Milliseconds between two logins. */
const pauseMs = 100;

async function loginMs(): Promise<number> {
	const startedAt = performance.now();
	const outcome = await core.sessions.login(person as IdentityName, password as Password, {
		dialect: 'kura' as DialectName,
		secure: false,
		address: '192.0.2.1',
		device: 'Firefox on Linux',
		requestId: 'bench',
	});
	if (!outcome.ok) throw new Error(`a login was refused: ${outcome.refusal.kind}`);
	return performance.now() - startedAt;
}

async function loginsUntil(isOver: () => boolean): Promise<number[]> {
	const took: number[] = [];
	while (!isOver()) {
		took.push(await loginMs());
		await sleep(pauseMs);
	}
	return took;
}

/**
 * Returns what tells, in milliseconds, the longest time between two turns of the event loop beyond the millisecond that is asked
 * for, and how much of that this thread has computed: the rest it waited, for the disk or for a core.
 */
function watchStalls() {
	let longest = { stallMs: 0, computedMs: 0 };
	let [at, before] = [performance.now(), process.threadCpuUsage()];
	const timer = setInterval(() => {
		const [now, cpu] = [performance.now(), process.threadCpuUsage()];
		const stallMs = now - at - 1;
		const computedMs = (cpu.user + cpu.system - before.user - before.system) / 1000;
		if (stallMs > longest.stallMs) longest = { stallMs, computedMs };
		[at, before] = [now, cpu];
	}, 1);
	return () => {
		clearInterval(timer);
		return longest;
	};
}

const delay = monitorEventLoopDelay({ resolution: 1 });
const restFromMs = performance.now();
const atRest = await loginsUntil(() => performance.now() - restFromMs > 2000);
delay.enable();
const stalls = watchStalls();
const startedAt = performance.now();
let isSwept = false;
const logins = loginsUntil(() => isSwept);
// The service waits longer: so it is harder, and over sooner.
const swept = await core.sessions.sweep(() => sleep(5));
delay.disable();
const longest = stalls();
const seconds = (performance.now() - startedAt) / 1000;
isSwept = true;
const meanwhile = await logins;
await core.close();
// What the audit has to say went to a file: this is the only line.
process.stdout.write(
	JSON.stringify({
		swept,
		seconds,
		...longest,
		p99Ms: delay.percentile(99) / 1e6,
		restMs: median(atRest),
		loginMs: median(meanwhile),
	}),
);
