import type { Outcome } from '../../core/refusal.ts';
import { refuse } from '../../core/refusal.ts';

/**
 * What becomes of a request that carries a session cookie more than once: each value is judged, and the one that is
 * granted counts, whatever its place. Two that are granted contradict each other, and neither counts.
 */
export function onlyGranted<T>(outcomes: readonly Outcome<T>[]): Outcome<T> {
	const [granted, ...others] = outcomes.filter(({ ok }) => ok);
	if (granted !== undefined && others.length === 0) return granted;
	const nothing = refuse({ kind: 'no-session' });
	if (granted !== undefined) return nothing;
	// A cookie of somebody else's is no session; what a session of ours lacks says more.
	return outcomes.find((outcome) => !outcome.ok && outcome.refusal.kind !== 'no-session') ?? nothing;
}
