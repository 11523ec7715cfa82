import { closeSync, fdatasyncSync, openSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { parentPort, workerData } from 'node:worker_threads';
import { pagesByRoom } from './room.ts';

/*
 * The thread of `checkpoints.ts`, with a connection of its own to the file that `workerData` names: answers `catch up` once
 * the write-ahead log is on the disk and not too long, and ends at `close`.
 */

/**
 * Pages in the log, which then goes into the database: 16 MB, or less where there is little room. The next commit begins the log anew, and has to sync its
 * head while everything else waits, so that is to be rare.
 */
const longest = 4000;

/** What is committed meanwhile wants another pass, a shorter one each time. Only after a whole one the log begins anew. */
const mostPasses = 4;

type Outcome = [isBusy: number, pagesInLog: number, pagesMoved: number];

const db = new DatabaseSync(workerData, { timeout: 5000 });
db.exec('PRAGMA synchronous = FULL; PRAGMA fullfsync = ON');
const look = db.prepare('PRAGMA wal_checkpoint(NOOP)', { returnArrays: true });
// Waits for nobody, and nobody for it: the stronger kinds hold back all writers.
const pass = db.prepare('PRAGMA wal_checkpoint(PASSIVE)', { returnArrays: true });
const log = openSync(`${workerData}-wal`, 'r');

function catchUp() {
	const [, inLog] = look.get() as unknown as Outcome;
	if (inLog < pagesByRoom(workerData, longest)) {
		// The end of a session syncs all that stands before it in the log: little, this way.
		fdatasyncSync(log);
		return;
	}
	for (let passes = 0; passes < mostPasses; passes += 1) {
		const [isBusy, pages, moved] = pass.get() as unknown as Outcome;
		if (isBusy === 1 || pages === moved) return;
	}
}

parentPort?.on('message', (asked: 'catch up' | 'close') => {
	if (asked === 'close') {
		closeSync(log);
		db.close();
		parentPort?.close();
		return;
	}
	catchUp();
	parentPort?.postMessage('caught up');
});
