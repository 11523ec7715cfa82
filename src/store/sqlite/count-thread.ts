import { DatabaseSync } from 'node:sqlite';
import { parentPort, workerData } from 'node:worker_threads';

/*
 * The thread of `count.ts`: answers with how many rows there are, and ends.
 */
const db = new DatabaseSync(workerData.path, { readOnly: true, timeout: 5000 });
const { count } = db.prepare(`SELECT count(*) AS count FROM ${workerData.table}`).get() ?? {};
db.close();
parentPort?.postMessage(count);
