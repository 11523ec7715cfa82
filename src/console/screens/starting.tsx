import { useState } from 'preact/hooks';
import { Act } from '../parts/button.tsx';
import { Card } from '../parts/card.tsx';
import { Title } from '../parts/title.tsx';
import type { Problem } from '../problem.ts';

/** Nothing is known yet. Shows itself only where the answer takes a while. */
export function Starting() {
	return (
		<main class="alone starting">
			<p role="status">One moment…</p>
		</main>
	);
}

/** The service cannot be asked. */
export function Unavailable({ problem, onRetry }: { problem: Problem; onRetry(): Promise<unknown> }) {
	const [busy, setBusy] = useState(false);

	async function retry() {
		if (busy) return;
		setBusy(true);
		await onRetry();
		setBusy(false);
	}

	return (
		<Card>
			<Title name="Not available" />
			<div class="problem">
				<p role="alert">{problem.text}</p>
			</div>
			<Act tone="primary" request={{ busy, waitSeconds: 0 }} onAct={() => void retry()}>
				Try again
			</Act>
		</Card>
	);
}
