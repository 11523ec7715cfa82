import cluster, { type Worker } from 'node:cluster';
import type { Snapshot } from './metrics.ts';

/*
 * Where several processes serve one address, the primary process has the one listener for metrics, and asks all of them:
 * the counts are those of the service, not those of one process. prom-client's own way (`clusterMetrics`) rejects the
 * whole scrape where one worker stalls or dies.
 */

type Message =
	| { readonly metrics: 'ask'; readonly id: number }
	| { readonly metrics: 'answer'; readonly id: number; readonly snapshot: Snapshot };

/** Milliseconds for the workers to answer: a later one is left out. */
const patienceMs = 2000;

function isMessage(message: unknown): message is Message {
	return typeof message === 'object' && message !== null && 'metrics' in message;
}

/** For the primary process: a function that asks every worker. */
export function createGatheringFromWorkers(): () => Promise<readonly Snapshot[]> {
	let last = 0;
	return () =>
		new Promise((resolve) => {
			last += 1;
			const id = last;
			const workers = Object.values(cluster.workers ?? {}).flatMap((worker) => (worker?.isConnected() ? worker : []));
			const all: Snapshot[] = [];
			const finish = () => {
				clearTimeout(late);
				cluster.off('message', hear);
				resolve(all);
			};
			const hear = (_: Worker, message: unknown) => {
				if (!isMessage(message) || message.metrics !== 'answer' || message.id !== id) return;
				if (all.push(message.snapshot) === workers.length) finish();
			};
			const late = setTimeout(finish, patienceMs);
			cluster.on('message', hear);
			if (workers.length === 0) finish();
			// One that dies just now tells nothing; without the callback its end would be an error that nobody hears.
			for (const worker of workers) worker.send({ metrics: 'ask', id } satisfies Message, () => undefined);
		});
}

/** For a worker: answers whenever the primary process asks. */
export function answerPrimary(snapshot: () => Promise<Snapshot>): void {
	process.on('message', (message: unknown) => {
		if (!isMessage(message) || message.metrics !== 'ask') return;
		void snapshot().then((answer) =>
			process.send?.(
				{ metrics: 'answer', id: message.id, snapshot: answer } satisfies Message,
				undefined,
				{},
				() => undefined,
			),
		);
	});
}
