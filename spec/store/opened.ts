import type { ExecutionContext } from 'ava';
import type { Test } from '../_support/patient.ts';

export interface Opened<Store> {
	/** Fresh and empty. */
	readonly store: Store;
	/** Another connection to the same store, best from another process. Absent: nobody else can have one. */
	readonly reopen?: () => Promise<Store>;
}

interface Closing {
	close(): Promise<void>;
}

/** The tests of a store's contract, each on a store of its own. `kept`: what is kept there, `sessions`. */
export function testsOf<Store extends Closing>(
	test: Test,
	name: string,
	kept: string,
	open: (t: ExecutionContext) => Promise<Opened<Store>>,
) {
	return {
		says(sentence: string, check: (t: ExecutionContext, store: Store) => Promise<void>) {
			test(`${name}: ${sentence}`, async (t) => {
				const { store } = await open(t);
				t.teardown(() => store.close());
				await check(t, store);
			});
		},
		/** For stores that several processes can share. */
		saysOfTwo(sentence: string, check: (t: ExecutionContext, one: Store, other: Store) => Promise<void>) {
			test(`${name}: ${sentence}`, async (t) => {
				const { store, reopen } = await open(t);
				t.teardown(() => store.close());
				if (reopen === undefined) {
					t.log(`not asked: these ${kept} belong to one process`);
					t.pass();
					return;
				}
				const other = await reopen();
				t.teardown(() => other.close());
				await check(t, store, other);
			});
		},
	};
}
