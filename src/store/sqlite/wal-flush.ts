import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';

/**
 * Brings the write-ahead log to the disk and, where it has become long, into the database: in a thread of its own, since
 * that waits for the disk, which may take a fifth of a second where others use it too.
 */
export interface Checkpoints {
	/** After each commit of this connection. `rows`: how many it has changed, ever. */
	committed(rows: number): void;
	/** Resolves when the thread has caught up. Who writes much waits for it in between, or the log grows. */
	settled(): Promise<void>;
	/** Before the connection is closed, so that it is the last one. */
	close(): Promise<void>;
}

/** As it was written, or compiled. */
const entry = new URL(`./wal-flush-thread${extname(import.meta.filename)}`, import.meta.url);

/** Some four pages each: so much an end of a session may have to sync besides itself. */
const rowsBetween = 100;

/**
 * Of the file at `path`. The thread starts when it first has something to do, and keeps no process alive. `onFault` is told
 * why it could not do it; another one starts the next time.
 */
export function createCheckpoints(path: string, onFault: (cause: unknown) => void): Checkpoints {
	let rowsBefore = 0;
	let thread: Worker | undefined;
	let underWay: PromiseWithResolvers<void> | undefined;

	function settle() {
		underWay?.resolve();
		underWay = undefined;
	}

	function start(): Worker {
		// It prints nothing. To be ready to pass that on, Node would make our own stdout one that does not wait for its reader.
		const started = new Worker(entry, { workerData: path, execArgv: [], stdout: true, stderr: true });
		started.on('message', () => {
			started.unref();
			settle();
		});
		started.on('error', onFault);
		started.on('exit', () => {
			thread = undefined;
			settle();
		});
		return started;
	}

	function ask(what: 'catch up' | 'close') {
		underWay = Promise.withResolvers();
		try {
			thread ??= start();
			thread.ref();
			thread.postMessage(what);
		} catch (cause) {
			onFault(cause);
			settle();
		}
	}

	return {
		committed(rows) {
			if (rows - rowsBefore < rowsBetween || underWay !== undefined) return;
			rowsBefore = rows;
			ask('catch up');
		},
		settled: async () => underWay?.promise,
		async close() {
			await underWay?.promise;
			if (thread === undefined) return;
			ask('close');
			await underWay?.promise;
		},
	};
}
