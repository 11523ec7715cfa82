import type { Person } from './person.ts';

/** `NAME:VERIFIER`, a line each. */
export function readHtpasswd(text: string): readonly Person[] {
	return text
		.split(/\r?\n/)
		.filter((line) => line.trim() !== '' && !line.startsWith('#'))
		.map((line) => {
			const at = line.indexOf(':');
			if (at === -1) return { name: line, permissions: [], problem: 'has no colon behind it' };
			return { name: line.slice(0, at), verifier: line.slice(at + 1).trim(), permissions: [] };
		});
}
