import cluster, { type Worker } from 'node:cluster';
import type { MetricNow } from './metrics.ts';

/*
 * Where several processes serve one address, whichever is asked for the metrics asks the primary process, which asks
 * all: the counts are those of the service, not those of the process that happened to take the connection.
 */

type Snapshot = readonly MetricNow[];

type Message =
	| { readonly metrics: 'wanted'; readonly id: number }
	| { readonly metrics: 'ask'; readonly id: number }
	| { readonly metrics: 'told'; readonly id: number; readonly now: Snapshot }
	| { readonly metrics: 'gathered'; readonly id: number; readonly all: readonly Snapshot[] };

/** Milliseconds for the others to tell: who is later is left out. */
const patienceMs = 2000;

function isMessage(message: unknown): message is Message {
	return typeof message === 'object' && message !== null && 'metrics' in message;
}

/** For the primary process. */
export function gatherForWorkers(): void {
	const gatherings = new Map<number, (now: Snapshot) => void>();
	let last = 0;

	cluster.on('message', (asking: Worker, message: unknown) => {
		if (!isMessage(message)) return;
		if (message.metrics === 'told') gatherings.get(message.id)?.(message.now);
		if (message.metrics !== 'wanted') return;
		const workers = Object.values(cluster.workers ?? {}).filter((worker) => worker?.isConnected());
		const all: Snapshot[] = [];
		last += 1;
		const id = last;
		const finish = () => {
			clearTimeout(late);
			gatherings.delete(id);
			if (asking.isConnected()) asking.send({ metrics: 'gathered', id: message.id, all } satisfies Message);
		};
		const late = setTimeout(finish, patienceMs);
		gatherings.set(id, (now) => {
			if (all.push(now) === workers.length) finish();
		});
		for (const worker of workers) worker?.send({ metrics: 'ask', id } satisfies Message);
	});
}

/** For any process: its own metrics, and those of its fellow workers, if it has some. */
export function createGathering(now: () => Promise<Snapshot>): () => Promise<readonly Snapshot[]> {
	if (!cluster.isWorker) return async () => [await now()];
	const waiting = new Map<number, (all: readonly Snapshot[]) => void>();
	let last = 0;
	const send = (message: Message) => process.send?.(message);

	process.on('message', (message: unknown) => {
		if (!isMessage(message)) return;
		if (message.metrics === 'ask') void now().then((told) => send({ metrics: 'told', id: message.id, now: told }));
		if (message.metrics === 'gathered') waiting.get(message.id)?.(message.all);
	});

	return () =>
		new Promise((resolve, reject) => {
			last += 1;
			const id = last;
			const late = setTimeout(() => {
				waiting.delete(id);
				reject(new Error('the primary process does not answer'));
			}, 2 * patienceMs);
			waiting.set(id, (all) => {
				clearTimeout(late);
				waiting.delete(id);
				resolve(all);
			});
			send({ metrics: 'wanted', id });
		});
}
