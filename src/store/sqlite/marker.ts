import { closeSync, existsSync, fsyncSync, openSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

const text = `The installation beside this file was set up. Where its database is missing, Latchkey does not start,
so that nobody who comes along can set it up anew. Remove this file only to begin from nothing.
`;

/** The file that says, beside a database, that its first setup is over. */
export function markerOf(path: string): string {
	return `${path}.set-up`;
}

export function isMarked(path: string): boolean {
	return existsSync(markerOf(path));
}

/** On the disk when this returns, name and all. */
export function mark(path: string) {
	const marker = openSync(markerOf(path), 'w', 0o600);
	try {
		writeSync(marker, text);
		fsyncSync(marker);
	} finally {
		closeSync(marker);
	}
	syncFolderOf(path);
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
