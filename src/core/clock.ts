import type { Brand } from './brand.ts';

/** A moment: milliseconds since 1970-01-01T00:00:00Z. Never seconds. */
export type Instant = Brand<number, 'Instant'>;

export interface Clock {
	now(): Instant;
}

/**
 * A clock that never goes back: where the machine's clock is set back, time goes on at its real pace from
 * where it was, so that no session outlives its limit by it. Where it is set forward, this clock follows.
 */
export function createClock(wallMs: () => number = Date.now, elapsedMs: () => number = () => performance.now()): Clock {
	let last = wallMs();
	let lastElapsed = elapsedMs();
	return {
		now() {
			const elapsed = elapsedMs();
			last = Math.max(wallMs(), last + (elapsed - lastElapsed));
			lastElapsed = elapsed;
			return Math.floor(last) as Instant;
		},
	};
}
