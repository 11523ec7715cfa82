import type { AuditEvent } from './audit.ts';
import type { Instant } from './clock.ts';
import type { IdentityId, IdentityName } from './identity.ts';

/*
 * The lines of the audit of the last weeks, where they can be searched. The log is the record: a line may be missing here, and
 * none stands here that is not there.
 */

export interface NewAuditRow {
	readonly at: Instant;
	readonly event: AuditEvent;
	/** By its present name: whose history this is a part of. Absent: nobody's. */
	readonly owner?: IdentityName;
}

export interface AuditRow extends AuditEvent {
	readonly at: Instant;
	/** Tells those of one moment apart. */
	readonly id: number;
}

/** Everything must be met that is asked for. */
export interface AuditQuery {
	/** Inclusive. */
	readonly from?: Instant | undefined;
	/** Exclusive. */
	readonly to?: Instant | undefined;
	/** Whom it is about, who did it, or the new name of who was renamed. */
	readonly person?: string | undefined;
	readonly act?: string | undefined;
	readonly outcome?: AuditEvent['outcome'] | undefined;
	/** With `*` at its end: all that begin so. */
	readonly address?: string | undefined;
}

/** Of a row; those that are older come behind it. */
export interface AuditPosition {
	readonly at: Instant;
	readonly id: number;
}

export interface AuditSlice {
	readonly rows: readonly AuditRow[];
	/** Where to go on. Absent: there is nothing older. */
	readonly next?: AuditPosition;
}

/** How often each kind of row is there (act, reason, whether the identity is known), in a part of the table. */
export interface AuditCount {
	/** The id of the last row of this part. */
	readonly last: number;
	readonly kinds: ReadonlyMap<string, number>;
}

/** Kept beside identities, and longer than these. Promises: `spec/store/audit-table.contract.ts`. */
export interface AuditTable {
	write(rows: readonly NewAuditRow[]): Promise<void>;
	/**
	 * Newest first, older than `after`. One call looks at some thousand rows, so that nobody else waits for it: what it finds may be
	 * fewer than `limit`, or nothing, and more behind `next`.
	 */
	find(query: AuditQuery, limit: number, after?: AuditPosition): Promise<AuditSlice>;
	/** The history of an identity, newest first. `before`: older than that. */
	ofIdentity(of: IdentityId, limit: number, before?: Instant): Promise<readonly AuditRow[]>;
	/** The ids of the oldest and the newest row. Absent: it is empty. */
	span(): Promise<{ readonly first: number; readonly last: number } | undefined>;
	/** Counts the next `size` rows in the order of their ids. Absent: there are no more. */
	count(after: number, size: number): Promise<AuditCount | undefined>;
	/** Forgets the rows of a kind with ids above `after`, up to `last`. */
	forget(kind: string, after: number, last: number): Promise<void>;
	/** Forgets those from before that moment. Housekeeping, in batches: returns whether there may be more. */
	sweep(before: Instant): Promise<boolean>;
}

/**
 * The most that each kind may have, so that together they have at most `most`: a kind with fewer keeps all of its own, whatever
 * the others do.
 */
export function fairShare(counts: readonly number[], most: number): number {
	let left = most;
	for (const [index, count] of counts.toSorted((one, other) => one - other).entries()) {
		const share = Math.floor(left / (counts.length - index));
		if (count > share) return share;
		left -= count;
	}
	return Number.POSITIVE_INFINITY;
}
