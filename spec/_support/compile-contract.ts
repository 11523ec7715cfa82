import { Ajv2020 } from 'ajv/dist/2020.js';
import standalone from 'ajv/dist/standalone/index.js';
import formats from 'ajv-formats';
import { isReference, nameOf, type OpenApi } from '../../src/api-docs/document.ts';

/**
 * A CommonJS module with a validator of each schema of the document. Clients may meet more properties one day than the document
 * names today, so its objects are open. What is answered today must be named there, so here they are closed.
 */
export function compileContract(document: OpenApi, validatorName: (schema: object) => string): string {
	const { schemas } = document.components;
	const ajv = new Ajv2020({ strict: true, allErrors: true, inlineRefs: false, code: { source: true } });
	formats.default(ajv);
	const names = new Map<string, string>();
	for (const [name, schema] of Object.entries(schemas)) {
		ajv.addSchema(close(schema) as object, idOf(name));
		names.set(validatorName(schema), idOf(name));
	}
	for (const schema of schemasIn(document)) {
		const name = validatorName(schema);
		if (isReference(schema) || names.has(name)) continue;
		ajv.addSchema(close(schema) as object, name);
		names.set(name, name);
	}
	return standalone.default(ajv, Object.fromEntries(names));
}

/** Whatever is called `schema`, at any depth. */
function schemasIn(part: unknown): object[] {
	if (typeof part !== 'object' || part === null) return [];
	return Object.entries(part).flatMap(([key, value]) => [...(key === 'schema' ? [value] : []), ...schemasIn(value)]);
}

const idOf = (name: string) => `contract:${name}`;

function close(part: unknown): unknown {
	if (Array.isArray(part)) return part.map(close);
	if (typeof part !== 'object' || part === null) return part;
	const inner = Object.fromEntries(Object.entries(part).map(([key, value]) => [key, close(value)]));
	if (isReference(part)) return { ...inner, $ref: idOf(nameOf(part)) };
	return 'properties' in inner ? { additionalProperties: false, ...inner } : inner;
}
