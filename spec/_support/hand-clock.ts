import type { Clock, Instant } from '../../src/core/clock.ts';

export const minuteMs = 60_000;

export interface HandClock extends Clock {
	/** Lets so many milliseconds pass. */
	wind(ms: number): void;
}

/** A clock that stands still until it is wound. */
export function createHandClock(startMs = 1_800_000_000_000): HandClock {
	let now = startMs;
	return {
		now: () => now as Instant,
		wind(ms) {
			now += ms;
		},
	};
}
