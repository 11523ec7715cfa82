import type { Outcome } from '../../core/refusal.ts';
import { refuse } from '../../core/refusal.ts';
import { isConclusive } from '../../core/requirements.ts';

/**
 * What becomes of a request that carries a session cookie more than once: each value is judged, and the one that is
 * granted counts, whatever its place. Two that are granted contradict each other, and neither counts; a session that only
 * lacks a permission contradicts as much.
 */
export function onlyGranted<T>(outcomes: readonly Outcome<T>[]): Outcome<T> {
	const [recognised, ...others] = outcomes.filter((outcome) => outcome.ok || isConclusive(outcome.refusal));
	const nothing = refuse({ kind: 'no-session' });
	if (recognised !== undefined) return others.length === 0 ? recognised : nothing;
	// A cookie of somebody else's is no session; what a session of ours lacks says more.
	return outcomes.find((outcome) => !outcome.ok && outcome.refusal.kind !== 'no-session') ?? nothing;
}
