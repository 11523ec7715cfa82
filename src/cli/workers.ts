import cluster, { type Worker } from 'node:cluster';
import { availableParallelism } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { createGatheringFromWorkers, openLogs, openMetrics } from '../app/service.ts';
import type { Config } from '../config/schema.ts';
import { Failed, say, sayWhereMetricsAre, styled } from './output.ts';
import { atSecondSignal, toldToStop } from './stopping.ts';
import { tellSystemd } from './systemd.ts';
import { versionOfPackage } from './version.ts';

/*
 * Several processes on one machine, which share the address and the stores. Each takes its connections from the one
 * queue that the kernel keeps (SCHED_NONE): with round-robin, clients handed to a worker that dies just then would wait
 * for ever. Sessions, ends and attempts live in the stores, so what holds for one process holds over all of them.
 */

/** Milliseconds for workers to end when told to: longer than they give their requests. */
const patienceMs = 15_000;
/** In the environment of a worker that makes ready what all of them share. */
const firstWorker = 'FIRST_WORKER_OF_LATCHKEY';
/** A worker that lives for shorter than this is replaced after a pause, and a longer one each time. */
const tooShortMs = 5000;
const restartPauseMs = 1000;
const longestPauseMs = 10_000;

/** What a worker tells when it serves. */
export interface Ready {
	readonly urls: readonly string[];
}

/** What a worker tells where nobody is to be served any more: `Service.objection`. */
interface Objection {
	readonly objection: string;
}

export function isWorker(): boolean {
	return cluster.isWorker;
}

/** The one that makes ready what all of them share, and speaks to the operator. */
export function isFirstWorker(): boolean {
	return cluster.isWorker && process.env[firstWorker] !== undefined;
}

export function tellReady(ready: Ready): void {
	process.send?.(ready);
}

/** The parent ends them all, and says why. */
export function tellObjection(objection: string): void {
	process.send?.({ objection } satisfies Objection);
}

/** Passwords are hashed on as many cores as before, all workers together. */
export function shareOfCores(config: Config, workers: number): Config {
	const { passwordHash } = config;
	if (passwordHash.concurrency > 0 || workers === 1) return config;
	const concurrency = Math.max(1, Math.floor((availableParallelism() - 1) / workers));
	return { ...config, passwordHash: { ...passwordHash, concurrency } };
}

/** Runs until SIGTERM or SIGINT, replaces workers that die, and ends when all have ended. A second signal ends it at once. */
export async function serveByWorkers(config: Config, count: number): Promise<void> {
	if (config.store.sessions === 'memory:') {
		throw new Failed('sessions in memory belong to one process: several workers need another store.sessions');
	}
	const logs = openLogs(config);
	const { log, audit } = logs;
	cluster.schedulingPolicy = cluster.SCHED_NONE;
	let stopping = false;
	const objected = Promise.withResolvers<string>();

	/** Resolves when it serves; rejects where it ends before, by its own decision. One that is killed is replaced. */
	async function start(role?: 'first'): Promise<Ready> {
		const worker = cluster.fork(role && { [firstWorker]: 'yes' });
		const { pid } = worker.process;
		const startedAt = performance.now();
		return new Promise((resolve, reject) => {
			let isServing = false;
			worker.on('message', (message: Partial<Ready & Objection>) => {
				if (message.objection !== undefined) objected.resolve(message.objection);
				if (message.urls === undefined) return;
				isServing = true;
				resolve({ urls: message.urls });
			});
			// As where it is sent something and has just died: without a listener, we would die of it, too.
			worker.on('error', (cause) => {
				log.warn({ pid, cause }, 'a worker cannot be reached');
				if (pid === undefined) reject(new Failed('a worker could not start', { cause }));
			});
			worker.once('exit', (status, signal) => {
				if (isServing) void replace(worker, performance.now() - startedAt);
				else if (stopping) return;
				// It has said why.
				else if (signal === null) reject(new Failed('a worker could not start'));
				else {
					log.error({ pid, status, signal }, 'a worker died while it started: another one takes its place');
					sleep(restartPauseMs)
						.then(() => start(role))
						.then(resolve, reject);
				}
			});
		});
	}

	async function replace({ process: { pid, exitCode, signalCode } }: Worker, livedMs: number) {
		if (stopping) return;
		log.error({ pid, status: exitCode, signal: signalCode }, 'a worker died: another one takes its place');
		for (
			let pauseMs = livedMs < tooShortMs ? restartPauseMs : 0;
			!stopping;
			pauseMs = Math.min(longestPauseMs, 2 * pauseMs + 500)
		) {
			await sleep(pauseMs);
			if (stopping) return;
			const ready = await start().catch(() => undefined);
			if (ready !== undefined) return log.info({}, 'another worker serves in its place');
		}
	}

	// Also while it starts, which ends a process that does not heed it.
	process.on('SIGHUP', () => {
		logs.reopen();
		for (const worker of workers()) worker.process.kill('SIGHUP');
	});
	let isServing = false;
	const told = toldToStop().then(async () => {
		stopping = true;
		say(styled('dim', isServing ? 'stopping: letting requests under way finish' : 'stopping before it serves'));
		if (isServing) return;
		await stopAll();
		process.exit(0);
	});
	const { urls } = await start('first');
	const giveUp = async (fault: unknown) => {
		stopping = true;
		await stopAll();
		throw fault;
	};
	await Promise.all(Array.from({ length: count - 1 }, () => start())).catch(giveUp);
	const metrics = await openMetrics(config, createGatheringFromWorkers(), log).catch(giveUp);
	isServing = true;
	for (const url of urls) say(`${styled('green', 'listening on')} ${styled('bold', url)} with ${count} workers`);
	sayWhereMetricsAre(metrics?.url);
	void tellSystemd('READY=1');
	audit.write({ act: 'start', outcome: 'ok', version: versionOfPackage() });
	const objection = await Promise.race([told, objected.promise]);
	stopping = true;
	void tellSystemd('STOPPING=1');
	atSecondSignal(() => {
		for (const worker of workers()) worker.process.kill('SIGKILL');
		process.exit(1);
	});
	await Promise.all([stopAll(), metrics?.close()]);
	audit.write({ act: 'stop', outcome: 'ok' });
	if (objection) throw new Failed(objection);
}

function workers(): Worker[] {
	return Object.values(cluster.workers ?? {}).flatMap((worker) => (worker?.isDead() === false ? worker : []));
}

async function stopAll(): Promise<void> {
	const late = setTimeout(() => {
		for (const worker of workers()) worker.process.kill('SIGKILL');
	}, patienceMs);
	await Promise.all(
		workers().map(
			(worker) =>
				new Promise((gone) => {
					worker.once('exit', gone);
					worker.process.kill('SIGTERM');
				}),
		),
	);
	clearTimeout(late);
}
