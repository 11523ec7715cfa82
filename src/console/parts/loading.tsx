import type { Loaded } from '../desk.ts';
import { useWords } from '../words/words.ts';
import { Act } from './button.tsx';

/** Stands in for what is not there yet, and says where it cannot be had. */
export function Loading({ loaded: { value, problem, reload } }: { loaded: Loaded<unknown> }) {
	const words = useWords();
	if (problem !== undefined) {
		return (
			<div class="problem">
				<p role="alert">{problem.text(words)}</p>
				<Act onAct={() => void reload()}>{words.common.tryAgain}</Act>
			</div>
		);
	}
	return value === undefined ? <p class="loading">{words.common.moment}</p> : null;
}
