import type { Loaded } from '../desk.ts';
import { Act } from './button.tsx';

/** Stands in for what is not there yet, and says where it cannot be had. */
export function Loading({ loaded: { value, problem, reload } }: { loaded: Loaded<unknown> }) {
	if (problem !== undefined) {
		return (
			<div class="problem">
				<p role="alert">{problem.text}</p>
				<Act onAct={() => void reload()}>Try again</Act>
			</div>
		);
	}
	return value === undefined ? <p class="loading">One moment…</p> : null;
}
