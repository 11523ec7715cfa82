import type { Instant } from './clock.ts';
import { type AttemptRules, sourceOf } from './throttle.ts';

/**
 * Which malformed tokens the audit hears of. They open nothing and name nobody, and no store counts them: a program
 * with a token that was cut off must not fill the audit. Metrics count all of them.
 */
export interface MalformedTokens {
	/** `write`: the audit gets a line. `last`: a line that says that no more are written. `skip`: none, until the window is over. */
	heard(address: string, now: Instant): 'write' | 'last' | 'skip';
}

/** Sources that are told apart within one window; further ones share one count. */
const mostSources = 10_000;

export function createMalformedTokens({ limit, windowMs }: AttemptRules): MalformedTokens {
	let counts = new Map<string, number>();
	let begunAt = Number.NEGATIVE_INFINITY;

	return {
		heard(address, now) {
			// Also where the clock was set back.
			if (now < begunAt || now - begunAt >= windowMs) {
				counts = new Map();
				begunAt = now;
			}
			const source = sourceOf(address);
			const key = counts.has(source) || counts.size < mostSources ? source : '';
			const count = (counts.get(key) ?? 0) + 1;
			counts.set(key, count);
			if (count <= limit) return 'write';
			return count === limit + 1 ? 'last' : 'skip';
		},
	};
}
