import type { Sessions } from '../core/sessions.ts';
import type { Log } from '../observability/log.ts';

/** Milliseconds between two sweeps. */
const sweepEveryMs = 60_000;
/** And between two batches of one: who logs in meanwhile should not notice. Still some 700 sessions a second. */
const pauseMs = 25;

/** Drops expired sessions from time to time, one sweep after the other. Returns how to stop. */
export function startSweeping(sessions: Pick<Sessions, 'sweep'>, log: Log): () => void {
	const pause = () => new Promise((done) => setTimeout(done, pauseMs));
	let running = false;

	async function sweep() {
		if (running) return;
		running = true;
		try {
			await sessions.sweep(pause);
		} catch (cause) {
			log.warn({ cause }, 'expired sessions could not be swept');
		} finally {
			running = false;
		}
	}

	const timer = setInterval(() => void sweep(), sweepEveryMs).unref();
	return () => clearInterval(timer);
}
