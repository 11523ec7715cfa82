import { randomInt, scryptSync } from 'node:crypto';
import { parentPort, receiveMessageOnPort } from 'node:worker_threads';
import { hashSync, type Options } from '@node-rs/argon2';
import { paceKey, tryVerifier } from './try-verifier.ts';

/*
 * The thread of `pool.ts`: does one piece of work after the other, and ends at `close`.
 */

/** Makes a verifier, tries one, or makes the digest of a recovery code. */
export type Work = { readonly password: string } & (Making | Trying | Digesting);

interface Making {
	readonly make: Options;
}

export interface Trying {
	readonly verifier: string;
	/** Verifiers that no password fits. Takes no less time than trying the slowest of these does, and is one of them where it is of their kind. */
	readonly paces?: readonly string[];
}

interface Digesting {
	readonly digest: {
		readonly salt: string;
		readonly bytes: number;
		readonly N: number;
		readonly r: number;
		readonly p: number;
	};
}

/** The verifier or digest made, or whether the password fits; and how many milliseconds it took. */
export type Done =
	| { readonly result: string | boolean; readonly tookMs: number }
	| { readonly fault: unknown; readonly tookMs: number };

/** Of each kind that set a pace: milliseconds that the last ones took. */
const usual = new Map<string, number[]>();
const mostUsual = 32;
const mostKinds = 64;
/** What waiting is made of: some microseconds each. */
const crumb: Options = { memoryCost: 8, timeCost: 1, parallelism: 1 };

function noteUsual(key: string, tookMs: number): readonly number[] {
	const times = [...(usual.get(key) ?? []), tookMs].slice(-mostUsual);
	usual.delete(key);
	usual.set(key, times);
	const [oldest] = usual.keys();
	if (usual.size > mostKinds && oldest !== undefined) usual.delete(oldest);
	return times;
}

/** One of them, whichever: so that those who keep the pace are spread as they are, and not only as long on average. */
function paceOf(key: string, decoy: string, password: string): number {
	let times: readonly number[] | undefined = usual.get(key);
	if (times === undefined) {
		const startedAt = performance.now();
		tryVerifier(decoy, password);
		times = noteUsual(key, performance.now() - startedAt);
	}
	return times[randomInt(times.length)] ?? 0;
}

function tried({ password, verifier, paces = [] }: Trying & { readonly password: string }): boolean {
	const own = paceKey(verifier, password);
	let lastsMs = 0;
	let sets = false;
	for (const decoy of paces) {
		const key = paceKey(decoy, password);
		if (key === own) sets = true;
		else lastsMs = Math.max(lastsMs, paceOf(key, decoy, password));
	}
	const startedAt = performance.now();
	const isRight = tryVerifier(verifier, password);
	if (sets) noteUsual(own, performance.now() - startedAt);
	while (performance.now() - startedAt < lastsMs) hashSync(password, crumb);
	return isRight;
}

function made({ password, make }: Making & { readonly password: string }): string {
	const startedAt = performance.now();
	const verifier = hashSync(password, make);
	noteUsual(paceKey(verifier, password), performance.now() - startedAt);
	return verifier;
}

function digested({ password, digest }: Digesting & { readonly password: string }): string {
	const { salt, bytes, ...cost } = digest;
	return scryptSync(password, salt, bytes, cost).toString('base64url');
}

function resultOf(work: Work): string | boolean {
	if ('digest' in work) return digested(work);
	return 'make' in work ? made(work) : tried(work);
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
