import { type ApiToken, parseApiTokenId } from '../core/api-token.ts';
import { type Identity, parseIdentityName, parsePermission } from '../core/identity.ts';
import type { AssuranceLevel } from '../core/session.ts';
import type { Common } from './identity.ts';
import { Misused, NotLetThrough, print, printJson, styled, table } from './output.ts';
import { readSettings, withCore } from './settings.ts';

interface Asker {
	readonly identity: Identity;
	readonly token?: ApiToken;
	/** That it reaches with all factors that it has. Absent: with a token, which proves nobody. */
	readonly level?: AssuranceLevel;
}

export interface ExplainOptions extends Common {
	readonly from?: string;
	/** `nobody`, as absent: somebody who is not signed in. */
	readonly as?: string;
	/** The id of an API token, which is shown in place of a session. */
	readonly token?: string;
	readonly permission?: readonly string[];
	readonly websocket?: boolean;
}

/** The rules in force, in the order in which they are asked; presets as the rules that they are. */
export async function showRules({ config: given, json }: Common): Promise<void> {
	const { config, placeOf } = readSettings(given);
	const { describedRules } = await import('../app/described-rules.ts');
	const { rules, digest } = describedRules(config, placeOf);
	if (json) return printJson({ digest, rules });
	if (rules.length === 0) return print('no rules: nothing is protected, and nothing is passed on');
	const rows = rules.map((rule) => [
		String(rule.number),
		rule.writtenAt,
		words(rule.hosts, 'every host'),
		pathsOf(rule),
		words(rule.methods, 'all') +
			(rule.websocket === undefined ? '' : rule.websocket ? ', websocket' : ', no websocket'),
		words(rule.from, 'anywhere'),
		whoOf(rule),
		String(rule.xsrf),
		words(rule.upstream, '-'),
	]);
	print(table(['RULE', 'WRITTEN AT', 'HOSTS', 'PATHS', 'METHODS', 'FROM', 'WHO', 'XSRF', 'UPSTREAM'], rows));
}

/** Rejects with `NotLetThrough` where it is not, and with `Misused` where the question is none. */
export async function explainRule(method: string, url: string, options: ExplainOptions): Promise<void> {
	const { from, websocket, json } = options;
	const { config, placeOf } = readSettings(options.config);
	const [{ explainTo }, { policyOf }, { createIsOwn }, { requiredBy }] = await Promise.all([
		import('../app/explain.ts'),
		import('../app/policy.ts'),
		import('../app/portal-only.ts'),
		import('../app/second-factor-required.ts'),
	]);
	const policy = policyOf(config, config.console.enabled ? config.console.path : undefined, placeOf);
	const who = await whoAsks(options, requiredBy(config.secondFactor));
	const levelOf = async () => who?.level ?? 1;
	const explain = explainTo(config, () => policy, { isOwn: createIsOwn(config), levelOf });
	const explanation = await explain({ method, url, from, websocket }, who);
	if ('because' in explanation) throw new Misused(explanation.because);
	const { passes, why, missing, rule, answers } = explanation;
	if (json) printJson({ ...explanation, as: who?.identity.name ?? null, ...(who?.token && { token: who.token.id }) });
	else {
		print(
			`${passes ? styled('green', 'let through', process.stdout) : styled('red', 'not let through', process.stdout)}: ${why}`,
		);
		const lines = [
			...(rule ? [['rule', `${rule.number}, ${rule.writtenAt}: ${summaryOf(rule)}`]] : []),
			...Object.entries(answers).map(([kind, answer]) => [kindsInWords[kind] ?? kind, answerInWords(answer)]),
			...missing.map((each) => ['missing', each]),
		];
		for (const [what = '', said] of lines) print(`  ${what.padEnd(9)} ${said}`);
	}
	if (!passes) throw new NotLetThrough();
}

const kindsInWords: Readonly<Record<string, string>> = {
	navigation: 'a page',
	fetch: 'a script',
	websocket: 'WebSocket',
	program: 'a program',
};

