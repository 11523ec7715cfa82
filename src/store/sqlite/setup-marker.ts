import { closeSync, constants, fsyncSync, lstatSync, openSync, readFileSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { openOrMake } from '../../files/open-or-make.ts';

const text = `The installation beside this file was set up. Where its database is missing, Latchkey does not start,
so that nobody who comes along can set it up anew. Remove this file only to begin from nothing.

It also counts what was ended: a database that has counted less is a copy of an earlier time.
`;

const writing = constants.O_WRONLY | constants.O_NOFOLLOW;

/** The file that says, beside a database, that its first setup is over, and which generation of it was the last. */
export function markerOf(path: string): string {
	return `${path}.set-up`;
}

/** The generation that stands in the marker: 0 in one of an earlier version. `undefined`: there is no marker. */
export function markedGeneration(path: string): number | undefined {
	const marker = markerOf(path);
	const found = lstatSync(marker, { throwIfNoEntry: false });
	if (found === undefined) return undefined;
	// Its maker would have us write wherever it leads.
	if (found.isSymbolicLink()) throw new Error(`${marker} is a link: put a plain file there`);
	return found.isFile() ? Number(/^Generation (\d+)$/m.exec(readFileSync(marker, 'utf8'))?.[1] ?? 0) : 0;
}

/** Makes the marker. On the disk when this returns, name and all. */
export function mark(path: string, generation: number) {
	write(openOrMake(markerOf(path), writing), generation, fsyncSync);
	syncFolderOf(path);
}

/** Brings a marker that is there up to date. Does not wait for the disk: what it lacks after a power failure is caught up with. */
export function moveMark(path: string, generation: number) {
	write(openSync(markerOf(path), writing), generation, () => undefined);
}

/** In place and in one go, since its length never changes: on a full disk, too. */
function write(file: number, generation: number, sync: (file: number) => void) {
	try {
		writeSync(file, `${text}Generation ${String(generation).padStart(16, '0')}\n`, 0);
		sync(file);
	} finally {
		closeSync(file);
	}
}

/** A new file is safe from a power failure only once its folder is. */
export function syncFolderOf(path: string) {
	const folder = openSync(dirname(path), 'r');
	try {
		fsyncSync(folder);
	} finally {
		closeSync(folder);
	}
}
