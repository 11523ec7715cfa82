import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { Done, Work } from './pool-thread.ts';

/**
 * Threads that do nothing but hash. Not Node's own pool: four threads that take turns at one hash wander over all cores,
 * and get in the way of the thread that answers requests; one that has work all the time stays where it is. Not Piscina:
 * as fast, but its threads pass on their stdout, for which Node makes ours non-blocking, and lines of the audit get lost.
 */
export interface HashThreads {
	/** Begins at once, or behind what its thread was given before. Rejects with what argon2 says of the parameters. */
	run(work: Work): Promise<string | boolean>;
	/** Starts a thread ahead of time, so that the first login need not wait for it. */
	start(): void;
	/** Ends the threads once they have done what they were given. */
	close(): Promise<void>;
}

/** As it was written, or compiled. */
const entry = new URL(`./pool-thread${extname(import.meta.filename)}`, import.meta.url);

interface Thread {
	/** How much it was given and has not done. */
	load(): number;
	run(work: Work): Promise<string | boolean>;
	close(): Promise<void>;
}

/**
 * At most `most` of them. Each starts when there is something for it to do, and keeps the process alive while it does it.
 * `onDone` is told how many milliseconds each piece of work took.
 */
export function createHashThreads(most: number, onDone: (tookMs: number) => void = () => undefined): HashThreads {
	const threads = new Set<Thread>();

	function add(): Thread {
		const thread = startThread(onDone, () => threads.delete(thread));
		threads.add(thread);
		return thread;
	}

	return {
		async run(work) {
			const [idlest] = [...threads].toSorted((one, other) => one.load() - other.load());
			const isFree = idlest !== undefined && (idlest.load() === 0 || threads.size >= most);
			return (isFree ? idlest : add()).run(work);
		},
		start() {
			if (threads.size === 0) add();
		},
		async close() {
			await Promise.all([...threads].map((thread) => thread.close()));
		},
	};
}

/** `onEnd`: it takes no more work. */
function startThread(onDone: (tookMs: number) => void, onEnd: () => void): Thread {
	// It prints nothing. To be ready to pass that on, Node would make our own stdout one that does not wait for its reader.
	const worker = new Worker(entry, { execArgv: [], stdout: true, stderr: true });
	const ended = Promise.withResolvers<void>();
	/** In the order in which it answers. */
	let given: PromiseWithResolvers<string | boolean>[] = [];

	worker.on('message', (done: Done) => {
		const first = given.shift();
		if (given.length === 0) worker.unref();
		onDone(done.tookMs);
		if ('fault' in done) first?.reject(done.fault);
		else first?.resolve(done.result);
	});
	function fail(cause: unknown) {
		onEnd();
		for (const each of given) each.reject(cause);
		given = [];
	}
	worker.on('error', fail);
	worker.on('exit', () => {
		fail(new Error('the thread that hashes has ended'));
		ended.resolve();
	});
	worker.unref();

	return {
		load: () => given.length,
		run(work) {
			const each = Promise.withResolvers<string | boolean>();
			worker.postMessage(work);
			given.push(each);
			worker.ref();
			return each.promise;
		},
		close() {
			onEnd();
			worker.ref();
			worker.postMessage('close');
			return ended.promise;
		},
	};
}
