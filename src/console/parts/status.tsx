import { type Say, useWords } from '../words/words.ts';

export interface Said {
	/** Absent: nothing. */
	readonly text?: Say | undefined;
	/** So that the same words said twice are heard twice. */
	readonly nth: number;
}

/** What has just been done, for the eye and for screen readers. Always there: they listen to what changes in it. */
export function Status({ said: { text, nth } }: { said: Said }) {
	const words = useWords();
	return (
		<div class="status" role="status">
			{text !== undefined && <p key={nth}>{text(words)}</p>}
		</div>
	);
}
