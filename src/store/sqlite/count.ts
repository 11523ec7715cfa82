import { once } from 'node:events';
import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { StoreUnavailable } from '../../core/stores.ts';
import type { SqliteFile } from './connection.ts';

/** As it was written, or compiled. */
const entry = new URL(`./count-thread${extname(import.meta.filename)}`, import.meta.url);

/** A millisecond or two. */
const mostCountedHere = 100_000;

/**
 * Counts the rows of a table whose `id` is its row id: where they may be many, in a thread. SQLite reads all of an index for it: ten
 * million rows take 140 ms, and some seconds where they are not in memory yet.
 */
export function createCount(file: SqliteFile, table: string) {
	const rows = file.prepare<[number]>(`SELECT count(*) FROM ${table}`);
	// In two parts: SQLite finds one end of a table without reading the rest, and not both.
	const ids = file.prepare<[number]>(
		`SELECT coalesce((SELECT max(id) FROM ${table}) - (SELECT min(id) FROM ${table}), 0)`,
	);
	let underWay: Promise<number> | undefined;

	return {
		async count(): Promise<number> {
			const { path } = file;
			const isShort = path === undefined || file.read(() => ids.get()?.[0] ?? 0) < mostCountedHere;
			if (isShort) return file.read(() => rows.get()?.[0] ?? 0);
			underWay ??= countApart(path, table).finally(() => {
				underWay = undefined;
			});
			return underWay;
		},
		/** Before the file is closed, so that its connection is the last one. */
		settled: () => underWay?.catch(() => undefined),
	};
}

async function countApart(path: string, table: string): Promise<number> {
	// It prints nothing. To be ready to pass that on, Node would make our own stdout one that does not wait for its reader.
	const thread = new Worker(entry, { workerData: { path, table }, execArgv: [], stdout: true, stderr: true });
	try {
		const [count] = await once(thread, 'message');
		return count;
	} catch (cause) {
		throw new StoreUnavailable('SQLite', { cause });
	}
}
