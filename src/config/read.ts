import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { LineCounter, parseDocument } from 'yaml';
import type { z } from 'zod';
import { withEnvironment } from './environment.ts';
import { type Config, schema } from './schema.ts';

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
	readonly env: Readonly<Record<string, string | undefined>>;
}

/** Reads, checks and completes the configuration. Paths in it become absolute: relative ones count from its file. */
export function readConfig({ file, env }: Source): Config {
	const written = file === undefined ? noFile : readYaml(file);
	const problems: string[] = [];
	const value = withEnvironment(written.value, env, problems);
	const parsed = schema.safeParse(value);
	if (!parsed.success) {
		for (const issue of parsed.error.issues) problems.push(...describe(issue, written.lineOf));
	}
	if (problems.length > 0 || !parsed.success) throw new ConfigError(problems);
	return withAbsolutePaths(parsed.data, file === undefined ? process.cwd() : dirname(resolve(file)));
}

interface Written {
	readonly value: Record<string, unknown>;
	/** Where a key stands: `config.yaml:3: `. */
	lineOf(path: readonly PropertyKey[]): string;
}

const noFile: Written = { value: {}, lineOf: () => '' };

function readYaml(file: string): Written {
	let text: string;
	try {
		text = readFileSync(file, 'utf8');
	} catch (fault) {
		throw new ConfigError([`${file}: cannot be read: ${(fault as Error).message}`]);
	}
	const lines = new LineCounter();
	const document = parseDocument(text, { lineCounter: lines, uniqueKeys: true });
	if (document.errors.length > 0) {
		throw new ConfigError(
			document.errors.map((each) => `${file}:${lines.linePos(each.pos[0]).line}: ${each.message.split('\n')[0]}`),
		);
	}
	const value: unknown = document.toJS() ?? {};
	if (typeof value !== 'object' || Array.isArray(value)) throw new ConfigError([`${file}: must hold keys and values`]);
	return {
		value: value as Record<string, unknown>,
		lineOf(path) {
			for (let length = path.length; length > 0; length -= 1) {
				const node: unknown = document.getIn(path.slice(0, length), true);
				const range = (node as { range?: [number, number, number] } | undefined)?.range;
				if (range) return `${file}:${lines.linePos(range[0]).line}: `;
			}
			return `${file}: `;
		},
	};
}

function describe(issue: z.core.$ZodIssue, lineOf: Written['lineOf']): string[] {
	const at = (path: readonly PropertyKey[]) => `${lineOf(path)}${path.map(String).join('.')}`;
	if (issue.code === 'unrecognized_keys') {
		return issue.keys.map((key) => `${at([...issue.path, key])}: there is no such key`);
	}
	return [`${at(issue.path)}: ${issue.message.replace(/^Invalid input: /, '')}`];
}

function withAbsolutePaths(config: Config, from: string): Config {
	const { https, store, log } = config;
	const absolute = (address: string) =>
		address.startsWith('sqlite:') ? `sqlite:${resolve(from, address.slice('sqlite:'.length))}` : address;
	return {
		...config,
		store: { identities: absolute(store.identities), sessions: absolute(store.sessions) },
		...(log.auditFile !== undefined && { log: { ...log, auditFile: resolve(from, log.auditFile) } }),
		...(https && {
			https: {
				...https,
				cert: resolve(from, https.cert),
				key: resolve(from, https.key),
				...(https.clientCa !== undefined && { clientCa: resolve(from, https.clientCa) }),
				...(https.clientCrl !== undefined && { clientCrl: resolve(from, https.clientCrl) }),
			},
		}),
	};
}
