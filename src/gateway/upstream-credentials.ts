/** How we show ourselves to an upstream, in place of whatever its client shows. Config: `upstreamCredentials`. */
export interface UpstreamCredentials {
	/** In the configuration. For logs and metrics: no secret. */
	readonly name: string;
	/** Names of cookies that carry credentials of the upstream's own. They end here, both ways. */
	readonly cookies: readonly string[];
	/** What a request shows from now on; nothing where a certificate is all, or they are withheld. */
	shown(): Shown;
	/** Nothing is shown: an upstream that refuses a request refuses its client. */
	readonly withheld?: true;
}

export interface Shown {
	/** `NAME=VALUE`. */
	readonly cookie?: string;
	/** One character a byte. */
	readonly authorization?: string;
}

/** For an https upstream: what its certificate is judged by, and what we show. A new object whenever one of them is new. */
export interface UpstreamTls {
	readonly ca?: Buffer;
	readonly cert?: Buffer;
	readonly key?: Buffer;
}

/** The same system, and nothing is shown to it: what it gives to everybody it gives to a stranger. */
export function showingNothing(credentials: UpstreamCredentials): UpstreamCredentials {
	return { ...credentials, shown: () => ({}), withheld: true };
}

/**
 * Whether a piece of a `Cookie` header could be read as a cookie of one of these names: in whatever case, behind a comma or
 * a quote, and by an upstream that decodes the header before it takes it apart. Rule: Kismet, `decode_cookies`.
 */
export function couldCarry(piece: string, names: readonly string[]): boolean {
	if (names.length === 0) return false;
	const readings = decodings(piece.toLowerCase());
	return names.some((name) => readings.some((text) => isNamed(text, name.toLowerCase())));
}

/** Whether `name=` stands in it, and nothing in front of it that belongs to a longer name. */
function isNamed(text: string, name: string): boolean {
	for (let at = text.indexOf(name); at >= 0; at = text.indexOf(name, at + 1)) {
		const isWhole = at === 0 || /[\s;,"'=\0]/.test(text[at - 1] ?? '');
		if (isWhole && /^[\s\0]*=/.test(text.slice(at + name.length))) return true;
	}
	return false;
}

/** The text, and what it is once decoded, twice, and three times. */
export function decodings(text: string): string[] {
	const all = [text];
	for (let last = text; all.length < 4; ) {
		const next = last
			.replaceAll('+', ' ')
			.replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
			.toLowerCase();
		if (next === last) break;
		all.push(next);
		last = next;
	}
	return all;
}
