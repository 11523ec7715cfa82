import type { Brand } from './brand.ts';

/** A digest: no name and no address reaches the place where attempts are counted. */
export type AttemptKey = Brand<string, 'AttemptKey'>;

export interface Count {
	readonly count: number;
	readonly forgottenInMs: number;
}

/** Counters that forget. Shared by all processes and nodes. Promises: `spec/store/attempt-store.contract.ts`. */
export interface AttemptStore {
	/** Adds one, atomically, and returns the count. A counter that starts here is forgotten `forMs` later. */
	add(key: AttemptKey, forMs: number): Promise<Count>;
	/** Sets a counter, to be forgotten `forMs` from now. */
	set(key: AttemptKey, count: number, forMs: number): Promise<void>;
	/** Takes back one that was added, atomically. A counter that counts nothing any more is forgotten; others last as long as before. */
	takeBack(key: AttemptKey): Promise<void>;
	find(key: AttemptKey): Promise<Count | undefined>;
	forget(key: AttemptKey): Promise<void>;
}
