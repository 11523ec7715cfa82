import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Whether something becomes true: at once, or as soon as another process or node has learned of it. How soon that is stands
 * in `spec/faults/stores.spec.ts`; here a busy machine must not decide.
 */
export async function soon(isTrue: () => Promise<boolean>, withinMs = 50_000): Promise<boolean> {
	const end = performance.now() + withinMs;
	for (;;) {
		if (await isTrue()) return true;
		if (performance.now() > end) return false;
		await sleep(20);
	}
}
