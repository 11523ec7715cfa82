import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, resolve } from 'node:path';
import type { Document } from 'yaml';
import { z } from 'zod';
import { unwrap, withEnvironment } from './environment.ts';
import { formerKeys } from './former.ts';
import { type Config, type Settings, schema } from './schema.ts';
import { decodeText } from './secret-file.ts';
import { orNearest } from './suggest.ts';
import { withAbsoluteFiles } from './upstream-credentials.ts';

/** Loaded for what people write, and not at every start: it is a tenth of all modules. */
const require = createRequire(import.meta.url);
const loadYaml = (): typeof import('yaml') => require('yaml');

/** The configuration cannot be used. Each line says where and why. */
export class ConfigError extends Error {
	override readonly name = 'ConfigError';
	readonly lines: readonly string[];
	constructor(lines: readonly string[]) {
		super(lines.join('\n'));
		this.lines = lines;
	}
}

export interface Source {
	/** Absent: defaults and the environment only. */
	readonly file?: string;
	/** In place of a file: what would stand in it. */
	readonly settings?: Readonly<Record<string, unknown>>;
	readonly env: Readonly<Record<string, string | undefined>>;
}

export interface Loaded {
	readonly config: Config;
	/** What the file and the environment say, as it was written and before anything was completed. */
	readonly given: Readonly<Record<string, unknown>>;
	/** Variables of the environment that said something. */
	readonly variables: readonly string[];
	/** Where a key was set: `latchkey.yaml:3: `, `LATCHKEY_HTTP_PORT: `, or empty. */
	placeOf(path: readonly PropertyKey[]): string;
}

export function readConfig(source: Source): Config {
	return loadConfig(source).config;
}

/**
 * Reads, checks and completes the configuration. Paths in it become absolute. Relative ones count from its file; those of
 * `store` from the data folder.
 */
export function loadConfig({ file, settings = {}, env }: Source): Loaded {
	const written = file === undefined ? { ...noFile, value: settings } : readYaml(file);
	const { value, problems, names, variableOf } = withEnvironment(written.value, env);
	const placeOf = (path: readonly PropertyKey[]) => variableOf(path) ?? written.lineOf(path);
	// Read once, or nearly: to compile its schema first takes three times as long.
	const parsed = schema.safeParse(value, { jitless: true });
	if (!parsed.success) {
		for (const issue of parsed.error.issues) problems.push(...describe(issue, placeOf));
	}
	if (problems.length > 0 || !parsed.success) throw new ConfigError(problems);
	const folders = {
		ofFile: file === undefined ? process.cwd() : dirname(resolve(file)),
		ofData: resolve(parsed.data.data.dir ?? env.STATE_DIRECTORY?.split(':')[0] ?? '.'),
	};
	return {
		config: withLengthAlone(withAbsolutePaths(parsed.data, folders), value as Settings),
		given: value,
		variables: names,
		placeOf,
	};
}

/** A length that is set, and nothing else, is that of a password alone, too: what the installation was begun with counts where nothing is said. */
function withLengthAlone(config: Config, given: Settings): Config {
	const { minLength, minLengthAlone = minLength } = config.passwordPolicy;
	if (given.passwordPolicy?.minLength === undefined) return config;
	return { ...config, passwordPolicy: { ...config.passwordPolicy, minLengthAlone } };
}

interface Written {
	readonly value: Record<string, unknown>;
	/** Where a key stands, or the nearest above it: `config.yaml:3: `. */
	lineOf(path: readonly PropertyKey[]): string;
}

const noFile: Written = { value: {}, lineOf: () => '' };

