/*
 * Cookies as a request carries them. Read by ourselves, since a request that carries one name twice must be seen as
 * what it is: another server on this host (a Tomcat has a JSESSIONID, too), a neighbour domain or a broken client put a
 * second one beside ours, and neither the first nor the last is right because of its place.
 */

/** More of one name than any honest client sends: then none is read. */
const maxOfOneName = 4;

/** The values of all cookies of this name, each once, in the order of the header; quotes around a value are not part of it. */
export function cookiesOf(header: string | undefined, name: string): readonly string[] {
	const found: string[] = [];
	if (header === undefined) return found;
	for (let at = 0; at < header.length; ) {
		let end = header.indexOf(';', at);
		if (end === -1) end = header.length;
		while (header.charCodeAt(at) === 32 || header.charCodeAt(at) === 9) at += 1;
		if (header.startsWith(name, at) && header.charCodeAt(at + name.length) === 61) {
			const value = unquoted(withoutBlanks(header, at + name.length + 1, end));
			if (!found.includes(value)) found.push(value);
		}
		at = end + 1;
	}
	return found.length > maxOfOneName ? [] : found;
}

/** Spaces and tabs are no part of a value, at either end; what else looks blank to Unicode is one. Rule: RFC 6265, 5.2. */
function withoutBlanks(header: string, start: number, end: number): string {
	const isBlank = (at: number) => header.charCodeAt(at) === 32 || header.charCodeAt(at) === 9;
	let [from, to] = [start, end];
	while (from < to && isBlank(from)) from += 1;
	while (to > from && isBlank(to - 1)) to -= 1;
	return header.slice(from, to);
}

/**
 * Rule: RFC 6265, 4.1.1: a value may stand in double quotes. Python's http.cookies, and aiohttp with it, quotes what
 * holds an `@`, and writes a comma, a semicolon and the like as a backslash and three octal digits.
 */
function unquoted(value: string): string {
	if (value.length < 2 || !value.startsWith('"') || !value.endsWith('"')) return value;
	return value
		.slice(1, -1)
		.replace(/\\(?:([0-3][0-7]{2})|(.))/g, (_, octal?: string, sign = '') =>
			octal === undefined ? sign : String.fromCharCode(Number.parseInt(octal, 8)),
		);
}
