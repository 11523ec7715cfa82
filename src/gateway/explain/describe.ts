import { textOfNetwork } from '../../core/networks.ts';
import type { HostPattern } from '../host.ts';
import type { Rule } from '../rules.ts';

/** A rule as it is in force, for people and as JSON. */
export interface DescribedRule {
	/** From 1, in the order in which rules are asked. */
	readonly number: number;
	/** `resources.2`. */
	readonly key: string;
	/** `latchkey.yaml:9`; its key where it comes from no file. */
	readonly writtenAt: string;
	readonly [part: string]: unknown;
}

export interface WrittenRules {
	readonly rules: readonly Rule[];
	writtenAt(rule: Rule): string;
}

/**
 * What is absent leaves the rule open for all. `kura.admin` opens whatever is not denied. Each part by name: a rule holds what is
 * shown to upstreams, too, and of that only what it is called.
 */
export function describeRule({ rules, writtenAt }: WrittenRules, rule: Rule): DescribedRule {
	const { entry, access, hosts, methods, from, upstream, credentials, stripQuery } = rule;
	const { paths, exact, shapes, suffixes, websocket, xsrf, changes, unauthenticated, host } = rule;
	const number = rules.indexOf(rule);
	return {
		number: number + 1,
		key: `resources.${entry ?? number}`,
		writtenAt: writtenAt(rule),
		...(hosts && { hosts: hosts.map(textOfHost) }),
		...(methods && { methods: [...methods] }),
		...(from && { from: from.map(textOfNetwork) }),
		...(typeof access === 'string' ? { access } : textOfNeeded(access)),
		...withoutAbsent({ assuranceLevel: rule.assuranceLevel, maxAge: maxAgeOf(rule) }),
		...withoutAbsent({ paths, exact, shapes, suffixes, websocket, xsrf, changes, unauthenticated, host }),
		...(upstream && { upstream: upstream.origin }),
		...(credentials && { upstreamCredentials: credentials.name }),
		...(stripQuery && { stripsQuery: true }),
	};
}

function withoutAbsent(parts: Readonly<Record<string, unknown>>) {
	return Object.fromEntries(Object.entries(parts).filter(([, value]) => value !== undefined));
}

function textOfNeeded({ any, all }: Exclude<Rule['access'], string>) {
	return any === undefined && all === undefined
		? { access: 'authenticated' }
		: { permissions: { ...(any && { any }), ...(all && { all }) } };
}

function textOfHost(pattern: HostPattern): string {
	if (pattern === '*') return '*';
	return 'host' in pattern ? pattern.host : `*.${pattern.below}`;
}

/** In seconds, as the configuration says it. */
function maxAgeOf({ provedWithinMs }: Rule): number | undefined {
	return provedWithinMs === undefined ? undefined : provedWithinMs / 1000;
}
