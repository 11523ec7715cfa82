import type { HashQueue } from '../core/password.ts';
import type { Outcome } from '../core/refusal.ts';
import { ok, refuse } from '../core/refusal.ts';

export interface QueueLimits {
	/** How many run at once. One core stays free for everything else. */
	readonly width: number;
	/** How many more are handed to the threads, so that the next one can begin the moment that one ends. */
	readonly ahead: number;
	/** Milliseconds one may wait for its turn; who would wait longer is told so at once. */
	readonly maxWaitMs: number;
}

/** What `/metrics` shows of the queue. */
export interface QueueState {
	readonly running: number;
	readonly waiting: number;
}

interface Turn {
	start(): void;
	readonly since: number;
	/** As far as can be told from here: those that are handed over run in that order. */
	begunAt?: number;
}

/**
 * First come, first served; never more than `width` at once, and nobody waits longer than `maxWaitMs`: a flood of
 * logins makes logins refuse (`too-busy`), not sessions slow or memory full.
 */
export function createHashQueue({ width, ahead, maxWaitMs }: QueueLimits): HashQueue & { state(): QueueState } {
	const waiting: Turn[] = [];
	/** Behind those that run. */
	const handedOver: Turn[] = [];
	let running = 0;
	/** Milliseconds that one takes, smoothed. One that took very long says that the machine stood still, not that all do. */
	let usualMs = 20;
	const learn = (tookMs: number) => {
		usualMs += (Math.min(tookMs, 4 * usualMs) - usualMs) * 0.1;
	};

	const waitingInAll = () => handedOver.length + waiting.length;

	function handOver(turn: Turn) {
		if (running < width) {
			running += 1;
			turn.begunAt = performance.now();
		} else handedOver.push(turn);
		turn.start();
	}

	/** The place itself goes to who waits longest: between a leaving and an entering another could slip in. */
	function end(turn: Turn) {
		const at = handedOver.indexOf(turn);
		if (at === -1) running -= 1;
		// Begun before its turn, where another took long: that one is now known to have waited.
		else handedOver.splice(at, 1);
		const next = at === -1 ? handedOver.shift() : undefined;
		if (next !== undefined) handOver(next);
		const head = waiting.shift();
		if (head !== undefined) handOver(head);
	}

	return {
		state: () => ({ running, waiting: waitingInAll() }),
		async run<T>(hash: () => Promise<T>): Promise<Outcome<T>> {
			const { promise: started, resolve: start } = Promise.withResolvers<void>();
			const turn: Turn = { start, since: performance.now() };
			if (running + handedOver.length < width + ahead) handOver(turn);
			else {
				const expectedMs = ((waitingInAll() + 1) * usualMs) / width;
				const head = waiting[0];
				const stuckMs = head === undefined ? 0 : performance.now() - head.since;
				if (expectedMs > maxWaitMs || stuckMs > maxWaitMs) {
					return refuse({ kind: 'too-busy', retryAfterMs: Math.ceil(Math.max(1000, expectedMs)) });
				}
				waiting.push(turn);
			}
			await started;
			try {
				return ok(await hash());
			} finally {
				if (turn.begunAt !== undefined) learn(performance.now() - turn.begunAt);
				end(turn);
			}
		},
	};
}
