import { type CanonicalPath, foldPath, isShortNameOf, looseReading } from './path.ts';
import type { PathMatcher, PathReadings } from './path-readings.ts';
import { createShapeMatcher, shapeWitnesses } from './path-shape.ts';

/** The paths of a rule. */
export interface PathPattern {
	/** Each holds for itself and all below it, in whatever case. Absent: every path. */
	readonly paths?: readonly CanonicalPath[];
	/** The paths hold for themselves alone; a `/` at the end is no other path. */
	readonly exact?: boolean;
	/** The paths have gaps (`path-shape.ts`), and hold for themselves alone. Without suffixes. */
	readonly shapes?: boolean;
	/** How the last segment ends, in whatever case. Absent: in any way. */
	readonly suffixes?: readonly string[];
}

const endsIn = (suffixes: readonly string[]) => (name: string) => suffixes.some((suffix) => name.endsWith(suffix));

export function createPathMatcher({ paths = [], exact = false, shapes = false, suffixes }: PathPattern): PathMatcher {
	if (shapes) return createShapeMatcher(paths);
	const prefixes = paths.map((path) => foldPath(path).replace(/\/$/, ''));
	const loosePrefixes = paths.map(segmentsOf);
	const isEverywhere = paths.length === 0 || (!exact && prefixes.includes(''));
	const ends = suffixes && endsIn(suffixes.map(foldSuffix));
	const couldEnd = suffixes && couldEndIn(suffixes.map(foldSuffix));

	const isThere = (folded: string) =>
		isEverywhere ||
		prefixes.some((prefix) =>
			folded.length === prefix.length
				? folded === prefix
				: !exact && folded.startsWith(prefix) && folded[prefix.length] === '/',
		);
	const couldBeThere = (segments: readonly string[]) =>
		isEverywhere ||
		loosePrefixes.some(
			(prefix) =>
				(exact ? prefix.length === segments.length : prefix.length <= segments.length) &&
				prefix.every((name, at) => name === segments[at] || isShortNameOf(segments[at] ?? '', name)),
		);

	return {
		holdsFor: ({ folded, names: [name = ''] }) => isThere(folded) && (ends === undefined || ends(name)),
		couldHoldFor: ({ loose, names }) => couldBeThere(loose) && (couldEnd === undefined || names.some(couldEnd)),
		isSureOf: ({ loose, names }) =>
			(loose === undefined || couldBeThere(loose)) && (ends === undefined || names.every(ends)),
	};
}

/** A short name of Windows keeps three letters of what stands behind the last dot: `INDEX~1.HTM` is `index.html`, too. */
function couldEndIn(suffixes: readonly string[]): (name: string) => boolean {
	const ends = endsIn(suffixes);
	return (name) => {
		const [, extension] = /~[0-9]{1,5}(?:\.([^.]{0,3}))?$/.exec(name) ?? [];
		if (extension === undefined) return ends(name);
		return ends(name) || suffixes.some((suffix) => suffix.slice(suffix.lastIndexOf('.') + 1).startsWith(extension));
	};
}

/** Of a rule's own path: read as loosely as those that are asked for. */
function segmentsOf(path: CanonicalPath): readonly string[] {
	return (
		looseReading(path) ??
		foldPath(path)
			.split('/')
			.filter((segment) => segment !== '')
	);
}

function foldSuffix(suffix: string): string {
	return suffix.normalize().toUpperCase().toLowerCase();
}

/** A segment that no path of a rule has. */
const fresh = '\u0001';

/** Of all paths that these patterns can tell apart, one each. */
export function pathWitnesses(patterns: readonly PathPattern[]): PathReadings[] {
	const prefixes = new Set(['']);
	const suffixes = new Set(['']);
	for (const { paths = [], shapes, suffixes: ends = [] } of patterns) {
		if (!shapes) for (const path of paths) prefixes.add(foldPath(path).replace(/\/$/, ''));
		for (const suffix of ends) suffixes.add(foldSuffix(suffix));
	}
	const shaped = patterns.flatMap(({ paths = [], shapes }) => (shapes ? paths : []));
	const witness = (folded: string) => ({
		folded,
		loose: undefined,
		names: [folded.slice(folded.lastIndexOf('/') + 1)],
	});
	// Deeper than a shape reaches: what holds there for a prefix or a suffix holds above, too.
	const below = `/${fresh}`.repeat(Math.max(1, ...shaped.map((shape) => shape.split('/').length)));
	return [
		...[...prefixes].flatMap((prefix) => [
			witness(prefix),
			...[...suffixes].map((suffix) => witness(`${prefix}${below}${suffix}`)),
		]),
		...shapeWitnesses(shaped, prefixes, suffixes, fresh).map(witness),
	];
}
