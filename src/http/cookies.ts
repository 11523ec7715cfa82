/*
 * Cookies as a request carries them. Read by ourselves, since a request that carries one name twice must be seen as
 * what it is: somebody (a neighbour domain, a broken client) put a second one beside ours, and neither is believed.
 */

/** The value of a cookie, or `undefined` where the header holds none of that name, or more than one. */
export function cookieOf(header: string | undefined, name: string): string | undefined {
	if (header === undefined) return undefined;
	let found: string | undefined;
	for (let at = 0; at < header.length; ) {
		let end = header.indexOf(';', at);
		if (end === -1) end = header.length;
		while (header.charCodeAt(at) === 32 || header.charCodeAt(at) === 9) at += 1;
		if (header.startsWith(name, at) && header.charCodeAt(at + name.length) === 61) {
			if (found !== undefined) return undefined;
			found = header.slice(at + name.length + 1, end).trim();
		}
		at = end + 1;
	}
	return found;
}
