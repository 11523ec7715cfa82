import { setTimeout as sleep } from 'node:timers/promises';
import { StoreUnavailable } from '../core/stores.ts';

/** Milliseconds that a store may be away, and between two attempts. */
const patienceMs = 10_000;
const retryMs = 200;

/** A store that is away for a moment ends no command that can be tried again: `work` finds what arrived all the same. */
export async function patiently<T>(work: () => Promise<T>): Promise<T> {
	const giveUpAt = performance.now() + patienceMs;
	for (;;) {
		try {
			return await work();
		} catch (fault) {
			if (!(fault instanceof StoreUnavailable) || performance.now() > giveUpAt) throw fault;
			await sleep(retryMs);
		}
	}
}
