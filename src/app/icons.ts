import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { extname } from 'node:path';
import { iconTypes } from '../pages/icons.ts';

/** A picture of an application, served by us: our pages load nothing from anywhere else. */
export interface IconFile {
	/** Changes with the content: `7f3a….svg`. */
	readonly name: string;
	readonly bytes: Buffer;
	readonly type: string;
}

const mostBytes = 256 * 1024;

/** Throws where it is none, with what is wrong. */
export function readIcon(file: string): IconFile {
	const extension = extname(file).toLowerCase();
	const type = iconTypes[extension];
	if (type === undefined) throw new Error(`must end with ${Object.keys(iconTypes).join(', ')}`);
	const bytes = readFileSync(file);
	if (bytes.length > mostBytes) throw new Error(`is larger than ${mostBytes / 1024} KiB`);
	return { name: createHash('sha256').update(bytes).digest('hex').slice(0, 32) + extension, bytes, type };
}
