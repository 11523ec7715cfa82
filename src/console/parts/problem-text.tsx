import type { Request } from '../desk.ts';

/** What went wrong, said once, where no field says it; where one must wait, the seconds run down beside it without a word. */
export function ProblemText({ request: { problem, waitSeconds } }: { request: Request }) {
	if (problem === undefined || problem.field !== undefined) return null;
	const { text, waitSeconds: wait } = problem;
	return (
		<div class="problem">
			<p role="alert">
				{text}
				{wait !== undefined && <span class="unseen"> Try again in {inWords(wait)}.</span>}
			</p>
			{wait !== undefined && (
				<p aria-hidden="true">{waitSeconds > 0 ? `Try again in ${inWords(waitSeconds)}.` : 'You can try again now.'}</p>
			)}
			{wait !== undefined && (
				<p class="unseen" role="status">
					{waitSeconds === 0 && 'You can try again now.'}
				</p>
			)}
		</div>
	);
}

export function inWords(seconds: number): string {
	if (seconds < 120) return seconds === 1 ? '1 second' : `${seconds} seconds`;
	return `${Math.ceil(seconds / 60)} minutes`;
}
