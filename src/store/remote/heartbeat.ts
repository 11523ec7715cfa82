/*
 * Whether somebody at the other end of a connection still answers. A connection that was cut without a word looks
 * alive for minutes; so it is asked again and again, and is dead when an answer takes too long.
 */

export interface Heartbeat {
	/** Milliseconds since the last question that was answered: what came through the connection is no older than that. */
	ageMs(): number;
	stop(): void;
}

const tickMs = 100;
/** Ticks between an answer and the next question, and ticks until an answer is too late. */
const rest = 2;
const patience = 5;
/** Milliseconds until then. */
export const answerMs = patience * tickMs;

/** Up to this age an answer vouches for what is kept here: the bound of staleness across nodes is one second. */
export const freshMs = 900;

/**
 * Does something unless it is told not to in time. Counts turns of the event loop and not the time, so that a pause of
 * this process is not taken for the silence of another. Returns how to tell.
 */
export function unlessWithin(ms: number, act: () => void): () => void {
	let left = Math.ceil(ms / tickMs);
	const timer = setInterval(() => {
		left -= 1;
		if (left > 0) return;
		clearInterval(timer);
		act();
	}, tickMs);
	return () => clearInterval(timer);
}

/**
 * Asks through `beat`, beginning now. Tells `onDead` once, where it rejects or stays without an answer for half a second
 * (counted in turns of the event loop, too).
 */
export function startHeartbeat(beat: () => Promise<unknown>, onDead: (cause: unknown) => void): Heartbeat {
	let answered = Number.NEGATIVE_INFINITY;
	let waiting = false;
	let ticks = 0;
	const timer = setInterval(tick, tickMs);
	timer.unref();

	function die(cause: unknown) {
		if (stop()) onDead(cause);
	}

	function ask() {
		const askedAt = performance.now();
		waiting = true;
		ticks = 0;
		beat().then(() => {
			answered = askedAt;
			waiting = false;
			ticks = 0;
		}, die);
	}

	function tick() {
		ticks += 1;
		if (!waiting && ticks >= rest) ask();
		else if (waiting && ticks >= patience) die(new Error(`no answer within ${answerMs} ms`));
	}

	let stopped = false;
	function stop(): boolean {
		if (stopped) return false;
		stopped = true;
		clearInterval(timer);
		return true;
	}

	ask();
	return { ageMs: () => performance.now() - answered, stop };
}
