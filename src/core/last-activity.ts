import type { Clock, Instant } from './clock.ts';
import type { Session, SessionKey } from './session.ts';
import type { SessionStore } from './stores.ts';

/*
 * When sessions were last used. Judged by the millisecond, written seldom: a check must not cost a write. This
 * process keeps what it has seen and tells the store once in `flushIntervalMs` per session: at the first use after a pause (so
 * that other processes learn of it at once), and at the end of the time (so that they know the latest). What a crash
 * loses only makes a session look older, by `flushIntervalMs` at the most, which is a small part of the inactivity interval.
 */

export interface Activity {
	/** The later of what the session says and what this process has seen. */
	lastOf(session: Session): Instant;
	record(session: Session, at: Instant): void;
	/** Writes what is due, or everything (at the end). A failure is handed to `onFault` and tried again later. */
	flush(everything?: 'everything'): Promise<void>;
	stop(): Promise<void>;
}

interface Seen {
	at: Instant;
	/** What the store was told last. */
	written: Instant;
	/** When it was told. */
	writtenAt: Instant;
}

export interface ActivityParts {
	readonly store: Pick<SessionStore, 'touch'>;
	readonly clock: Clock;
	/** Milliseconds. */
	readonly flushIntervalMs: number;
	readonly onFault: (cause: unknown) => void;
}

/** How long activity may be held back: a tenth of the inactivity interval, a minute at the most. */
export function flushIntervalFor(inactivityMs: number): number {
	return inactivityMs > 0 ? Math.min(60_000, Math.floor(inactivityMs / 10)) : 60_000;
}

export function createActivity({ store, clock, flushIntervalMs, onFault }: ActivityParts): Activity {
	const seen = new Map<SessionKey, Seen>();
	const timer = setInterval(() => void flush(), Math.max(20, Math.min(1000, flushIntervalMs / 4)));
	timer.unref();
	let flushing: Promise<void> | undefined;

	async function write(everything: boolean) {
		const now = clock.now();
		const due = new Map<SessionKey, Instant>();
		for (const [key, entry] of seen) {
			const pending = entry.at > entry.written;
			const rested = now - entry.writtenAt >= flushIntervalMs;
			if (pending && (rested || everything)) due.set(key, entry.at);
			// Nothing to tell and long told: the store knows as much as we do.
			else if (!pending && rested) seen.delete(key);
		}
		if (due.size === 0) return;
		await store.touch(due);
		for (const [key, at] of due) {
			const entry = seen.get(key);
			if (entry) {
				entry.written = at;
				entry.writtenAt = now;
			}
		}
	}

	async function flush(everything?: 'everything'): Promise<void> {
		// One that is under way may have begun without what is asked for now.
		if (everything !== undefined) await flushing;
		flushing ??= write(everything !== undefined)
			.catch(onFault)
			.finally(() => {
				flushing = undefined;
			});
		return flushing;
	}

	return {
		lastOf(session) {
			const at = seen.get(session.key)?.at;
			return at !== undefined && at > session.lastActivityAt ? at : session.lastActivityAt;
		},
		record(session, at) {
			const entry = seen.get(session.key);
			if (entry === undefined) {
				seen.set(session.key, { at, written: session.lastActivityAt, writtenAt: session.lastActivityAt });
			} else if (at > entry.at) {
				entry.at = at;
			}
		},
		flush,
		async stop() {
			clearInterval(timer);
			await flush('everything');
		},
	};
}
