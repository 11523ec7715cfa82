import type { Audit, AuditEvent } from './audit.ts';
import type { Clock, Instant } from './clock.ts';
import type { IdentityId, IdentityName } from './identity.ts';
import { StoreUnavailable } from './stores.ts';

/*
 * What was done with the login of an identity, for itself and for administrators to look at. The audit tells of it; it is written
 * behind, so that no login waits for it, and a crash loses a second. The audit's log is the record; this is a view of its last days.
 */

/** One line of it. There is no more in it than in the audit, besides `device`. */
export interface HistoryEvent
	extends Pick<
		AuditEvent,
		'act' | 'outcome' | 'reason' | 'dialect' | 'method' | 'needs' | 'purpose' | 'actor' | 'address' | 'device'
	> {
	/** No two of one identity at the same one, as far as one process tells. */
	readonly at: Instant;
}

export interface NamedHistoryEvent extends HistoryEvent {
	readonly identity: IdentityName;
}

/** How many are kept of an identity. What was refused gives way first, down to `refused`: a guesser pushes nothing else out. */
export interface HistoryLimits {
	readonly all: number;
	readonly refused: number;
}

/** Kept beside identities, and gone with them. Promises: `spec/store/history-store.contract.ts`. */
export interface HistoryStore {
	/** Of a name that nobody has, nothing is kept. */
	write(events: readonly NamedHistoryEvent[]): Promise<void>;
	/** Newest first. `before`: older than that. */
	list(of: IdentityId, limit: number, before?: Instant): Promise<readonly HistoryEvent[]>;
	/** Forgets the oldest of an identity, beyond the limits. */
	trim(of: IdentityName, limits: HistoryLimits): Promise<void>;
	/** Forgets those from before that moment. Housekeeping, in batches: returns whether there may be more. */
	sweep(before: Instant): Promise<boolean>;
}

export interface History {
	/** An audit that writes to this one, and to the history what belongs there. The device is no matter of the audit's lines. */
	behind(audit: Audit): Audit;
	/** With what this process has not written yet. */
	list: HistoryStore['list'];
	flush(): Promise<void>;
	sweep(pause: () => Promise<unknown>): Promise<void>;
	stop(): Promise<void>;
}

export interface HistoryParts {
	readonly store: HistoryStore;
	readonly clock: Clock;
	/** Something could not be written; it will be tried again where the store was away. */
	readonly onFault: (cause: unknown) => void;
}

const dayMs = 86_400_000;
/** Ours. */
export const historyMs = 90 * dayMs;
export const historyLimits: HistoryLimits = { all: 1000, refused: 500 };
const flushIntervalMs = 1000;
/** Not yet written, where the store is away: what comes then is in the audit alone. */
const mostPending = 10_000;
const minuteMs = 60_000;
/**
 * Of one kind, of an identity, in a minute; of refusals, in a session. What no limit on guessing counts can be done as often as somebody likes: to fill the disk, or
 * to push out what they would hide.
 */
const mostInMinute = { ok: 200, refused: 20 } as const;
/** In one write: others want to write, too. */
const mostAtOnce = 500;

const acts: ReadonlySet<AuditEvent['act']> = new Set<AuditEvent['act']>([
	...(['setup', 'login', 'logout', 'proof', 'session-end', 'session-stolen', 'access'] as const),
	...(['password-change', 'password-reset', 'invitation-add', 'invitation-use'] as const),
	...(['authenticator-add', 'authenticator-remove', 'authenticator-reset', 'authenticator-cloned'] as const),
	...(['recovery-codes', 'token-add', 'token-end'] as const),
	...(['identity-add', 'identity-rename', 'identity-disable', 'identity-enable'] as const),
]);

/** Where nothing was tried, a guesser would fill it for nothing; what follows by itself from another act says nothing new. */
function isKept({ act, outcome, reason, method, actor }: AuditEvent): boolean {
	if (!acts.has(act) || reason === 'too-many-attempts' || reason === 'too-busy') return false;
	if (act === 'identity-add') return outcome === 'ok';
	if (act === 'session-end') return actor !== undefined;
	if (act === 'access') return outcome === 'refused' && method === 'basic';
	return true;
}

