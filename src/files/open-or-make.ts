import { constants, fchownSync, openSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

const { O_CREAT, O_EXCL } = constants;

/** Opens a file, and makes it where there is none: for its owner alone, who is that of its folder where root makes it. */
export function openOrMake(path: string, flags: number): number {
	try {
		return makeFile(path, flags);
	} catch (fault) {
		if ((fault as NodeJS.ErrnoException).code !== 'EEXIST') throw fault;
		return openSync(path, flags | O_CREAT, 0o600);
	}
}

/** The same where there must be none: EEXIST otherwise. */
export function makeFile(path: string, flags: number): number {
	const file = openSync(path, flags | O_CREAT | O_EXCL, 0o600);
	giveToService(file, path);
	return file;
}

/**
 * What an operator's `sudo latchkey …` makes is for the service, which runs as somebody else, and could not use it: it gets the
 * owner of the folder around it. SQLite does so with its log. Only of what this process has just made, and by its descriptor:
 * the owner of the folder could put a link in its place.
 */
export function giveToService(file: number, path: string): void {
	if (process.geteuid?.() !== 0) return;
	const { uid, gid } = statSync(dirname(path));
	if (uid !== 0) fchownSync(file, uid, gid);
}

/** What a fault says; where a file belongs to somebody else, that, too. */
export function messageOf(fault: Error): string {
	const { code, path, message } = fault as NodeJS.ErrnoException;
	if (code !== 'EACCES' || path === undefined) return message;
	try {
		const { uid } = statSync(path);
		if (uid === process.geteuid?.()) return message;
		return `${path} belongs to somebody else (uid ${uid}): chown it to who runs this`;
	} catch {
		return message;
	}
}
