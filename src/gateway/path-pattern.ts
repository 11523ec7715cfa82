import { type CanonicalPath, foldPath, isShortNameOf, lastSegments, looseReading } from './path.ts';

/** The paths of a rule. */
export interface PathPattern {
	/** Each holds for itself and all below it, in whatever case. Absent: every path. */
	readonly paths?: readonly CanonicalPath[];
	/** The paths hold for themselves alone; a `/` at the end is no other path. */
	readonly exact?: boolean;
	/** How the last segment ends, in whatever case. Absent: in any way. */
	readonly suffixes?: readonly string[];
}

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

const endsIn = (suffixes: readonly string[]) => (name: string) => suffixes.some((suffix) => name.endsWith(suffix));

export function createPathMatcher({ paths = [], exact = false, suffixes }: PathPattern): PathMatcher {
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
	for (const pattern of patterns) {
		for (const path of pattern.paths ?? []) prefixes.add(foldPath(path).replace(/\/$/, ''));
		for (const suffix of pattern.suffixes ?? []) suffixes.add(foldSuffix(suffix));
	}
	const witness = (folded: string) => ({
		folded,
		loose: undefined,
		names: [folded.slice(folded.lastIndexOf('/') + 1)],
	});
	return [...prefixes].flatMap((prefix) => [
		witness(prefix),
		...[...suffixes].map((suffix) => witness(`${prefix}/${fresh}${suffix}`)),
	]);
}
