import { z } from 'zod';
import { descriptions } from './descriptions.ts';
import { schema } from './schema.ts';

/** Where people find it in a file: `networks` and other records hold keys of their own choice. */
type Path = readonly (string | number)[];

/**
 * A JSON Schema (draft 2020-12) of the configuration file, for editors: keys, types, defaults, meanings. What keys need of each
 * other is checked by `latchkey config check` alone.
 */
export function jsonSchema(): Record<string, unknown> {
	const made = z.toJSONSchema(schema, {
		io: 'input',
		target: 'draft-2020-12',
		override({ jsonSchema: part, path }) {
			const description = descriptions[keyOf(path)];
			if (description !== undefined) part.description = description;
			// No format of the standard; its pattern says the same.
			if (part.format === 'starts_with') delete part.format;
		},
	});
	return { ...made, title: 'Configuration of Latchkey' };
}

/** `properties.resources.items.properties.path` → `resources[].path`. */
function keyOf(path: Path): string {
	let key = '';
	for (let at = 0; at < path.length; at += 1) {
		if (path[at] === 'properties') {
			at += 1;
			key += key === '' ? `${path[at]}` : `.${path[at]}`;
		} else if (path[at] === 'items') key += '[]';
		else return '';
	}
	return key;
}
