import type { Clock } from '../core/clock.ts';
import type { Log } from '../observability/log.ts';
import type { ClientTrust } from './verdict.ts';

/** With the sessions that it opened, a certificate is out within ten seconds of the list that names it. */
const lookEveryMs = 5_000;
/** And so long after a certificate has expired, at the most. */
const judgeEveryMs = 600_000;

export interface FollowParts {
	readonly trust: ClientTrust | undefined;
	/** For the https server, where there is one of our own: a proxy may forward the certificates. */
	reloadTls?(): void;
	/** Ends the sessions whose certificate is refused now. Rejects where that must be tried again. */
	judgeSessions(trust: ClientTrust): Promise<unknown>;
	readonly clock: Clock;
	readonly log: Pick<Log, 'warn'>;
}

export interface Following {
	/** For a signal that says: the files have changed. */
	lookNow(): void;
	/** Resolves when nothing is under way any more. */
	stop(): Promise<void>;
}

/**
 * Looks again and again whether the files of certificates have changed. Does not keep the process alive. Sessions are
 * judged when they have, every ten minutes, and once at the beginning: what was revoked while nobody looked counts, too.
 */
export function followCertificates({ trust, reloadTls, judgeSessions, clock, log }: FollowParts): Following {
	let isDue = true;
	let judgedAt = clock.now();
	let judging: Promise<void> | undefined;

	async function judge(by: ClientTrust) {
		try {
			while (isDue) {
				isDue = false;
				judgedAt = clock.now();
				await judgeSessions(by);
			}
		} catch (cause) {
			isDue = true; // at the next look
			log.warn({ cause }, 'sessions opened by certificate could not be judged again; it will be tried again');
		}
	}

	function judgeIfDue() {
		if (!trust || !isDue || judging !== undefined) return;
		judging = judge(trust).finally(() => {
			judging = undefined;
		});
	}

	function lookNow() {
		if (trust?.reload() || clock.now() - judgedAt >= judgeEveryMs) isDue = true;
		reloadTls?.(); // after trust: it shows clients which CAs are asked for
		judgeIfDue();
	}

	judgeIfDue();
	const timer = setInterval(lookNow, lookEveryMs).unref();
	return {
		lookNow,
		async stop() {
			clearInterval(timer);
			await judging;
		},
	};
}
