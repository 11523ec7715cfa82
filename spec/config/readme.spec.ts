import { readFileSync } from 'node:fs';
import test from 'ava';
import { z } from 'zod';
import { schema } from '../../src/config/schema.ts';

/** Every key that holds a value, with its default as the page writes it. */
function settings(type: z.ZodType, path: string): [path: string, fallback: string][] {
	if (type instanceof z.ZodPrefault || type instanceof z.ZodOptional) return settings(type.unwrap() as z.ZodType, path);
	if (type instanceof z.ZodDefault) {
		const inner = type.unwrap() as z.ZodType;
		const items = inner instanceof z.ZodArray ? (inner.element as z.ZodType) : undefined;
		if (items instanceof z.ZodObject) return settings(items, `${path}[]`);
		const fallback = `${type.def.defaultValue}`;
		return [[path, items && fallback === '' ? 'none' : `\`${fallback}\``]];
	}
	if (type instanceof z.ZodObject) {
		const at = (key: string) => (path === '' ? key : `${path}.${key}`);
		return Object.entries(type.shape).flatMap(([key, part]) => settings(part as z.ZodType, at(key)));
	}
	return [[path, '']];
}

test('the page of the configuration names every setting, with its default', (t) => {
	const page = readFileSync(new URL('../../docs/configuration.md', import.meta.url), 'utf8');
	const rows = [...page.matchAll(/^\| `([A-Za-z[\].]+)` \| (.*?) \|/gm)].map(([, key = '', fallback = '']) => [
		key,
		fallback,
	]);
	const told = Object.fromEntries(rows.filter(([key]) => key !== undefined));
	t.deepEqual(told, Object.fromEntries(settings(schema, '')));
});
