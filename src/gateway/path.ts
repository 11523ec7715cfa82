import type { Brand } from '../core/brand.ts';

/**
 * The one spelling of a path, which is both judged and sent: decoded once, and encoded again where a path must be.
 * Two spellings that an upstream would take for the same path are the same text here.
 */
export type CanonicalPath = Brand<string, 'CanonicalPath'>;

export interface Target {
	readonly path: CanonicalPath;
	/** As it came, with its `?`; empty where there is none. Nothing is judged by it. */
	readonly query: string;
}

/**
 * Takes a request target (`req.url`) apart. `undefined` is a 400: not in origin-form (`/path?query`), or a path that
 * not everybody would read in the same way.
 */
export function splitTarget(requestTarget: string): Target | undefined {
	const end = requestTarget.indexOf('?');
	const path = canonicalPath(end < 0 ? requestTarget : requestTarget.slice(0, end));
	const query = end < 0 ? '' : requestTarget.slice(end);
	return path === undefined || unsafeInQuery.test(query) ? undefined : { path, query };
}

/** A path alone, as in a rule. Its target on the wire is this very text, with the query behind it. */
export function canonicalPath(path: string): CanonicalPath | undefined {
	if (plainest.test(path)) return path as CanonicalPath;
	if (!printable.test(path) || undecodable.test(path)) return undefined;
	const decoded = decodeOnce(path);
	if (decoded === undefined || ambiguous.test(decoded) || hasVanishing(looseSegments(decoded))) return undefined;
	return encodeURI(decoded).replaceAll('?', '%3F').replaceAll('#', '%23') as CanonicalPath;
}

/** Text in which two paths are equal where they differ in nothing but case. For comparison, never to be sent. */
export function foldPath(path: CanonicalPath): string {
	if (plainest.test(path)) return path.toLowerCase();
	return decodeURIComponent(path).normalize().toUpperCase().toLowerCase();
}

/**
 * The segments of a path as the most careless system reads them, folded for comparison: Windows cuts off dots and spaces
 * at the end of a name, and what stands behind a colon; HFS+ and some databases do not see characters that show nothing;
 * others take full-width letters for their plain ones, slashes among them, or look at nothing behind a semicolon.
 * `undefined`: for this path they say what `foldPath` says.
 */
export function looseReading(path: CanonicalPath): readonly string[] | undefined {
	if (plainest.test(path)) return undefined;
	return looseSegments(decodeURIComponent(path)).filter((segment) => segment !== '');
}

/**
 * The names that the last segment could have: with what `looseReading` cuts off, and without, since a system may know
 * only one of these habits; and up to a `?` or `#`, for one that takes a decoded path apart once more.
 */
