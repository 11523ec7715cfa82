import { randomInt } from 'node:crypto';
import { parentPort, receiveMessageOnPort } from 'node:worker_threads';
import { hashSync, type Options, verifySync } from '@node-rs/argon2';

/*
 * The thread of `hash-threads.ts`: does one piece of work after the other, and ends at `close`.
 */

/** Makes a verifier, or tries one. */
export type Work = { readonly password: string } & (Making | Trying);

interface Making {
	readonly make: Options;
}

export interface Trying {
	readonly verifier: string;
	/** `sets`: its time is what others have to take. With parameters: takes no less time than verifiers made with these. */
	readonly pace?: 'sets' | Options;
}

/** The verifier made, or whether the password fits; and how many milliseconds it took. */
export type Done =
	| { readonly result: string | boolean; readonly tookMs: number }
	| { readonly fault: unknown; readonly tookMs: number };

/** Milliseconds that the last ones took which set the pace. */
const usual: number[] = [];
const mostUsual = 32;
/** What waiting is made of: some microseconds each. */
const crumb: Options = { memoryCost: 8, timeCost: 1, parallelism: 1 };

function noteUsual(tookMs: number) {
	usual.push(tookMs);
	if (usual.length > mostUsual) usual.shift();
}

/** One of them, whichever: so that those who keep the pace are spread as they are, and not only as long on average. */
function paceOf(parameters: Options): number {
	if (usual.length === 0) {
		const startedAt = performance.now();
		hashSync('', parameters);
		noteUsual(performance.now() - startedAt);
	}
	return usual[randomInt(usual.length)] ?? 0;
}

function resultOf(work: Work): string | boolean {
	if ('make' in work) return hashSync(work.password, work.make);
	const { password, verifier, pace } = work;
	const lastsMs = typeof pace === 'object' ? paceOf(pace) : 0;
	const startedAt = performance.now();
	const isRight = verifySync(verifier, password);
	while (performance.now() - startedAt < lastsMs) hashSync(password, crumb);
	return isRight;
}

function doneOf(work: Work): Done {
	const startedAt = performance.now();
	try {
		const result = resultOf(work);
		const tookMs = performance.now() - startedAt;
		if ('make' in work || work.pace === 'sets') noteUsual(tookMs);
		return { result, tookMs };
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
