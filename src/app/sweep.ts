import type { ApiTokens } from '../core/api-tokens.ts';
import type { AuditTrail } from '../core/audit-trail.ts';
import type { Identities } from '../core/identities.ts';
import type { Invitations } from '../core/invitations.ts';
import type { Sessions } from '../core/sessions.ts';
import type { Log } from '../observability/log.ts';

/** Milliseconds between two sweeps. */
const sweepEveryMs = 60_000;
/** How many sweeps lie between two counts of what was imported: each reads all identities. */
const recountEvery = 60;
/** And between two batches of one: who logs in meanwhile should not notice. Still some 700 sessions a second. */
const pauseMs = 25;

export interface SweptParts {
	readonly sessions: Pick<Sessions, 'sweep'>;
	readonly identities: Pick<Identities, 'sweep'>;
	readonly apiTokens: Pick<ApiTokens, 'sweep'>;
	readonly invitations: Pick<Invitations, 'sweep'>;
	readonly auditTrail: Pick<AuditTrail, 'sweep'>;
	recountVerifiers(): Promise<void>;
}

/** Drops what has expired from time to time, one sweep after the other. Returns how to stop. */
export function startSweeping(parts: SweptParts, log: Log): () => void {
	const { sessions, identities, apiTokens, invitations, auditTrail } = parts;
	const pause = () => new Promise((done) => setTimeout(done, pauseMs));
	let running = false;
	let sweeps = 0;

	async function sweep() {
		if (running) return;
		running = true;
		try {
			await sessions.sweep(pause);
			await identities.sweep();
			await apiTokens.sweep();
			await invitations.sweep();
			await auditTrail.sweep(pause);
			if (sweeps++ % recountEvery === 0) await parts.recountVerifiers();
		} catch (cause) {
			log.warn({ cause }, 'what has expired could not be swept');
		} finally {
			running = false;
		}
	}

	const timer = setInterval(() => void sweep(), sweepEveryMs).unref();
	return () => clearInterval(timer);
}