export function createHistory({ store, clock, onFault }: HistoryParts): History {
	let pending: NamedHistoryEvent[] = [];
	/** By somebody, since the last write. */
	let ended = new Set<string>();
	let minute: { readonly since: Instant; readonly counts: Map<string, number> } = {
		since: clock.now(),
		counts: new Map(),
	};
	/** The newest event of each name, where the next could fall onto the same moment. */
	const lastOf = new Map<IdentityName, Instant>();
	/** Since they were trimmed last. */
	const grown = new Set<IdentityName>();
	let flushing: Promise<void> | undefined;
	const timer = setInterval(() => void flush(), flushIntervalMs);
	timer.unref();

	function isOneTooMany(name: IdentityName, { act, outcome, reason, method, session }: AuditEvent): boolean {
		const now = clock.now();
		// Also where the clock was set back.
		if (Math.abs(now - minute.since) >= minuteMs) minute = { since: now, counts: new Map() };
		// A thief of one session hides none of another.
		const of = outcome === 'refused' ? session : undefined;
		const kind = [name, act, outcome, reason, method, of].join('\n');
		const count = (minute.counts.get(kind) ?? 0) + 1;
		minute.counts.set(kind, count);
		return count > mostInMinute[outcome];
	}

	function record(event: AuditEvent): void {
		const { identity, newName, act, outcome, actor, requestId } = event;
		if (identity === undefined) return;
		// What is not written yet goes by the name that its identity has when it is.
		if (act === 'identity-remove' && outcome === 'ok') pending = pending.filter((each) => each.identity !== identity);
		if (newName !== undefined) {
			pending = pending.map((each) => (each.identity === identity ? { ...each, identity: newName } : each));
		}
		if (!isKept(event) || pending.length >= mostPending) return;
		const name = newName ?? identity;
		if (act === 'session-end') {
			// One request may end a hundred.
			const end = `${name}\n${actor}\n${requestId}`;
			if (ended.has(end)) return;
			ended.add(end);
		}
		if (isOneTooMany(name, event)) return;
		const at = Math.max(clock.now(), (lastOf.get(name) ?? -1) + 1) as Instant;
		lastOf.set(name, at);
		pending.push({ identity: name, at, ...factsOf(event) });
	}

	async function write(): Promise<void> {
		ended = new Set();
		const now = clock.now();
		for (const [name, at] of lastOf) if (at < now) lastOf.delete(name);
		while (pending.length > 0) {
			const events = pending.slice(0, mostAtOnce);
			pending = pending.slice(mostAtOnce);
			for (const { identity } of events) grown.add(identity);
			try {
				await store.write(events);
			} catch (cause) {
				onFault(cause);
				// What fails for another reason would fail again, and stand in the way of all that follows.
				if (!(cause instanceof StoreUnavailable)) continue;
				pending = [...events, ...pending];
				return;
			}
		}
	}

	async function flush(): Promise<void> {
		flushing ??= write().finally(() => {
			flushing = undefined;
		});
		return flushing;
	}

	return {
		behind: (audit) => ({
			write(event) {
				const { device: _, ...line } = event;
				audit.write(line);
				record(event);
			},
		}),
		async list(...asked) {
			// One that is under way may have begun without the newest.
			await flushing;
			await flush();
			return store.list(...asked);
		},
		flush,
		async sweep(pause) {
			for (const name of [...grown]) {
				grown.delete(name);
				try {
					await store.trim(name, historyLimits);
				} catch (cause) {
					grown.add(name);
					throw cause;
				}
				await pause();
			}
			while (await store.sweep((clock.now() - historyMs) as Instant)) await pause();
		},
		async stop() {
			clearInterval(timer);
			await flushing;
			await flush();
		},
	};
}

/** From where somebody else did it is their business. */
function factsOf(event: AuditEvent) {
	const { identity, act, outcome, reason, dialect, method, needs, purpose, actor, address, device } = event;
	const isOwn = actor === undefined || actor === identity;
	return {
		...{ act, outcome },
		...(reason !== undefined && { reason }),
		...(dialect !== undefined && { dialect }),
		...(method !== undefined && { method }),
		...(needs !== undefined && { needs }),
		...(purpose !== undefined && { purpose }),
		...(!isOwn && { actor }),
		...(isOwn && address !== undefined && { address }),
		...(isOwn && device !== undefined && { device }),
	};
}
