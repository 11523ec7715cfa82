import type { Audit, AuditEvent } from './audit.ts';
import { createFloodGate } from './audit-flood.ts';
import {
	type AuditCount,
	type AuditPosition,
	type AuditQuery,
	type AuditRow,
	type AuditSlice,
	type AuditTable,
	fairShare,
	type NewAuditRow,
} from './audit-table.ts';
import type { Clock, Instant } from './clock.ts';
import { type HistoryEvent, isOfHistory, toHistoryEvent } from './history.ts';
import type { IdentityId, IdentityName } from './identity.ts';
import { StoreUnavailable } from './stores.ts';

/*
 * The table of the audit, written behind: no login waits for it, a crash loses a second, and no fault of it is one of a request.
 */

/** Why lines are in the log alone: more of a kind than are kept in a minute; a store that is away for long; one that refused them. */
export type AuditLoss = 'flood' | 'waiting' | 'fault';

export interface AuditTrail {
	/** An audit that writes to this one, and then to the table. The device is no matter of the audit's lines. */
	behind(audit: Audit): Audit;
	/** With what this process has not written yet. Newest first; fewer than `limit` only where there are no more. */
	page(query: AuditQuery, limit: number, after?: AuditPosition): Promise<AuditSlice>;
	/** What was done with the login of an identity, newest first. `before`: older than that. */
	history(of: IdentityId, limit: number, before?: Instant): Promise<readonly HistoryEvent[]>;
	/** How many lines are not in the table, since this process has begun. */
	readonly lost: Readonly<Record<AuditLoss, number>>;
	flush(): Promise<void>;
	sweep(pause: () => Promise<unknown>): Promise<void>;
	stop(): Promise<void>;
}

export interface AuditTrailParts {
	readonly table: AuditTable;
	readonly clock: Clock;
	/** How long lines are kept. */
	readonly keepMs: number;
	/** How many lines are kept. */
	readonly mostRows: number;
	/** From now on, lines are written late or are lost. Told once, until some were written again. */
	readonly onFault: (cause: unknown) => void;
}

const flushIntervalMs = 1000;
/** Not yet written, where the store is away. Refusals take half of it at the most: they leave room for the others. */
const mostPending = 10_000;
/** In one write: others want to write, too. */
const mostAtOnce = 500;
/** Counted and forgotten at once. */
const partOf = (mostRows: number) => Math.min(2000, Math.ceil(mostRows / 100));
/** What stays where there were too many: it is not to be done for every single one. */
const afterTrim = 0.95;

