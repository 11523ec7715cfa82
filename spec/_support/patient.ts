import type { ExecutionContext } from 'ava';
import { StoreUnavailable } from '../../src/core/stores.ts';

/** AVA's `test`, or its `test.serial`. */
export type Test = (title: string, implementation: (t: ExecutionContext) => Promise<void>) => void;

const mostTries = 5;

/** To be thrown by a test over HTTP that was answered 503, once nothing that it was answered breaks a promise. */
export class Away extends Error {}

const saysAway = ({ cause }: Error) => cause instanceof StoreUnavailable || cause instanceof Away;

/**
 * AVA's `test` for what a server keeps. A machine that is busy with something else may let it answer later than a store has
 * to; then the store says so, as it must, and the test is begun anew.
 */
export function patient(test: Test): Test {
	return (title, implementation) =>
		test(title, async (t) => {
			for (let tries = 1; ; tries += 1) {
				const tried = await t.try(implementation);
				if (tried.passed || tries === mostTries || !tried.errors.every(saysAway)) {
					tried.commit();
					return;
				}
				tried.discard({ retainLogs: false });
				t.log(`a store was away for a moment, ${tries} times`);
			}
		});
}
