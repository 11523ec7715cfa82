import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';

/** A picture that stands on our own pages. */
export interface Logo {
	/** Changes with the content: `7f3a….svg`. */
	readonly name: string;
	readonly bytes: Buffer;
	readonly type: 'image/svg+xml' | 'image/png';
}

/** Small: it stands in each page that says why something is not shown. */
const mostBytes = 64 * 1024;

const pngStart = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
/** Behind what may stand in front of it: a declaration, comments, a document type without entities of its own. */
const svgStart = /^\uFEFF?\s*(<\?xml[^>]*\?>\s*)?(<!--[\s\S]*?-->\s*|<!DOCTYPE\s+svg[^>[]*>\s*)*<svg[\s>]/;

/** Throws where it is none, with what is wrong. */
export function readLogo(file: string): Logo {
	const { size } = statSync(file);
	if (size > mostBytes) throw new Error(`is larger than ${mostBytes / 1024} KiB`);
	const bytes = readFileSync(file);
	const isPng = bytes.subarray(0, pngStart.length).equals(pngStart);
	if (!isPng && !isSvg(bytes)) throw new Error('is neither SVG nor PNG, whatever its name says');
	const name = createHash('sha256').update(bytes).digest('hex').slice(0, 32);
	return isPng
		? { name: `${name}.png`, bytes, type: 'image/png' }
		: { name: `${name}.svg`, bytes, type: 'image/svg+xml' };
}

function isSvg(bytes: Buffer): boolean {
	try {
		return svgStart.test(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes));
	} catch {
		return false;
	}
}
