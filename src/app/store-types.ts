import type { AuditTable } from '../core/audit-table.ts';
import type { InvitationStore } from '../core/invitation.ts';
import type { ApiTokenStore, AttemptStore, EndRecord, IdentityStore, NoteStore, SessionStore } from '../core/stores.ts';
import type { CopyCounts } from '../store/remote/cache.ts';

/** What this process keeps of a store on another machine, for `/metrics`. */
export interface CopiesOf {
	readonly store: 'sessions' | 'identities' | 'tokens';
	readonly counts: Readonly<CopyCounts>;
	/** Milliseconds since the connection that tells of changes was last known to live; infinite while there is none. */
	ageMs(): number;
}

export interface Stores {
	readonly identities: IdentityStore;
	readonly sessions: SessionStore;
	readonly apiTokens: ApiTokenStore;
	readonly invitations: InvitationStore;
	readonly auditTable: AuditTable;
	readonly attempts: AttemptStore;
	readonly notes: NoteStore;
	/** Of stores on other machines. */
	readonly copies: readonly CopiesOf[];
}

/** Told when a store on another machine goes away, and when it is there again. */
export type OnTransition = (store: 'Redis' | 'PostgreSQL', isThere: boolean, cause?: unknown) => void;

/** Who hears of what happens in stores. */
export interface StoreListeners {
	readonly onTransition: OnTransition;
	/** Something went wrong where nobody waits for it. */
	readonly onFault: (cause: unknown) => void;
	/** Something that an operator should know. */
	readonly onNotice: (notice: string) => void;
}

/** Identities, their API tokens, their invitations, the table of the audit and the record of ended sessions live together; so do attempts, where sessions are not shared. */
export interface Beside {
	readonly identities: IdentityStore;
	readonly apiTokens: ApiTokenStore;
	readonly invitations: InvitationStore;
	readonly auditTable: AuditTable;
	readonly ends: EndRecord;
	readonly attempts: AttemptStore;
	readonly notes: NoteStore;
	readonly copies: readonly CopiesOf[];
}
