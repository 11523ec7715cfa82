import { readFileSync } from 'node:fs';

const strictUtf8 = new TextDecoder('utf-8', { fatal: true });

/** Strict UTF-8, without the byte order mark that editors on Windows write. Throws where `what` is in another encoding. */
export function decodeText(bytes: Uint8Array, what: string): string {
	try {
		return strictUtf8.decode(bytes);
	} catch {
		// Letters of another encoding would become a password that nobody can type.
		throw new Error(`${what} is not UTF-8`);
	}
}

/** What a mounted secret says: all of it but the line break at its end. */
export function readSecret(file: string): string {
	return decodeText(readFileSync(file), file).replace(/\r?\n$/, '');
}
