const tickMs = 10;
const mostMs = 50;

export interface OwnTime {
	/** Milliseconds. */
	now(): number;
	stop(): void;
}

/**
 * A clock that stands still while the machine lets this process wait: what is promised within a second of a process that
 * runs cannot be held against one that does not. It goes on by 50 milliseconds at the most between two turns of the event
 * loop.
 */
export function startOwnTime(): OwnTime {
	let own = 0;
	let last = performance.now();
	const sinceLast = () => Math.min(performance.now() - last, mostMs);
	const timer = setInterval(() => {
		own += sinceLast();
		last = performance.now();
	}, tickMs);
	return { now: () => own + sinceLast(), stop: () => clearInterval(timer) };
}
