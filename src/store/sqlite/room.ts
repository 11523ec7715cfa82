import { statfsSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

const pageBytes = 4096;
/** The share of a disk that the write-ahead log may take. */
const share = 1 / 16;
const fewestPages = 64;

/** How long the log of the database at `path` may grow, in pages: `most`, and less on a small disk. */
export function pagesByDisk(path: string, most: number): number {
	return bounded(() => {
		const { blocks, bsize } = statfsSync(dirname(path));
		return blocks * bsize;
	}, most);
}

/** The same by the room that is there, what the log has taken among it. */
export function pagesByRoom(path: string, most: number): number {
	return bounded(() => {
		const { bavail, bsize } = statfsSync(dirname(path));
		return bavail * bsize + (statSync(`${path}-wal`, { throwIfNoEntry: false })?.size ?? 0);
	}, most);
}

function bounded(bytes: () => number, most: number): number {
	try {
		return Math.min(most, Math.max(fewestPages, Math.floor((bytes() * share) / pageBytes)));
	} catch {
		// A file system that does not say.
		return most;
	}
}
