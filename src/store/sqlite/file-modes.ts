import { chmodSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { markerOf } from './setup-marker.ts';

const forOthers = 0o077;
const othersWrite = 0o002;
const sticky = 0o1000;

/**
 * Takes a database, and what stands beside it, away from everybody but its owner: verifiers of passwords are in it.
 * `tell` hears of each file that was open to others, and of a folder where they may replace it. Throws where others may
 * write it, and that cannot be mended.
 */
export function closeToOthers(path: string, tell: (notice: string) => void): void {
	if (process.platform === 'win32') return;
	const open = [path, `${path}-wal`, `${path}-shm`, markerOf(path)].filter(isOpen);
	const closed = open.filter((file) => closeFile(file, tell));
	if (closed.length > 0) tell(`open to others until now, and no longer (mode 0600): ${closed.join(', ')}`);
	const folder = dirname(path);
	const { mode } = statSync(folder);
	if ((mode & othersWrite) !== 0 && (mode & sticky) === 0)
		tell(`anybody on this machine may replace what stands in ${folder} (mode ${inOctal(mode)}): chmod 700 ${folder}`);
}

function isOpen(file: string): boolean {
	const found = statSync(file, { throwIfNoEntry: false });
	return found?.isFile() === true && (found.mode & forOthers) !== 0;
}

function closeFile(file: string, tell: (notice: string) => void): boolean {
	try {
		chmodSync(file, 0o600);
		return true;
	} catch (cause) {
		const { mode } = statSync(file);
		const how = `${file} is open to others (mode ${inOctal(mode)}), and belongs to somebody else: chown it to who runs this, and chmod 600 ${file}`;
		if ((mode & othersWrite) !== 0) throw new Error(how, { cause });
		tell(how);
		return false;
	}
}

function inOctal(mode: number): string {
	return (mode & 0o7777).toString(8).padStart(4, '0');
}
