import { accessSync, constants, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';

const inMemory = '/dev/shm';
const roomBytes = 512 * 1024 * 1024;

/**
 * Where data of a service stand that is started for a spec: in memory, where there is room, since a disk that others use
 * too takes a tenth of a second for what SQLite flushes at a start. What is asked of the kernel is the same.
 */
export const dataDir = hasRoom() ? inMemory : tmpdir();

function hasRoom(): boolean {
	try {
		accessSync(inMemory, constants.W_OK);
		const { bavail, bsize } = statfsSync(inMemory);
		return bavail * bsize > roomBytes;
	} catch {
		return false;
	}
}
