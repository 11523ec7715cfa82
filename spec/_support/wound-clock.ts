/*
 * Winds the clock of this process forward: every clock of the service follows `Date.now` ahead, and goes on from
 * there. For `test.serial`, since it holds for every service of the process; stands in `Date` again after `release`.
 */
export interface WoundClock {
	wind(ms: number): void;
	release(): void;
}

/** To be called before the service starts: its clock takes `Date.now` as it finds it. */
export function holdClock(): WoundClock {
	const real = Date.now;
	let aheadMs = 0;
	Date.now = () => real() + aheadMs;
	return {
		wind: (ms) => {
			aheadMs += ms;
		},
		release: () => {
			Date.now = real;
		},
	};
}
