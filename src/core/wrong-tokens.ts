import type { Outcome } from './refusal.ts';
import { ok, refuse } from './refusal.ts';
import type { AttemptStore } from './stores.ts';
import { type AttemptRules, attemptKeyOf, sourceOf } from './throttle.ts';

/** Secrets of one kind that open nothing, counted by where they come from. A right one is let in from there all the same. */
export interface WrongTokens {
	/** Counts one. `too-many-attempts` where there were more than the limit within the window. */
	count(address: string): Promise<Outcome<void>>;
}

/** They are guessed by nobody: what this bounds is noise, and the search for those that leaked. */
export function createWrongTokens(
	store: Pick<AttemptStore, 'add'>,
	{ limit, windowMs }: AttemptRules,
	kind: 'token' | 'invitation',
): WrongTokens {
	return {
		async count(address) {
			const { count, forgottenInMs } = await store.add(attemptKeyOf(kind, sourceOf(address)), windowMs);
			return count <= limit ? ok(undefined) : refuse({ kind: 'too-many-attempts', retryAfterMs: forgottenInMs });
		},
	};
}
