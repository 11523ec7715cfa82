import { DatabaseSync } from 'node:sqlite';
import { parentPort, workerData } from 'node:worker_threads';

/*
 * The thread of `checkpoints.ts`, with a connection of its own to the file that `workerData` names: answers `checkpoint`
 * once the write-ahead log is in the database, and ends at `close`.
 */

/** What is committed meanwhile wants another pass, a shorter one each time. Only after a whole one the log begins anew. */
const mostPasses = 4;

const db = new DatabaseSync(workerData, { timeout: 5000 });
db.exec('PRAGMA synchronous = FULL; PRAGMA fullfsync = ON');
// Waits for nobody, and nobody for it: the stronger kinds hold back whoever writes.
const pass = db.prepare('PRAGMA wal_checkpoint(PASSIVE)', { returnArrays: true });

function checkpoint() {
	for (let passes = 0; passes < mostPasses; passes += 1) {
		const [isBusy, frames, moved] = pass.get() as unknown as [isBusy: number, frames: number, moved: number];
		if (isBusy === 1 || frames === moved) return;
	}
}

parentPort?.on('message', (asked: 'checkpoint' | 'close') => {
	if (asked === 'close') {
		db.close();
		parentPort?.close();
		return;
	}
	checkpoint();
	parentPort?.postMessage('done');
});
