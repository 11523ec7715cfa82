import { readdir, readFile } from 'node:fs/promises';
import { setPriority } from 'node:os';

const threads = '/proc/self/task';
/** Of 19: enough for the kernel to let whoever answers requests go first. */
const niceness = 10;

/**
 * Passwords are hashed on the threads that libuv keeps for long work. Where such a thread and the event loop want the
 * same core, requests go first: nobody waits for somebody else's login. On Linux only; elsewhere it is left as it is.
 */
export async function letHashingWait(): Promise<void> {
	if (process.platform !== 'linux') return;
	// To read asks the threads for work: from then on they are there.
	for (const thread of await readdir(threads)) {
		const name = await readFile(`${threads}/${thread}/comm`, 'utf8').catch(() => '');
		if (name.startsWith('libuv-worker')) setPriority(Number(thread), niceness);
	}
}
