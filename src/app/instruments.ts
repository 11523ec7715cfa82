import type { Metrics } from '../observability/metrics.ts';

const sampleEvery = 16;

type Operation<Args extends unknown[], Answer> = (...args: Args) => Promise<Answer>;

/** How the calls of one store are counted and timed. */
export function instrumentsOf(store: string, { storeTimes, storeFailures }: Metrics) {
	/** Each call is timed, and counted where it rejects. */
	function timed<Args extends unknown[], Answer>(operation: string, run: Operation<Args, Answer>) {
		const times = storeTimes.labels({ store, operation });
		const fail = () => storeFailures.inc({ store, operation });
		return (...args: Args) => {
			const startedAt = performance.now();
			const answer = run(...args);
			answer.then(() => times.observe((performance.now() - startedAt) / 1000), fail);
			return answer;
		};
	}

	/** As `timed`, but only every so many calls are timed. */
	function sampled<Key, Answer>(operation: string, run: Operation<[Key], Answer>) {
		const runTimed = timed(operation, run);
		const fail = () => storeFailures.inc({ store, operation });
		let calls = 0;
		return (key: Key) => {
			calls += 1;
			if (calls % sampleEvery === 0) return runTimed(key);
			const answer = run(key);
			answer.then(undefined, fail);
			return answer;
		};
	}

	return { timed, sampled };
}
