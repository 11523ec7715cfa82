import { decodings } from './upstream-credentials.ts';

/*
 * Takes parameters out of a query, however an upstream may read it: with `&` or `;` between them; names in whatever case
 * and encoding; taken apart before it is decoded or after (Kismet, `decode_get_variables`). What is left is left as it came.
 */

/** What takes more to be taken apart was made for it, and goes as a whole. */
const mostPasses = 8;

/** A character as some reader sees it, and where it stands in the text: an escape is one, too. */
interface Char {
	readonly text: string;
	readonly from: number;
	readonly to: number;
}

/** The query without these parameters; `?` and all, as it comes. */
export function createStripQuery(names: readonly string[]): (query: string) => string {
	const folded = new Set(names.flatMap(readingsOf));
	const hints = [...folded].map((name) => name.replace(/_.*$/, ''));

	/** Most queries hold none of them, and that can be seen at once. */
	const mayHold = (text: string) => text.includes('%') || hints.some((hint) => text.toLowerCase().includes(hint));

	return (query) => {
		if (query === '' || !mayHold(query)) return query;
		const before = query.slice(1);
		let rest = before;
		let passes = 0;
		for (let last = ''; rest !== last; passes += 1) {
			if (passes === mostPasses) return '';
			last = rest;
			rest = without(rest, folded);
		}
		if (rest === before) return query;
		return rest === '' ? '' : `?${rest}`;
	};
}

function without(text: string, names: ReadonlySet<string>): string {
	const goes = new Uint8Array(text.length);
	let chars: readonly Char[] = text.split('').map((char, at) => ({ text: char, from: at, to: at + 1 }));
	for (let depth = 0; depth < 4; depth += 1) {
		for (const separators of ['&', '&;']) markIn(chars, separators, names, goes);
		const decoded = decodeOnce(chars);
		if (decoded.length === chars.length) break;
		chars = decoded;
	}
	return [...goes].some((mark) => mark === 1) ? keep(text, goes) : text;
}

function keep(text: string, goes: Uint8Array): string {
	return Array.from({ length: text.length }, (_, at) => (goes[at] === 1 ? '' : text[at])).join('');
}

/** Marks each piece with one of the names, and the separator in front of it; at the beginning, the one behind it. */
function markIn(chars: readonly Char[], separators: string, names: ReadonlySet<string>, goes: Uint8Array): void {
	let isFirst = true;
	for (let start = 0; start <= chars.length; ) {
		let end = start;
		let name = '';
		for (let isName = true; end < chars.length && !separators.includes(chars[end]?.text ?? ''); end += 1) {
			const { text } = chars[end] as Char;
			if (text === '=') isName = false;
			if (isName) name += text;
		}
		if (end > start && readingsOf(name).some((reading) => names.has(reading))) {
			const first = chars[isFirst ? start : start - 1] as Char;
			const last = chars[isFirst ? Math.min(end, chars.length - 1) : end - 1] as Char;
			goes.fill(1, first.from, last.to);
		} else isFirst = false;
		start = end + 1;
	}
}

/** `%75`, and `%u0075` of older servers of Microsoft's. */
function decodeOnce(chars: readonly Char[]): Char[] {
	const decoded: Char[] = [];
	for (let at = 0; at < chars.length; ) {
		const digits = hexDigitsAt(chars, at);
		const [first, length] = [chars[at] as Char, digits === undefined ? 1 : digits.length === 4 ? 6 : 3];
		const text = digits === undefined ? first.text : String.fromCharCode(Number.parseInt(digits, 16));
		at += length;
		decoded.push({ text, from: first.from, to: (chars[at - 1] as Char).to });
	}
	return decoded;
}

function hexDigitsAt(chars: readonly Char[], at: number): string | undefined {
	if (chars[at]?.text !== '%') return undefined;
	const text = (from: number, count: number) => chars.slice(from, from + count).map((char) => char.text);
	const isLong = /^u$/i.test(chars[at + 1]?.text ?? '');
	const digits = (isLong ? text(at + 2, 4) : text(at + 1, 2)).join('');
	return (isLong ? /^[0-9a-f]{4}$/i : /^[0-9a-f]{2}$/i).test(digits) ? digits : undefined;
}

/**
 * What readers may take a name for. PHP knows `a.b` and `a b` as `a_b`, `a[]` as `a`, and `a[b`, which nothing closes, as `a_b`; qs
 * (Express) `[a]` as `a`; others cut at a NUL, or do not see spaces around a name.
 */
function readingsOf(name: string): string[] {
	const decoded = (decodings(name).at(-1) ?? name)
		.toLowerCase()
		.replace(/\0.*$/s, '')
		.replace(/^[\s?[]+/, '');
	return [decoded.replace(/[[\]].*$/s, ''), decoded.replaceAll('[', '_')].map((text) =>
		// Each run of spaces is looked at once: a query may be sixteen thousand of them.
		text.replace(/(?<!\s)\s+$/, '').replace(/[ .]/g, '_'),
	);
}
