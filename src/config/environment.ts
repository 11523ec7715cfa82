import { z } from 'zod';
import { formerKeys } from './former.ts';
import { schema } from './schema.ts';
import { readSecret } from './secret-file.ts';
import { orNearest } from './suggest.ts';

/** Names that are read elsewhere: the file's own path, and the first administrator. */
const otherNames = new Set(['LATCHKEY_CONFIG', 'LATCHKEY_ADMIN_PASSWORD', 'LATCHKEY_ADMIN_NAME']);

/** `http.port` → the variable's name and how its text becomes a value. */
const variables = new Map(leaves(schema, []).map(({ path, read }) => [variableOf(path), { path, read }]));

function variableOf(path: readonly string[]): string {
	return ['LATCHKEY', ...path.map((part) => part.replace(/([a-z])([A-Z])/g, '$1_$2').toUpperCase())].join('_');
}

const formerVariables = new Map([...formerKeys].map(([key, word]) => [variableOf(key.split('.')), word]));

interface Leaf {
	readonly path: readonly string[];
	read(text: string): unknown;
}

/** Every key that holds a value, with the way from text to it. */
function leaves(type: z.ZodType, at: readonly string[]): Leaf[] {
	const inner = unwrap(type);
	if (inner instanceof z.ZodObject) {
		return Object.entries(inner.shape).flatMap(([key, part]) => leaves(part as z.ZodType, [...at, key]));
	}
	return [{ path: at, read: readerOf(inner) }];
}

/** How a text of the environment becomes a value of this type. What cannot become one stays text, for the schema to complain of. */
function readerOf(type: z.ZodType): (text: string) => unknown {
	if (type instanceof z.ZodNumber) return (text) => (/^-?\d+$/.test(text) ? Number(text) : text);
	if (type instanceof z.ZodBoolean) return (text) => oneOf([true, false], text);
	if (type instanceof z.ZodLiteral) return (text) => oneOf([...type.values], text);
	if (type instanceof z.ZodArray) return readList;
	if (type instanceof z.ZodRecord) return readJson;
	if (type instanceof z.ZodUnion) {
		const readers = type.options.map((option) => readerOf(option as z.ZodType));
		return (text) => readers.map((read) => read(text)).find((value) => value !== text) ?? text;
	}
	return (text) => text;
}

function oneOf(values: readonly unknown[], text: string): unknown {
	return values.find((value) => String(value) === text) ?? text;
}

/** A key's type, without what makes it optional. */
export function unwrap(type: z.ZodType): z.ZodType {
	if (type instanceof z.ZodDefault || type instanceof z.ZodPrefault || type instanceof z.ZodOptional) {
		return unwrap(type.unwrap() as z.ZodType);
	}
	return type;
}

/** What is no JSON stays text, for the schema to complain of. */
function readJson(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		return text;
	}
}

/** JSON, or words with commas between them. */
function readList(text: string): unknown {
	if (text.trimStart().startsWith('[')) return readJson(text);
	return text
		.split(',')
		.map((part) => part.trim())
		.filter((part) => part !== '');
}

/**
 * Kubernetes and `docker run --link` describe other containers in such variables: for a Service `latchkey` or
 * `latchkey-metrics`, LATCHKEY_SERVICE_HOST and LATCHKEY_METRICS_PORT=tcp://10.96.0.12:9464. They are not ours.
 */
function isServiceLink(name: string, value: string): boolean {
	if (/^LATCHKEY(_\w+)?_SERVICE_(HOST|PORT(_\w+)?)$/.test(name)) return true;
	if (/^LATCHKEY(_\w+)?_PORT_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR|START|END))?$/.test(name)) return true;
	if (/^LATCHKEY(_\w+)?_PORT(_\d+)?$/.test(name)) return /^(tcp|udp|sctp):\/\//.test(value);
	return /^LATCHKEY(_\w+)?_ENV_\w+$/.test(name) || (/^LATCHKEY(_\w+)?_NAME$/.test(name) && /^\/.+\//.test(value));
}

export interface Merged {
	readonly value: Record<string, unknown>;
	/** What could not be read. */
	readonly problems: string[];
	/** The variables that said something. */
	readonly names: readonly string[];
	/** `LATCHKEY_HTTP_PORT: `, where the environment said what stands at this path, or above it. */
	variableOf(path: readonly PropertyKey[]): string | undefined;
}

/** The settings with those of the environment on top. An empty variable is none, as from Compose's `${X:-}`. */
export function withEnvironment(
	written: Record<string, unknown>,
	env: Readonly<Record<string, string | undefined>>,
): Merged {
	const value = structuredClone(written);
	const problems: string[] = [];
	const saidBy = new Map<string, string>();
	for (const [name, given] of Object.entries(env)) {
		if (given === undefined || given === '' || !name.startsWith('LATCHKEY_') || otherNames.has(name)) continue;
		if (isServiceLink(name, given)) continue;
		const direct = variables.get(name);
		const fromFile = direct === undefined && name.endsWith('_FILE') ? name.slice(0, -'_FILE'.length) : undefined;
		if (fromFile !== undefined && otherNames.has(fromFile)) continue;
		const variable = direct ?? (fromFile === undefined ? undefined : variables.get(fromFile));
		if (variable === undefined) {
			const former = formerVariables.get(name);
			problems.push(`${name}: ${former ?? `there is no such setting${orNearest(name, variables.keys())}`}`);
			continue;
		}
		const key = variable.path.join('.');
		const other = saidBy.get(key);
		if (other !== undefined) problems.push(`${name}: says what ${other} says, too: leave one of them out`);
		saidBy.set(key, name);
		try {
			const text = direct === undefined ? readSecret(given) : given;
			put(value, variable.path, variable.read(text));
		} catch (fault) {
			problems.push(`${name}: ${(fault as Error).message}`);
		}
	}
	return {
		value,
		names: [...saidBy.values()],
		problems,
		variableOf(path) {
			for (let length = path.length; length > 0; length -= 1) {
				const name = saidBy.get(path.slice(0, length).join('.'));
				if (name !== undefined) return `${name}: `;
			}
			return undefined;
		},
	};
}

function put(into: Record<string, unknown>, [key = '', ...rest]: readonly string[], value: unknown): void {
	if (rest.length === 0) {
		into[key] = value;
		return;
	}
	const part = into[key] ?? {};
	// What is no object stays, for the schema to complain of.
	if (typeof part !== 'object' || part === null) return;
	into[key] = part;
	put(part as Record<string, unknown>, rest, value);
}
