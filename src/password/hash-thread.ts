import { parentPort, receiveMessageOnPort } from 'node:worker_threads';
import { hashSync, type Options, verifySync } from '@node-rs/argon2';

/*
 * The thread of `hash-threads.ts`: does one piece of work after the other, and ends at `close`.
 */

/** Makes a verifier; or tries one and then, whatever came of it, spends the time of a hash with these parameters. */
export type Work =
	| { readonly password: string; readonly make: Options }
	| { readonly password: string; readonly verifier: string; readonly thenSpend: Options | undefined };

/** The verifier made, or whether the password fits; and how many milliseconds it took. */
export type Done =
	| { readonly result: string | boolean; readonly tookMs: number }
	| { readonly fault: unknown; readonly tookMs: number };

function resultOf(work: Work): string | boolean {
	if ('make' in work) return hashSync(work.password, work.make);
	const isRight = verifySync(work.verifier, work.password);
	if (work.thenSpend !== undefined) hashSync(work.password, work.thenSpend);
	return isRight;
}

function doneOf(work: Work): Done {
	const startedAt = performance.now();
	try {
		const result = resultOf(work);
		return { result, tookMs: performance.now() - startedAt };
	} catch (fault) {
		return { fault, tookMs: performance.now() - startedAt };
	}
}

parentPort?.on('message', (asked: Work | 'close') => {
	const port = parentPort;
	// What already waits is begun without a turn of the event loop in between.
	for (let next: unknown = asked; port && next !== undefined; next = receiveMessageOnPort(port)?.message) {
		if (next === 'close') return port.close();
		port.postMessage(doneOf(next as Work));
	}
});
