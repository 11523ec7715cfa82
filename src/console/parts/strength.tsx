import { useEffect, useState } from 'preact/hooks';
import { useWords, wordFor } from '../words/words.ts';
import type { Judgement, Question } from './strength-worker.ts';

/** Milliseconds without a keystroke before a password is judged. */
const restMs = 250;

let worker: Worker | undefined;
let questions = 0;

/** Judges in a worker that is loaded at the first question; what was asked before the last one is not answered. */
function judge(question: Omit<Question, 'nth'>, tell: (judgement: Judgement) => void): () => void {
	worker ??= new Worker(new URL('./strength-worker.ts', import.meta.url), { type: 'module' });
	const asked = worker;
	questions += 1;
	const nth = questions;
	const onAnswer = ({ data }: MessageEvent<Judgement>) => {
		if (data.nth === nth) tell(data);
	};
	asked.addEventListener('message', onAnswer);
	asked.postMessage({ ...question, nth } satisfies Question);
	return () => asked.removeEventListener('message', onAnswer);
}

/** How hard a password is to guess. Advice: what is demanded stands elsewhere. */
export function Strength({ password, name }: { password: string; name: string }) {
	const { strength } = useWords();
	const [judgement, setJudgement] = useState<Judgement>();

	useEffect(() => {
		if (password === '') {
			setJudgement(undefined);
			return;
		}
		let forget: (() => void) | undefined;
		const known = name === '' ? [] : [name];
		const timer = setTimeout(() => {
			forget = judge({ password, known }, setJudgement);
		}, restMs);
		return () => {
			clearTimeout(timer);
			forget?.();
		};
	}, [password, name]);

	const score = judgement?.score;
	const because = judgement?.because;
	return (
		<div class="strength" data-score={score}>
			<div class="bars" aria-hidden="true">
				{[1, 2, 3, 4].map((bar) => (
					<span key={bar} data-on={score !== undefined && bar <= Math.max(1, score)} />
				))}
			</div>
			<div role="status">
				{judgement !== undefined && (
					<p>
						<span class="unseen">{strength.label} </span>
						<strong>{strength.scores[judgement.score]}</strong>{' '}
						{because && wordFor(strength[because.kind], because.key)}
					</p>
				)}
			</div>
		</div>
	);
}
