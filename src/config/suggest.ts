/** The candidate that a misspelt word was probably meant to be: `undefined` where none is near. */
function nearest(word: string, candidates: Iterable<string>): string | undefined {
	const most = Math.max(1, Math.floor(word.length / 4));
	let best: { candidate: string; distance: number } | undefined;
	for (const candidate of candidates) {
		const distance = editDistance(word.toLowerCase(), candidate.toLowerCase());
		if (distance <= most && (best === undefined || distance < best.distance)) best = { candidate, distance };
	}
	return best?.candidate;
}

export function orNearest(word: string, candidates: Iterable<string>): string {
	const found = nearest(word, candidates);
	return found === undefined ? '' : ` (did you mean ${found}?)`;
}

/** Levenshtein's. */
function editDistance(a: string, b: string): number {
	let row = Array.from({ length: b.length + 1 }, (_, at) => at);
	for (const [index, letter] of [...a].entries()) {
		const next = [index + 1];
		for (const [at, other] of [...b].entries()) {
			const replaced = (row[at] ?? 0) + (letter === other ? 0 : 1);
			next.push(Math.min(replaced, (row[at + 1] ?? 0) + 1, (next[at] ?? 0) + 1));
		}
		row = next;
	}
	return row[b.length] ?? 0;
}
