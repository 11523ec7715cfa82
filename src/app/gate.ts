import { ConfigError } from '../config/read.ts';
import type { Config } from '../config/schema.ts';
import { type DeadRule, deadRules } from '../gateway/coverage.ts';
import { createFindRule, type FindRule, namedHosts, type Rule, type RuleOf, ruleOfBy } from '../gateway/rules.ts';
import { createIsWideWorker, type IsWideWorker } from '../gateway/service-worker.ts';
import { ownPages } from './own-paths.ts';
import type { PlaceOf } from './place-of.ts';
import { type Places, placesOf } from './places.ts';
import { portalHostsOf } from './portal-only.ts';
import { rulesOf } from './rules-of.ts';
import { openUpstreams } from './upstreams.ts';

export type { PlaceOf } from './place-of.ts';

/** What is protected, as the gateway knows it. */
export interface Gate {
	readonly rules: readonly Rule[];
	readonly ruleOf: RuleOf;
	/** Says why, where there is a doubt. */
	readonly findRule: FindRule;
	readonly isWideWorker: IsWideWorker;
	/** Those that rules name, as `namedHosts` writes them. */
	readonly hosts: readonly string[];
	/** Reads the files of upstreams' credentials again where they have changed. `tell`: what cannot be read, once; what was read before stays. */
	lookAgain(tell: (key: string, reason: string) => void): void;
	/** Where applications are, and their pictures. */
	readonly applications: Places;
	/** Where a rule is written: `latchkey.yaml:3`, or its key where it comes from no file. */
	writtenAt(rule: Rule): string;
}

/** Throws a `ConfigError` with all that is wrong with the rules. */
export function gateOf(config: Config, placeOf: PlaceOf = () => ''): Gate {
	const upstreams = openUpstreams(config, placeOf);
	const rules = rulesOf(config, placeOf, upstreams);
	const entryOf = (at: number) => rules[at]?.entry ?? at;
	const dead = deadRules(rules);
	// Of a preset some may be replaced by rules in front of it.
	const isOfDeadEntry = ({ at }: DeadRule) =>
		rules.every(({ entry = -1 }, index) => entry !== entryOf(at) || dead.some((other) => other.at === index));
	const lines = dead.filter(isOfDeadEntry).map(({ at, by }) => {
		const start = `${placeOf(['resources', entryOf(at)])}resources.${entryOf(at)}: can never match`;
		if (by.length === 0) return `${start}: nothing is all that it names at once`;
		const places = [...new Set(by.map(entryOf))]
			.filter((entry) => entry !== entryOf(at))
			.map((index) => {
				const place = placeOf(['resources', index]).replace(/: $/, '');
				return place === '' ? `resources.${index}` : `resources.${index} (${place})`;
			});
		const [one, their, it] = places.length === 1 ? ['comes', 'holds', 'it'] : ['come', 'hold together', 'one of them'];
		return `${start}: ${places.join(', ')} ${one} first and ${their} for all of it; put this rule before ${it}, or leave it out`;
	});
	if (lines.length > 0) throw new ConfigError([...new Set(lines)]);
	const findRule = createFindRule(rules);
	return {
		rules,
		ruleOf: ruleOfBy(findRule),
		findRule,
		isWideWorker: createIsWideWorker({ paths: ownPages(config), hosts: portalHostsOf(config) }, rules),
		hosts: namedHosts(rules),
		lookAgain: upstreams.lookAgain,
		applications: placesOf(config, placeOf),
		writtenAt({ entry = 0 }) {
			return placeOf(['resources', entry]).replace(/: $/, '') || `resources.${entry}`;
		},
	};
}
