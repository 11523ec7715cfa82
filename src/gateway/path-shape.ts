import type { CanonicalPath } from './path.ts';
import { foldPath, isShortNameOf } from './path.ts';
import type { PathMatcher } from './path-readings.ts';

/*
 * Paths with a gap, for the tables of presets: a segment that is `*` is any one segment, and in `/system/user_status.*` it
 * is all that stands behind the dot. Each holds for itself alone, and for nothing below it.
 */

/** A segment: `text` and nothing else, any text (`*`), or all that begins with it (`text.*`). */
type Piece = { readonly is: string } | { readonly begins: string };

function piecesOf(shape: CanonicalPath): readonly Piece[] {
	return segments(foldPath(shape)).map((text) => (text.endsWith('*') ? { begins: text.slice(0, -1) } : { is: text }));
}

function segments(folded: string): readonly string[] {
	return folded.split('/').slice(1);
}

function fits(piece: Piece, name: string): boolean {
	return 'is' in piece ? name === piece.is : name.length > piece.begins.length && name.startsWith(piece.begins);
}

/** A short name of Windows could stand for it, too. */
function couldFit(piece: Piece, name: string): boolean {
	return fits(piece, name) || isShortNameOf(name, 'is' in piece ? piece.is : piece.begins);
}

export function createShapeMatcher(shapes: readonly CanonicalPath[]): PathMatcher {
	const all = shapes.map(piecesOf);
	const isThere = (names: readonly string[], isFit: typeof fits) =>
		all.some((pieces) => pieces.length === names.length && pieces.every((piece, at) => isFit(piece, names[at] ?? '')));
	/** With each name that the last segment could have. */
	const withLast = (loose: readonly string[], names: readonly string[]) =>
		names.map((name) => [...loose.slice(0, -1), name]);

	return {
		holdsFor: ({ folded }) => isThere(segments(folded), fits),
		couldHoldFor: ({ loose, names }) => withLast(loose, names).some((each) => isThere(each, couldFit)),
		isSureOf: ({ loose, names }) => loose === undefined || withLast(loose, names).every((each) => isThere(each, fits)),
	};
}

/**
 * Paths that these shapes hold for, one for each that prefixes, other shapes and suffixes can tell apart. `others`: folded
 * paths that rules name. `fresh`: a text that no rule has.
 */
export function shapeWitnesses(
	shapes: readonly CanonicalPath[],
	others: Iterable<string>,
	suffixes: Iterable<string>,
	fresh: string,
): string[] {
	const named = [...others, ...shapes.map(foldPath)].map(segments);
	const ends = [...suffixes];
	return shapes.flatMap((shape) => {
		const pieces = piecesOf(shape);
		const choices = pieces.map((piece, at) => {
			if ('is' in piece) return [piece.is];
			const known = named
				.flatMap((names) => names[at] ?? [])
				.filter((name) => !name.includes('*') && fits(piece, name));
			const isLast = at === pieces.length - 1;
			return [...new Set([...known, ...(isLast ? ends : ['']).map((end) => `${piece.begins}${fresh}${end}`)])];
		});
		return choices.reduce<string[]>(
			(paths, names) => paths.flatMap((path) => names.map((name) => `${path}/${name}`)),
			[''],
		);
	});
}
