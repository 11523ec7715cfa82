import type { HashQueue } from './password.ts';
import type { Outcome } from './refusal.ts';
import { granted, refused } from './refusal.ts';

export interface QueueLimits {
	/** How many run at once. One core stays free for everything else. */
	readonly width: number;
	/** Milliseconds one may wait for its turn; who would wait longer is told so at once. */
	readonly maxWaitMs: number;
}

/** What `/metrics` shows of the queue. */
export interface QueueState {
	readonly running: number;
	readonly waiting: number;
}

/**
 * First come, first served; never more than `width` at once, and nobody waits longer than `maxWaitMs`: a flood of
 * logins makes logins refuse (`too-busy`), not sessions slow or memory full.
 */
export function createHashQueue({ width, maxWaitMs }: QueueLimits): HashQueue & { state(): QueueState } {
	const waiting: { start: () => void; since: number }[] = [];
	let running = 0;
	/** Milliseconds that one takes, smoothed. One that took very long says that the machine stood still, not that all do. */
	let usualMs = 20;
	const learn = (tookMs: number) => {
		usualMs += (Math.min(tookMs, 4 * usualMs) - usualMs) * 0.1;
	};

	/** The place itself goes to who waits longest: between a leaving and an entering another could slip in. */
	function next() {
		const head = waiting.shift();
		if (head === undefined) running -= 1;
		else head.start();
	}

	return {
		state: () => ({ running, waiting: waiting.length }),
		async run<T>(hash: () => Promise<T>): Promise<Outcome<T>> {
			if (running >= width) {
				const expectedMs = ((waiting.length + 1) * usualMs) / width;
				const head = waiting[0];
				const stuckMs = head === undefined ? 0 : performance.now() - head.since;
				if (expectedMs > maxWaitMs || stuckMs > maxWaitMs) {
					return refused({ kind: 'too-busy', retryAfterMs: Math.ceil(Math.max(1000, expectedMs)) });
				}
				await new Promise<void>((start) => waiting.push({ start, since: performance.now() }));
			} else {
				running += 1;
			}
			const startedAt = performance.now();
			try {
				return granted(await hash());
			} finally {
				learn(performance.now() - startedAt);
				next();
			}
		},
	};
}
