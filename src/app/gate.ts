import { ConfigError } from '../config/read.ts';
import type { Config } from '../config/schema.ts';
import type { Permission } from '../core/identity.ts';
import { type Network, parseNetwork } from '../core/networks.ts';
import { deadRules } from '../gateway/coverage.ts';
import { type HostPattern, parseHostPattern } from '../gateway/host.ts';
import { type CanonicalPath, canonicalPath } from '../gateway/path.ts';
import { createFindRule, type FindRule, namedHosts, type Rule, type RuleOf, ruleOfBy } from '../gateway/rules.ts';
import { createIsWideWorker, type IsWideWorker } from '../gateway/service-worker.ts';
import { ownPages } from './own-paths.ts';
import { portalHostsOf } from './portal-only.ts';

/** What is protected, as the gateway knows it. */
export interface Gate {
	readonly rules: readonly Rule[];
	readonly ruleOf: RuleOf;
	/** Says why, where there is a doubt. */
	readonly findRule: FindRule;
	readonly isWideWorker: IsWideWorker;
	/** Those that rules name, as `namedHosts` writes them. */
	readonly hosts: readonly string[];
	/** Where a rule is written: `latchkey.yaml:3`, or its key where it comes from no file. */
	writtenAt(rule: Rule): string;
}

/** Where a key stands, for whoever has to change it: `latchkey.yaml:3: `, or empty. */
export type PlaceOf = (path: readonly PropertyKey[]) => string;

/** Throws a `ConfigError` with all that is wrong with the rules. */
export function gateOf(config: Config, placeOf: PlaceOf = () => ''): Gate {
	const rules = rulesOf(config, placeOf);
	const entryOf = (at: number) => rules[at]?.entry ?? at;
	const lines = deadRules(rules).map(({ at, by }) => {
		const start = `${placeOf(['resources', entryOf(at)])}resources.${entryOf(at)}: can never match`;
		if (by.length === 0) return `${start}: nothing is all that it names at once`;
		const places = [...new Set(by.map(entryOf))].map((index) => {
			const place = placeOf(['resources', index]).replace(/: $/, '');
			return place === '' ? `resources.${index}` : `resources.${index} (${place})`;
		});
		const [one, their, it] = places.length === 1 ? ['comes', 'holds', 'it'] : ['come', 'hold together', 'one of them'];
		return `${start}: ${places.join(', ')} ${one} first and ${their} for all of it; put this rule before ${it}, or leave it out`;
	});
	if (lines.length > 0) throw new ConfigError(lines);
	const findRule = createFindRule(rules);
	return {
		rules,
		ruleOf: ruleOfBy(findRule),
		findRule,
		isWideWorker: createIsWideWorker({ paths: ownPages(config), hosts: portalHostsOf(config) }, rules),
		hosts: namedHosts(rules),
		writtenAt({ entry = 0 }) {
			return placeOf(['resources', entry]).replace(/: $/, '') || `resources.${entry}`;
		},
	};
}

/** The configuration names one of the three. */
function accessOf({ permission, permissions, access }: Config['resources'][number]): Rule['access'] {
	if (access === 'public' || access === 'denied') return access;
	if (permission !== undefined) return { all: [permission as Permission] };
	const { any, all } = permissions ?? {};
	return { ...(any && { any: any as Permission[] }), ...(all && { all: all as Permission[] }) };
}

function rulesOf(config: Config, placeOf: PlaceOf): Rule[] {
	const lines: string[] = [];
	/** What is written at `key` of a rule, each read; what cannot be read is told, with what it must be. */
	function each<T>(
		at: number,
		key: readonly PropertyKey[],
		text: string,
		read: (text: string) => T | undefined,
		not: string,
	) {
		const value = read(text);
		const path = ['resources', at, ...key];
		if (value === undefined) lines.push(`${placeOf(path)}${path.map(String).join('.')}: ${text} ${not}`);
		return value === undefined ? [] : [value];
	}
	const networksOf = (name: string) => config.networks[name] ?? [name];
	const rules = config.resources.map((resource, at): Rule => {
		const { path, exact, suffixes, methods, websocket, upstream, host, xsrf, unauthenticated } = resource;
		const several = 'can be read in several ways';
		const paths: CanonicalPath[] | undefined =
			path === undefined
				? resource.paths?.flatMap((text, index) => each(at, ['paths', index], text, canonicalPath, several))
				: each(at, ['path'], path, canonicalPath, several);
		const hosts: HostPattern[] | undefined = resource.hosts?.flatMap((text, index) =>
			each(at, ['hosts', index], text, parseHostPattern, 'must be a host name, HOST:PORT, *. and a name, or *'),
		);
		const from: Network[] | undefined = resource.from?.flatMap((text, index) =>
			networksOf(text).flatMap((one) => each(at, ['from', index], one, parseNetwork, 'must be an address or a CIDR')),
		);
		return {
			...(hosts && { hosts }),
			...(paths && { paths }),
			...(exact && { exact }),
			...(suffixes && { suffixes }),
			...(methods && { methods: new Set(methods.includes('GET') ? [...methods, 'HEAD'] : methods) }),
			...(websocket !== undefined && { websocket }),
			...(from && { from }),
			access: accessOf(resource),
			xsrf,
			unauthenticated,
			...(upstream && { upstream: new URL(upstream) }),
			...(host && { host }),
			entry: at,
		};
	});
	if (lines.length > 0) throw new ConfigError(lines);
	return rules;
}