export function createAuditTrail({ table, clock, keepMs, mostRows, onFault }: AuditTrailParts): AuditTrail {
	let pending: NewAuditRow[] = [];
	/** By somebody, since the last write. */
	let ended = new Set<string>();
	/** The newest event of each name, where the next could fall onto the same moment. */
	const lastOf = new Map<IdentityName, Instant>();
	const lost = { flood: 0, waiting: 0, fault: 0 };
	const isOneTooMany = createFloodGate(clock);
	let isFailing = false;
	let flushing: Promise<void> | undefined;
	/** There are no more than `mostRows` before this id. */
	let countedUpTo = 0;
	const timer = setInterval(() => void flush(), flushIntervalMs);
	timer.unref();

	function hasRoom({ outcome }: AuditEvent): boolean {
		return pending.length < (outcome === 'refused' ? mostPending / 2 : mostPending);
	}

	function record(event: AuditEvent): void {
		const { identity, newName, act, outcome } = event;
		// What is not written yet goes by the name that its identity has when it is.
		if (act === 'identity-remove' && outcome === 'ok') pending = pending.map((row) => withOwner(row, identity));
		if (newName !== undefined) pending = pending.map((row) => withOwner(row, identity, newName));
		if (isOneTooMany(event)) lost.flood += 1;
		else if (!hasRoom(event)) lost.waiting += 1;
		else pending.push({ at: clock.now(), event, ...ownerOf(event) });
	}

	function ownerOf(event: AuditEvent): Pick<NewAuditRow, 'owner'> & { at?: Instant } {
		const { identity, newName, act, actor, requestId } = event;
		const owner = newName ?? identity;
		if (owner === undefined || !isOfHistory(event)) return {};
		if (act === 'session-end') {
			// One request may end a hundred.
			const end = `${owner}\n${actor}\n${requestId}`;
			if (ended.has(end)) return {};
			ended.add(end);
		}
		const at = Math.max(clock.now(), (lastOf.get(owner) ?? -1) + 1) as Instant;
		lastOf.set(owner, at);
		return { owner, at };
	}

	async function write(): Promise<void> {
		ended = new Set();
		const now = clock.now();
		for (const [name, at] of lastOf) if (at < now) lastOf.delete(name);
		while (pending.length > 0) {
			const rows = pending.slice(0, mostAtOnce);
			pending = pending.slice(mostAtOnce);
			try {
				await table.write(rows);
				isFailing = false;
			} catch (cause) {
				if (!isFailing) onFault(cause);
				isFailing = true;
				// What fails for another reason would fail again, and stand in the way of all that follows.
				if (!(cause instanceof StoreUnavailable)) {
					lost.fault += rows.length;
					continue;
				}
				pending = [...rows, ...pending];
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

	async function upToDate(): Promise<void> {
		// One that is under way may have begun without the newest.
		await flushing;
		await flush();
	}

	/** Where there are too many, the most frequent kinds give, the oldest first: what is done often pushes nothing else out. */
	async function trim(pause: () => Promise<unknown>): Promise<void> {
		const span = await table.span();
		if (span === undefined || span.last - span.first < mostRows || span.last < countedUpTo) return;
		const parts: AuditCount[] = [];
		for (let after = 0; ; ) {
			const part = await table.count(after, partOf(mostRows));
			if (part === undefined) break;
			parts.push(part);
			after = part.last;
			await pause();
		}
		const totals = new Map<string, number>();
		for (const { kinds } of parts) for (const [kind, count] of kinds) totals.set(kind, (totals.get(kind) ?? 0) + count);
		const total = sum(totals.values());
		countedUpTo = span.last + mostRows - total;
		if (total <= mostRows) return;
		countedUpTo = 0;
		const most = fairShare([...totals.values()], Math.floor(mostRows * afterTrim));
		for (const [kind, count] of totals) await forget(kind, count - most, parts, pause);
	}

	/** Whole parts: where several processes do it at once, they forget the same. */
	async function forget(kind: string, excess: number, parts: readonly AuditCount[], pause: () => Promise<unknown>) {
		let left = excess;
		let after = 0;
		for (const { last, kinds } of parts) {
			if (left <= 0) return;
			const count = kinds.get(kind) ?? 0;
			if (count > 0) {
				await table.forget(kind, after, last);
				await pause();
			}
			left -= count;
			after = last;
		}
	}

	return {
		behind: (audit) => ({
			write(event) {
				const { device: _, ...line } = event;
				audit.write(line);
				record(event);
			},
		}),
		async page(query, limit, after) {
			await upToDate();
			const rows: AuditRow[] = [];
			// One more than is asked for says whether there are more.
			for (let next = after; rows.length <= limit; await nextTurn()) {
				const slice = await table.find(query, limit + 1 - rows.length, next);
				rows.push(...slice.rows);
				if (slice.next === undefined) break;
				next = slice.next;
			}
			const page = rows.slice(0, limit);
			const last = rows.length > limit ? page.at(-1) : undefined;
			return { rows: page, ...(last && { next: { at: last.at, id: last.id } }) };
		},
		async history(...asked) {
			await upToDate();
			return (await table.ofIdentity(...asked)).map(toHistoryEvent);
		},
		lost,
		flush,
		async sweep(pause) {
			while (await table.sweep((clock.now() - keepMs) as Instant)) await pause();
			await trim(pause);
		},
		async stop() {
			clearInterval(timer);
			await upToDate();
		},
	};
}

/** Others may be heard between two looks at the table. */
const nextTurn = () => new Promise((done) => setImmediate(done));

function withOwner(row: NewAuditRow, from: IdentityName | undefined, to?: IdentityName): NewAuditRow {
	if (row.owner === undefined || row.owner !== from) return row;
	const { owner: _, ...rest } = row;
	return { ...rest, ...(to !== undefined && { owner: to }) };
}

function sum(numbers: Iterable<number>): number {
	let total = 0;
	for (const number of numbers) total += number;
	return total;
}