function answerInWords(answer: {
	readonly upstream?: string;
	readonly status?: number;
	readonly location?: string;
	readonly code?: string;
	readonly message?: string;
}): string {
	const { upstream, status, location, code, message } = answer;
	if (upstream !== undefined) return `is passed on to ${upstream}`;
	if (location !== undefined) return `${status} to ${location}`;
	return code === undefined ? `${status}` : `${status} ${code}: ${message}`;
}

interface Described {
	readonly [part: string]: unknown;
}

function summaryOf(rule: Described): string {
	const parts = [
		words(rule.hosts, 'every host'),
		pathsOf(rule),
		...(rule.methods === undefined ? [] : [words(rule.methods, '')]),
		...(rule.websocket === undefined ? [] : [rule.websocket ? 'only WebSockets' : 'no WebSockets']),
		...(rule.from === undefined ? [] : [`from ${words(rule.from, '')}`]),
	];
	const { assuranceLevel, maxAge } = rule;
	const proof = [
		...(assuranceLevel === undefined ? [] : [`level ${assuranceLevel}`]),
		...(maxAge === undefined ? [] : [`proved within ${maxAge} s`]),
	];
	return `${parts.join('; ')} → ${[whoOf(rule), ...proof].join(', ')}`;
}

function pathsOf({ paths, exact, suffixes }: Described): string {
	const below = paths === undefined && suffixes === undefined ? 'every path' : words(paths, '');
	return [below + (exact ? ' alone' : ''), suffixes === undefined ? '' : `…${words(suffixes, '')}`]
		.filter(Boolean)
		.join(' ');
}

function whoOf({ access, permissions }: Described): string {
	if (access !== undefined) return String(access);
	const { any, all } = permissions as { any?: readonly string[]; all?: readonly string[] };
	return [all?.join(' and '), any && (all ? `(${any.join(' or ')})` : any.join(' or '))].filter(Boolean).join(' and ');
}

function words(value: unknown, none: string): string {
	return value === undefined ? none : [value].flat().join(', ');
}

/** No store is asked where permissions alone are to be assumed: then a second factor is, too, where it is required. */
async function whoAsks(
	{ as, token, permission, config: given }: ExplainOptions,
	isRequired: (identity: Identity) => boolean,
): Promise<Asker | undefined> {
	if (token !== undefined) {
		if (as !== undefined || permission !== undefined)
			throw new Misused('--token: a token opens what it names: leave --as and --permission out');
		return findToken(token, given);
	}
	const { assumedIdentity } = await import('../app/explain.ts');
	const assumed = (permission ?? []).map((text) => {
		const parsed = parsePermission(text);
		if (parsed === undefined) throw new Misused(`${text} cannot be a permission`);
		return parsed;
	});
	if (as === undefined || as === 'nobody') {
		if (permission === undefined) return undefined;
		if (as === 'nobody') throw new Misused('nobody holds no permission: leave --as or --permission out');
		const identity = assumedIdentity('somebody', assumed);
		return { identity, level: isRequired(identity) ? 2 : 1 };
	}
	const name = parseIdentityName(as);
	const found =
		name &&
		(await withCore(given, async ({ identities, factorParts }) => {
			const identity = await identities.findByName(name);
			return identity && { identity, level: await factorParts.factors.levelOf(identity) };
		}));
	if (found === undefined) throw new Misused(`there is no identity ${as}`);
	const { identity, level } = found;
	return { identity: { ...identity, permissions: new Set([...identity.permissions, ...assumed]) }, level };
}

/** What was given is not repeated: it may be the token itself. */
async function findToken(text: string, given: string | undefined): Promise<Asker> {
	const id = parseApiTokenId(text);
	if (id === undefined)
		throw new Misused('--token: must be the id of a token, as token list has it, and not what it shows');
	return withCore(given, async ({ apiTokens, identities }) => {
		const token = (await apiTokens.list(undefined)).find((each) => each.id === id);
		const identity = token && (await identities.find(token.identityId));
		if (token === undefined || identity === undefined)
			throw new Misused(`there is no API token ${id}, or it has ended`);
		return { identity, token };
	});
}