function readYaml(file: string): Written {
	let text: string;
	try {
		text = decodeText(readFileSync(file), 'it');
	} catch (fault) {
		// `open 'FILE'` at its end would say the name twice.
		throw new ConfigError([`${file}: cannot be read: ${(fault as Error).message.replace(/, \w+( '.*')?$/s, '')}`]);
	}
	const { isMap, isNode, isScalar, LineCounter, parseDocument } = loadYaml();
	const lines = new LineCounter();
	const document = parseDocument(text, { lineCounter: lines, uniqueKeys: true });
	if (document.errors.length > 0) {
		throw new ConfigError(
			document.errors.map(({ code, pos, message }) => {
				const key = code === 'DUPLICATE_KEY' ? `${/^[^:\s]*/.exec(text.slice(pos[0]))?.[0]}: ` : '';
				const said = message.replace(/ at line \d+, column \d+:[\s\S]*$/, '');
				return `${file}:${lines.linePos(pos[0]).line}: ${key}${said}`;
			}),
		);
	}
	const value = contentOf(document, file);
	if (typeof value !== 'object' || Array.isArray(value)) throw new ConfigError([`${file}: must hold keys and values`]);
	return {
		value: value as Record<string, unknown>,
		lineOf(path) {
			for (let length = path.length; length > 0; length -= 1) {
				const above: unknown = document.getIn(path.slice(0, length - 1), true);
				const key = path[length - 1];
				const node: unknown = isMap(above)
					? above.items.find((pair) => isScalar(pair.key) && pair.key.value === key)?.key
					: document.getIn(path.slice(0, length), true);
				if (isNode(node) && node.range) return `${file}:${lines.linePos(node.range[0]).line}: `;
			}
			return `${file}: `;
		},
	};
}

function contentOf(document: Document, file: string): unknown {
	try {
		return document.toJS() ?? {};
	} catch (fault) {
		// An alias of nothing, or of far too much.
		throw new ConfigError([`${file}: ${(fault as Error).message}`]);
	}
}

function describe(issue: z.core.$ZodIssue, placeOf: (path: readonly PropertyKey[]) => string): string[] {
	const at = (path: readonly PropertyKey[]) => `${placeOf(path)}${path.map(String).join('.')}`;
	if (issue.code === 'unrecognized_keys') {
		const known = keysAt(issue.path);
		return issue.keys.map((key) => {
			const path = [...issue.path, key];
			return `${at(path)}: ${formerKeys.get(path.join('.')) ?? `there is no such key${orNearest(key, known)}`}`;
		});
	}
	const message = issue.message
		.replace(/^Invalid (input|option): |^Too (small|big): /, '')
		.replace(/^expected .*, received undefined$/, 'is missing')
		.replace(/^expected .*, received null$/, 'has no value');
	return [`${at(issue.path)}: ${message}`];
}

/** The keys that there are at a path. */
function keysAt(path: readonly PropertyKey[]): readonly string[] {
	let type: unknown = schema;
	for (const part of path) {
		const inner = type instanceof z.ZodType ? unwrap(type) : undefined;
		type =
			inner instanceof z.ZodObject
				? inner.shape[String(part)]
				: inner instanceof z.ZodArray
					? inner.element
					: undefined;
	}
	const inner = type instanceof z.ZodType ? unwrap(type) : undefined;
	return inner instanceof z.ZodObject ? Object.keys(inner.shape) : [];
}

function withAbsolutePaths(config: Config, { ofFile: from, ofData }: { ofFile: string; ofData: string }): Config {
	const { https, store, log, upstreamCredentials, resources, dialects, portal } = config;
	const { keyFile } = dialects.kuraTokens;
	const absolute = (address: string) =>
		address.startsWith('sqlite:') ? `sqlite:${resolve(ofData, address.slice('sqlite:'.length))}` : address;
	return {
		...config,
		data: { dir: ofData },
		...(keyFile !== undefined && {
			dialects: { ...dialects, kuraTokens: { ...dialects.kuraTokens, keyFile: resolve(from, keyFile) } },
		}),
		upstreamCredentials: withAbsoluteFiles(upstreamCredentials, (path) => resolve(from, path)),
		resources: resources.map((resource) => ({
			...resource,
			...(resource.upstreamCa !== undefined && { upstreamCa: resolve(from, resource.upstreamCa) }),
			...(resource.icon !== undefined && { icon: resolve(from, resource.icon) }),
		})),
		store: { identities: absolute(store.identities), sessions: absolute(store.sessions) },
		...(portal.logo !== undefined && { portal: { ...portal, logo: resolve(from, portal.logo) } }),
		...(log.auditFile !== undefined && { log: { ...log, auditFile: resolve(from, log.auditFile) } }),
		...(https && {
			https: {
				...https,
				...(https.cert !== undefined && { cert: resolve(from, https.cert) }),
				...(https.key !== undefined && { key: resolve(from, https.key) }),
				...(https.clientCa !== undefined && { clientCa: resolve(from, https.clientCa) }),
				...(https.clientCrl !== undefined && { clientCrl: resolve(from, https.clientCrl) }),
			},
		}),
	};
}
