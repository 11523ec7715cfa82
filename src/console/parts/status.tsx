export interface Said {
	readonly text: string;
	/** So that the same words said twice are heard twice. */
	readonly nth: number;
}

/** What has just been done, for the eye and for screen readers. Always there: they listen to what changes in it. */
export function Status({ said: { text, nth } }: { said: Said }) {
	return (
		<div class="status" role="status">
			{text !== '' && <p key={nth}>{text}</p>}
		</div>
	);
}
