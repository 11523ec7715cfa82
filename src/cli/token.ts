import type { Core } from '../app/service.ts';
import type { ApiToken, ApiTokenId } from '../core/api-token.ts';
import { parseApiTokenId } from '../core/api-token.ts';
import type { IdentityName, Permission } from '../core/identity.ts';
import { parsePermission } from '../core/identity.ts';
import {
	longestApiTokenMs,
	parseApiTokenName,
	parseApiTokenNetwork,
	parseApiTokenPath,
	usualApiTokenMs,
} from '../core/new-api-token.ts';
import type { Common } from './identity.ts';
import { nameOf, withIdentity } from './identity.ts';
import { counted, Failed, print, printJson, say, table } from './output.ts';
import { confirm } from './prompt.ts';
import { refusalInWords } from './refusals.ts';
import { withCore } from './settings.ts';

const told = { actor: 'operator' } as const;

export interface AddTokenOptions extends Common {
	readonly permission?: readonly string[];
	/** Milliseconds. */
	readonly for?: number;
	readonly name?: string;
	readonly network?: readonly string[];
	readonly path?: readonly string[];
	readonly endsWithPassword?: boolean;
}

/** The token alone goes to stdout: it is shown once, and a script may keep it in a variable. */
export async function addToken(given: string, options: AddTokenOptions): Promise<void> {
	const expiresInMs = options.for ?? usualApiTokenMs;
	if (expiresInMs > longestApiTokenMs) throw new Failed('--for: a token lives 366 days at the most');
	const wanted = {
		name: parsed(options.name ?? 'token', parseApiTokenName, 'cannot be a name: 1 to 100 printable characters'),
		permissions: each(options.permission, parsePermission, 'is not a permission') ?? [],
		expiresInMs,
		networks: each(options.network, parseApiTokenNetwork, 'is not an address or a CIDR'),
		paths: each(options.path, parseApiTokenPath, 'is not a path: /a/b, in ASCII, without escapes and dots'),
		endsWithPassword: options.endsWithPassword ?? false,
	};
	await withIdentity(nameOf(given), options, async ({ apiTokens }, identity) => {
		const { name } = identity;
		const made = await apiTokens.add(identity, wanted, told);
		if (!made.ok) throw new Failed(`${name}: ${inWords(made.refusal, name)}`);
		const { token, text } = made.value;
		const expiresAt = dateOf(token.expiresAt);
		if (options.json) return printJson({ id: token.id, token: text, expiresAt });
		print(text);
		const opens = token.permissions.join(', ') || 'nothing but what is open to everybody who is logged in';
		say(`token ${token.id} of ${name} opens ${opens}, until ${expiresAt}; it is not shown again`);
	});
}

export async function listTokens(options: Common & { identity?: string }): Promise<void> {
	const show = (tokens: readonly ApiToken[], names: ReadonlyMap<string, IdentityName>) => {
		const lines = tokens.map((token) => toJson(token, names.get(token.identityId)));
		if (options.json) printJson(lines);
		else if (lines.length === 0) say('there are no API tokens');
		else print(table(['ID', 'IDENTITY', 'NAME', 'PERMISSIONS', 'EXPIRES', 'LAST USED', 'FROM'], lines.map(toRow)));
	};
	if (options.identity !== undefined) {
		await withIdentity(nameOf(options.identity), options, async ({ apiTokens }, { id, name }) =>
			show(await apiTokens.list(id), new Map([[id, name]])),
		);
		return;
	}
	await withCore(options.config, async ({ apiTokens, identities }) => {
		const names = (await identities.list()).map(({ id, name }) => [id, name] as const);
		show(await apiTokens.list(undefined), new Map(names));
	});
}

export interface EndTokenOptions extends Common {
	readonly identity?: string;
	readonly all?: boolean;
	/** Nobody is asked. */
	readonly yes?: boolean;
}

/** One token by its ID, all of `options.identity`, or all. */
export async function endTokens(given: string | undefined, options: EndTokenOptions): Promise<void> {
	if (given !== undefined) return withCore(options.config, ({ apiTokens }) => endOne(apiTokens, given));
	if (options.identity !== undefined) {
		return withIdentity(nameOf(options.identity), options, async ({ apiTokens }, { id, name }) =>
			say(`${counted(await apiTokens.endOf(id, { identity: name, ...told }), 'API token')} of ${name} ended`),
		);
	}
	if (!options.yes) await confirm('Every machine will need another token. End all API tokens?');
	await withCore(options.config, async ({ apiTokens }) =>
		say(`${counted(await apiTokens.endOf(undefined, told), 'API token')} ended`),
	);
}

/** The whole token, pasted here, ends it all the same; it is shown nowhere. */
async function endOne(apiTokens: Core['apiTokens'], given: string): Promise<void> {
	const id = parseApiTokenId(/^lk_([a-z2-7]{12})_/.exec(given)?.[1] ?? given);
	if (id === undefined || !(await apiTokens.end(id, undefined, told))) {
		throw new Failed('there is no such API token: latchkey token list shows their IDs');
	}
	say(`token ${id satisfies ApiTokenId} ended`);
}

function inWords(refusal: Parameters<typeof refusalInWords>[0], name: IdentityName): string {
	if (refusal.kind !== 'permission-missing') return refusalInWords(refusal);
	return `does not hold ${refusal.permission}: latchkey identity grant ${name} ${refusal.permission}`;
}

function parsed<T>(text: string, parse: (text: string) => T | undefined, not: string): T {
	const value = parse(text);
	if (value === undefined) throw new Failed(`${text}: ${not}`);
	return value;
}

function each<T extends string | Permission>(
	texts: readonly string[] | undefined,
	parse: (text: string) => T | undefined,
	not: string,
): readonly T[] | undefined {
	return texts?.map((text) => parsed(text, parse, not));
}

function dateOf(at: number): string {
	return new Date(at).toISOString();
}

function toJson(token: ApiToken, identity: IdentityName | undefined) {
	const { id, name, permissions, networks, paths, createdAt, createdBySession, expiresAt } = token;
	const { lastUsedAt, lastAddress, credentialStamp } = token;
	return {
		id,
		identity: identity ?? '(removed)',
		name,
		permissions,
		...(networks && { networks }),
		...(paths && { paths }),
		createdAt: dateOf(createdAt),
		...(createdBySession && { createdBySession }),
		expiresAt: dateOf(expiresAt),
		endsWithPassword: credentialStamp !== undefined,
		...(lastUsedAt && { lastUsedAt: dateOf(lastUsedAt) }),
		...(lastAddress && { lastAddress }),
	};
}

function toRow({ id, identity, name, permissions, expiresAt, lastUsedAt, lastAddress }: ReturnType<typeof toJson>) {
	const used = [lastUsedAt ?? 'never', lastAddress ?? '-'];
	return [id, identity, name, permissions.join(' ') || '-', expiresAt, ...used];
}
