import type { ApiTokens } from '../core/api-tokens.ts';
import type { Identities } from '../core/identities.ts';
import type { Sessions } from '../core/sessions.ts';
import type { Log } from '../observability/log.ts';

/** Milliseconds between two sweeps. */
const sweepEveryMs = 60_000;
/** And between two batches of one: who logs in meanwhile should not notice. Still some 700 sessions a second. */
const pauseMs = 25;

export interface SweptParts {
	readonly sessions: Pick<Sessions, 'sweep'>;
	readonly identities: Pick<Identities, 'sweep'>;
	readonly apiTokens: Pick<ApiTokens, 'sweep'>;
}

/** Drops what has expired from time to time, one sweep after the other. Returns how to stop. */
export function startSweeping({ sessions, identities, apiTokens }: SweptParts, log: Log): () => void {
	const pause = () => new Promise((done) => setTimeout(done, pauseMs));
	let running = false;

	async function sweep() {
		if (running) return;
		running = true;
		try {
			await sessions.sweep(pause);
			await identities.sweep();
			await apiTokens.sweep();
		} catch (cause) {
			log.warn({ cause }, 'what has expired could not be swept');
		} finally {
			running = false;
		}
	}

	const timer = setInterval(() => void sweep(), sweepEveryMs).unref();
	return () => clearInterval(timer);
}
