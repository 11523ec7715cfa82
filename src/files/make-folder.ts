import { closeSync, constants, mkdirSync, openSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { giveToService } from './open-or-make.ts';

/**
 * Makes a folder and what is missing above it, all of them for their owner only. Throws where that cannot be: one folder
 * at a time, since Node's `recursive` never ends in a file system that answers ENOENT to every `mkdir`, as `/proc` does.
 */
export function makeFolder(path: string): void {
	if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) return;
	const above = dirname(path);
	if (above !== path) makeFolder(above);
	try {
		mkdirSync(path, 0o700);
		if (process.geteuid?.() === 0) giveFolder(path);
	} catch (fault) {
		if (!isCode(fault, 'EEXIST')) throw fault;
		// Made by somebody else meanwhile; or it is no folder.
		if (!statSync(path).isDirectory()) throw new Error(`${path} is no folder`, { cause: fault });
	}
}

/** A link that somebody has put in its place meanwhile is not followed. */
function giveFolder(path: string) {
	const folder = openSync(path, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW);
	try {
		giveToService(folder, path);
	} finally {
		closeSync(folder);
	}
}

function isCode(fault: unknown, code: string): boolean {
	return fault instanceof Error && 'code' in fault && fault.code === code;
}
