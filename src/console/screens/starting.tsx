import { useState } from 'preact/hooks';
import { Act } from '../parts/button.tsx';
import { Card } from '../parts/card.tsx';
import { Title } from '../parts/title.tsx';
import type { Problem } from '../problem.ts';
import { useWords } from '../words/words.ts';

/** Nothing is known yet. Shows itself only where the answer takes a while. */
export function Starting() {
	const { common } = useWords();
	return (
		<main class="alone starting">
			<p role="status">{common.moment}</p>
		</main>
	);
}

/** The service cannot be asked. */
export function Unavailable({ problem, onRetry }: { problem: Problem; onRetry(): Promise<unknown> }) {
	const words = useWords();
	const [busy, setBusy] = useState(false);

	async function retry() {
		if (busy) return;
		setBusy(true);
		await onRetry();
		setBusy(false);
	}

	return (
		<Card>
			<Title name={words.problems.notAvailableTitle} />
			<div class="problem">
				<p role="alert">{problem.text(words)}</p>
			</div>
			<Act tone="primary" request={{ busy, waitSeconds: 0 }} onAct={() => void retry()}>
				{words.common.tryAgain}
			</Act>
		</Card>
	);
}
