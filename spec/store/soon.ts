import { setTimeout as sleep } from 'node:timers/promises';
import type { ExecutionContext } from 'ava';

/** AVA's `test`, or its `test.serial`. */
export type Test = (title: string, implementation: (t: ExecutionContext) => Promise<void>) => void;

/** Whether something becomes true: at once, or where another process or node has to learn of it first, within a second. */
export async function soon(isTrue: () => Promise<boolean>, withinMs = 1000): Promise<boolean> {
	const end = performance.now() + withinMs;
	for (;;) {
		if (await isTrue()) return true;
		if (performance.now() > end) return false;
		await sleep(20);
	}
}
