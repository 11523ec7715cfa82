/*
 * Reads DER (X.690), the bytes of certificates and revocation lists, where Node shows only a text of them or nothing at
 * all. Strict: what DER writes in another way is not read. Ours and not a library's: the ones at hand refuse a
 * revocation list of some thousand entries, and double the time that the service takes to start.
 */

/** The bytes are no DER, or not what was expected in this place. */
export class NotDer extends Error {
	override readonly name = 'NotDer';
}

export interface Der {
	readonly tag: number;
	/** Without tag and length. */
	readonly content: Buffer;
	/** With them. */
	readonly bytes: Buffer;
}

export const tags = {
	boolean: 0x01,
	integer: 0x02,
	bitString: 0x03,
	octetString: 0x04,
	oid: 0x06,
	utf8String: 0x0c,
	printableString: 0x13,
	utcTime: 0x17,
	generalizedTime: 0x18,
	bmpString: 0x1e,
	sequence: 0x30,
	set: 0x31,
} as const;

/** The one element that `bytes` are, to the last byte. */
export function readDer(bytes: Buffer, tag?: number): Der {
	const element = elementAt(bytes, 0);
	if (element.bytes.length !== bytes.length) throw new NotDer('bytes behind the end');
	return tag === undefined ? element : expect(element, tag);
}

/** The elements inside of `element`. */
export function childrenOf(element: Der, tag?: number): Der[] {
	if (tag !== undefined) expect(element, tag);
	const children: Der[] = [];
	for (let at = 0; at < element.content.length; ) {
		const child = elementAt(element.content, at);
		children.push(child);
		at += child.bytes.length;
	}
	return children;
}

/** The element, where there is one and it has this tag; throws `NotDer` else. */
export function expect(element: Der | undefined, tag: number): Der {
	if (element?.tag !== tag) throw new NotDer(`tag ${element?.tag} where ${tag} was expected`);
	return element;
}

/** As `2.5.4.3`. */
export function readOid(element: Der | undefined): string {
	const { content } = expect(element, tags.oid);
	const arcs: bigint[] = [];
	let arc = 0n;
	for (const byte of content) {
		arc = (arc << 7n) | BigInt(byte & 0x7f);
		if (byte & 0x80) continue;
		arcs.push(arc);
		arc = 0n;
	}
	const [first, ...others] = arcs;
	if (first === undefined || (content.at(-1) ?? 0) & 0x80) throw new NotDer('an unfinished object identifier');
	const root = first < 80n ? first / 40n : 2n;
	return [root, first - root * 40n, ...others].join('.');
}

/** Milliseconds since 1970. RFC 5280, 4.1.2.5: always in Zulu, with seconds; UTCTime is of 1950 to 2049. */
export function readTime(element: Der | undefined): number {
	const text = element?.content.toString('latin1') ?? '';
	const year =
		/^\d{12}Z$/.test(text) && element?.tag === tags.utcTime ? (Number(text.slice(0, 2)) < 50 ? '20' : '19') : '';
	const parts = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/.exec(year + text);
	if (!parts || (year === '' && element?.tag !== tags.generalizedTime)) throw new NotDer('a time that is none');
	const [y, month, day, h, min, s] = parts.slice(1);
	const ms = Date.parse(`${y}-${month}-${day}T${h}:${min}:${s}Z`);
	if (Number.isNaN(ms)) throw new NotDer('a time that is none');
	return ms;
}

/** The bits of a BIT STRING as bytes; `unused` bits of the last one do not count. */
export function readBits(element: Der | undefined): { readonly bytes: Buffer; readonly unused: number } {
	const { content } = expect(element, tags.bitString);
	const unused = content[0];
	if (unused === undefined || unused > 7 || (unused > 0 && content.length === 1))
		throw new NotDer('a bit string that is none');
	return { bytes: content.subarray(1), unused };
}

function elementAt(bytes: Buffer, at: number): Der {
	const tag = bytes[at];
	const first = bytes[at + 1];
	if (tag === undefined || first === undefined) throw new NotDer('cut off');
	if ((tag & 0x1f) === 0x1f) throw new NotDer('a tag of many bytes');
	const { length, header } = first < 0x80 ? { length: first, header: 2 } : longLength(bytes, at + 1);
	const end = at + header + length;
	if (end > bytes.length) throw new NotDer('cut off');
	return { tag, content: bytes.subarray(at + header, end), bytes: bytes.subarray(at, end) };
}

function longLength(bytes: Buffer, at: number): { length: number; header: number } {
	const octets = (bytes[at] ?? 0) & 0x7f;
	if (octets === 0 || octets > 4 || at + octets >= bytes.length) throw new NotDer('a length that DER does not write');
	const length = bytes.readUIntBE(at + 1, octets);
	if (length < 0x80 || length < 2 ** (8 * (octets - 1))) throw new NotDer('a length that DER does not write');
	return { length, header: 2 + octets };
}
