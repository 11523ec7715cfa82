import {
	closeSync,
	constants,
	fsyncSync,
	linkSync,
	openSync,
	readFileSync,
	rmSync,
	statSync,
	writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { makeFolder } from './make-folder.ts';
import { makeFile } from './open-or-make.ts';
import { refuseOpenFile } from './private-file.ts';

/** The text of a file that its owner alone may read; `undefined` where there is none. Throws where others may read it. */
export function readKeyFile(what: string, path: string): string | undefined {
	if (statSync(path, { throwIfNoEntry: false }) === undefined) return undefined;
	refuseOpenFile(what, path);
	return readFileSync(path, 'utf8');
}

/** Makes it where there is none, whole and on the disk, for its owner alone. Of several processes at once, one does. */
export function makeKeyFile(path: string, text: string): void {
	makeFolder(dirname(path));
	const part = `${path}.${process.pid}.part`;
	rmSync(part, { force: true });
	const file = makeFile(part, constants.O_WRONLY);
	try {
		writeSync(file, text);
		fsyncSync(file);
	} finally {
		closeSync(file);
	}
	try {
		linkSync(part, path);
		syncFolder(dirname(path));
	} catch (fault) {
		if ((fault as NodeJS.ErrnoException).code !== 'EEXIST') throw fault;
	} finally {
		rmSync(part);
	}
}

function syncFolder(path: string): void {
	if (process.platform === 'win32') return;
	const folder = openSync(path, 'r');
	try {
		fsyncSync(folder);
	} finally {
		closeSync(folder);
	}
}
