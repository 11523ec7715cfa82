import type { Request } from '../desk.ts';
import { useWords } from '../words/words.ts';

/** What went wrong, said once, where no field says it; where one must wait, the seconds run down beside it without a word. */
export function ProblemText({ request: { problem, waitSeconds } }: { request: Request }) {
	const words = useWords();
	const { common } = words;
	if (problem === undefined || problem.field !== undefined) return null;
	const { text, waitSeconds: wait } = problem;
	return (
		<div class="problem">
			<p role="alert">
				{text(words)}
				{wait !== undefined && <span class="unseen"> {common.tryAgainIn(wait)}</span>}
			</p>
			{wait !== undefined && (
				<p aria-hidden="true">{waitSeconds > 0 ? common.tryAgainIn(waitSeconds) : common.tryAgainNow}</p>
			)}
			{wait !== undefined && (
				<p class="unseen" role="status">
					{waitSeconds === 0 && common.tryAgainNow}
				</p>
			)}
		</div>
	);
}
