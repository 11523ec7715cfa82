import { type CanonicalPath, foldPath, lastSegments, looseReading } from './path.ts';

/** A path taken apart for as many patterns as there are. */
export interface PathReadings {
	/** Folded, without a `/` at its end; empty for `/`. */
	readonly folded: string;
	/** As the most careless system reads it; `undefined` where all read it in one way. */
	readonly loose: readonly string[] | undefined;
	/** What the last segment could be called. The first one is what it is called here. */
	readonly names: readonly string[];
}

export function readingsOf(path: CanonicalPath): PathReadings {
	const folded = foldPath(path).replace(/\/$/, '');
	const loose = looseReading(path);
	const name = folded.slice(folded.lastIndexOf('/') + 1);
	return { folded, loose, names: loose === undefined ? [name] : [name, ...lastSegments(path)] };
}

/** A pattern made ready: asked as often as there are requests. */
export interface PathMatcher {
	/** Of the path as it stands here. */
	holdsFor(readings: PathReadings): boolean;
	/** Of the path as some system could read it. */
	couldHoldFor(readings: PathReadings & { readonly loose: readonly string[] }): boolean;
	/** Of the path in every reading, as far as it holds for it as it stands here. */
	isSureOf(readings: PathReadings): boolean;
}
