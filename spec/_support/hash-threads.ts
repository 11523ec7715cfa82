import { createHashThreads, type HashThreads } from '../../src/hashing/pool.ts';

const pools = new Map<number, HashThreads>();

/** Threads that all services of a spec file share, by how many a service has: to start one takes longer than most tests. */
export const sharedHashThreads: typeof createHashThreads = (most, onDone = () => undefined) => {
	const pool = pools.get(most) ?? createHashThreads(most);
	pools.set(most, pool);
	const given = new Set<Promise<unknown>>();
	return {
		async run(work) {
			const startedAt = performance.now();
			const running = pool.run(work);
			given.add(running);
			try {
				return await running;
			} finally {
				given.delete(running);
				onDone(performance.now() - startedAt);
			}
		},
		start: pool.start,
		close: async () => void (await Promise.allSettled(given)),
	};
};