export function lastSegments(path: CanonicalPath): readonly string[] {
	const decoded = decodeURIComponent(path);
	const whole = decoded.normalize('NFKC').replace(ignorable, '').toUpperCase().toLowerCase().split(/[/\\]/);
	const last = whole.findLast((segment) => segment !== '') ?? '';
	const bare = withoutEnd(last);
	return [
		last,
		bare,
		last.replace(/[:;?#].*$/s, ''),
		looseSegments(decoded).findLast((segment) => segment !== '') ?? '',
	];
}

/** Empty segments stay empty; one of which nothing is left is `vanished`. */
function looseSegments(decoded: string): string[] {
	const segments = decoded.normalize('NFKC').replace(ignorable, '').toUpperCase().toLowerCase().split(/[/\\]/);
	return segments.map((segment) => (segment === '' ? '' : withoutEnd(segment.replace(/[:;].*$/s, '')) || vanished));
}

/** Looks at each run of dots and spaces once: a path may be sixteen thousand of them. */
function withoutEnd(segment: string): string {
	return segment.replace(/(?<![. ])[. ]+$/, '');
}

const vanished = '.';
const ignorable = /\p{Default_Ignorable_Code_Point}/gu;

/** `/public/.. /admin` leads to `/admin`, where the space is not seen. */
function hasVanishing(segments: readonly string[]): boolean {
	return segments.includes(vanished);
}

/** Whether Windows could mean the one by the other: `ADMINI~1` is `administration`; `AD3F2A~1` too, where many are alike. */
export function isShortNameOf(segment: string, name: string): boolean {
	const [, start = ''] = /^([^~]{1,6})~[0-9]{1,5}(?:\.[^.]{0,3})?$/.exec(segment) ?? [];
	if (start === '') return false;
	const letters = name.replace(/[ .]/g, '');
	return letters.startsWith(start) || (/^..[0-9a-f]{4}$/.test(start) && letters.startsWith(start.slice(0, 2)));
}

/** What everybody reads in one way as it stands, and most paths are: nothing to decode, no segment empty, or with a dot at its end. */
const plainest = /^(?:\/[A-Za-z0-9_-](?:[A-Za-z0-9_.-]*[A-Za-z0-9_-])?)+$/;
/** Printable ASCII: whatever else a path holds comes percent-encoded. Refuses absolute-form and `*`, too. */
const printable = /^\/[!-~]*$/;
/** What would be something else once decoded: an encoded `/` no separator any more, a `?` or `#` the end of the path. */
const undecodable = /[?#]|%2f/i;
/**
 * Once decoded, what another server may read in its own way: empty segments, `.` and `..`, a backslash, parameters
 * behind a `;`, controls, and what could be decoded a second time. And marks without end, which no writing has, and which take long to
 * put in order. Source: Unicode Standard Annex 15, Stream-Safe Text Format: 30.
 */
const ambiguous = /\/\/|(^|\/)\.\.?(\/|$)|[\\;\p{Cc}]|%[0-9a-f]{2}|\p{M}{31}/iu;
/** Space and controls, which end a request line or forge one, and `#`. */
const unsafeInQuery = /[\0- \x7f#]/;

/** What each of the above is called, in words that follow "the path". */
const flaws: readonly (readonly [RegExp, string])[] = [
	[/\/\//, 'has an empty segment (//)'],
	[/(^|\/)\.\.?(\/|$)/, 'has a segment . or ..'],
	[/\\/, 'has a backslash'],
	[/;/, 'has a semicolon'],
	[/\p{Cc}/u, 'has a control character'],
	[/%[0-9a-f]{2}/i, 'is encoded twice'],
	[/\p{M}{31}/u, 'has more than 30 marks on one letter'],
];

/** Why `splitTarget` refuses a target. `undefined`: it does not. */
export function flawOf(requestTarget: string): string | undefined {
	if (splitTarget(requestTarget) !== undefined) return undefined;
	const [path = ''] = requestTarget.split('?', 1);
	if (unsafeInQuery.test(requestTarget.slice(path.length))) return 'has a query with a space, a control or a #';
	if (!printable.test(path)) return 'has characters that no client sends as they are';
	if (/%2f/i.test(path)) return 'has an encoded slash (%2F)';
	const decoded = decodeOnce(path);
	if (decoded === undefined) return 'is not percent-encoded UTF-8';
	return flaws.find(([pattern]) => pattern.test(decoded))?.[1] ?? 'has a segment that some systems do not see';
}

const habits: readonly (readonly [RegExp, string])[] = [
	[/~[0-9]/, 'it looks like a short name of Windows (~1)'],
	[/[. ](\/|$)/, 'Windows cuts off a dot or a space at the end of a name'],
	[/:/, 'behind a colon Windows names a stream of the same file'],
	[ignorable, 'some of its characters show nothing'],
];

/** Why some systems read a path in another way than others do, where `looseReading` says that they do. */
export function habitAgainst(path: CanonicalPath): string {
	const decoded = decodeURIComponent(path);
	const found = habits.find(([pattern]) => new RegExp(pattern, 'u').test(decoded));
	return found?.[1] ?? 'other forms of its letters are the same to some systems';
}

/** `undefined` where it is no percent-encoded UTF-8. */
function decodeOnce(path: string): string | undefined {
	try {
		return decodeURIComponent(path);
	} catch {
		return undefined;
	}
}
