import { visit } from 'jsonc-parser';
import type { ZodType } from 'zod';
import { Unreadable } from './person.ts';

/**
 * JSON of a given shape, in which no key stands twice: another reader could take the other one. Throws `Unreadable`.
 * `what`: the text, as the message calls it.
 */
export function parseStrictly<T>(text: string, shape: ZodType<T>, what: string): T {
	let value: unknown;
	try {
		value = JSON.parse(text);
		if (hasKeyTwice(text)) throw new Unreadable(`${what}: a key stands twice in one object`);
	} catch (fault) {
		throw fault instanceof Unreadable ? fault : new Unreadable(`${what} is not JSON`);
	}
	const parsed = shape.safeParse(value);
	if (parsed.success) return parsed.data;
	const [issue] = parsed.error.issues;
	throw new Unreadable(`${what}: ${issue?.path.join('.') || 'it'}: ${issue?.message}`);
}

function hasKeyTwice(text: string): boolean {
	const open: Set<string>[] = [];
	let twice = false;
	visit(text, {
		onObjectBegin: () => void open.push(new Set()),
		onObjectProperty(key) {
			const keys = open.at(-1);
			twice ||= keys?.has(key) ?? false;
			keys?.add(key);
		},
		onObjectEnd: () => void open.pop(),
	});
	return twice;
}
