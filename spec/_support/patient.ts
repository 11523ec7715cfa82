import { setTimeout as sleep } from 'node:timers/promises';
import type { ExecutionContext } from 'ava';
import { StoreUnavailable } from '../../src/core/stores.ts';

/** AVA's `test`, or its `test.serial`. */
export type Test = (title: string, implementation: (t: ExecutionContext) => Promise<void>) => void;

/** Milliseconds before each further try: what keeps a machine busy may last for longer than the first ones take. */
const pausesMs = [0, 250, 1000, 4000, 8000];

/** To be thrown by a test over HTTP that was answered 503, once nothing that it was answered breaks a promise. */
export class Away extends Error {}

const saysAway = ({ cause }: Error) => cause instanceof StoreUnavailable || cause instanceof Away;

/** The deepest: what the client of the server, or the server itself, has said. */
function causeOf({ cause, message }: Error): string {
	return cause instanceof Error ? causeOf(cause) : message;
}

/**
 * AVA's `test` for what a server keeps. A machine that is busy with something else may let it answer later than a store has
 * to; then the store says so, as it must, and the test is begun anew.
 */
export function patient(test: Test): Test {
	return (title, implementation) =>
		test(title, async (t) => {
			for (const pauseMs of [...pausesMs, undefined]) {
				const tried = await t.try(implementation);
				if (tried.passed || pauseMs === undefined || !tried.errors.every(saysAway)) {
					tried.commit();
					return;
				}
				tried.discard({ retainLogs: false });
				t.log(`a store was away for a moment: ${tried.errors.map(causeOf).join(', ')}`);
				await sleep(pauseMs);
			}
		});
}
