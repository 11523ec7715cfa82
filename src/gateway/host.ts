import { domainToASCII } from 'node:url';
import { type CanonicalHost, canonicalHost, numeric, withoutPort } from '../http/request/host.ts';

export { type CanonicalHost, canonicalHost } from '../http/request/host.ts';

/** `*`: every host. `below`: every name with one label or more in front of it, on this port; not the name itself. */
export type HostPattern = '*' | { readonly host: CanonicalHost } | { readonly below: CanonicalHost };

/** As a rule names it: `example.org`, `*.example.org`, with a port where it is no default one, or `*`. */
export function parseHostPattern(text: string): HostPattern | undefined {
	if (text === '*') return '*';
	const isBelow = text.startsWith('*.');
	const [, name = '', port = ''] = /^(.*?)(:\d+)?$/.exec(isBelow ? text.slice(2) : text) ?? [];
	const ascii = /^[\0-\x7f]*$/.test(name) ? name : domainToASCII(name);
	const host = canonicalHost(ascii + port);
	if (host === undefined) return undefined;
	if (isBelow) return numeric.test(ascii) ? undefined : { below: host };
	return { host };
}

/** What is kept under whole hosts, and under what they are below. */
class Places<T> {
	readonly exact = new Map<string, T>();
	readonly below = new Map<string, T>();

	/** Under its own name, else under the longest `*.` that it is below. */
	get(host: string): T | undefined {
		const named = this.exact.get(host);
		if (named !== undefined || this.below.size === 0) return named;
		for (let at = host.indexOf('.'); at > 0; at = host.indexOf('.', at + 1)) {
			const found = this.below.get(host.slice(at + 1));
			if (found !== undefined) return found;
		}
		return undefined;
	}
}

/** Finds what is kept for a host: under its own name, else under the longest `*.` that it is below, else the rest. */
export class HostTable<T> {
	readonly #named = new Places<T>();
	/** By names without a port: what is kept for each port that a pattern names. */
	readonly #onPorts = new Places<readonly T[]>();
	readonly #rest: T;

	/** `kept`: from patterns that stand somewhere to what is kept for the hosts that this pattern is the nearest to. */
	constructor(patterns: Iterable<HostPattern>, kept: (witness: HostWitness) => T) {
		for (const pattern of patterns) {
			if (pattern === '*') continue;
			const [place, host] =
				'host' in pattern ? (['exact', pattern.host] as const) : (['below', pattern.below] as const);
			// Many rules name the same host.
			if (this.#named[place].has(host)) continue;
			const found = kept(place === 'exact' ? host : somewhereBelow(host));
			this.#named[place].set(host, found);
			const [onPorts, name] = [this.#onPorts[place], withoutPort(host)];
			onPorts.set(name, [...(onPorts.get(name) ?? []), found]);
		}
		this.#rest = kept(elsewhere);
	}

	get(host: CanonicalHost): T {
		return this.#named.get(host) ?? this.#rest;
	}

	/**
	 * What is kept for the same name on other ports, where no pattern names it with this one: to what chooses by the name alone it is
	 * one of those.
	 */
	onOtherPorts(host: CanonicalHost): readonly T[] {
		return this.#named.get(host) === undefined ? (this.#onPorts.get(withoutPort(host)) ?? []) : [];
	}
}

/** A host that stands for all that no pattern tells apart from it. No real host can be the same text. */
export type HostWitness = string;

const elsewhere: HostWitness = '\u0001';

function somewhereBelow(host: CanonicalHost): HostWitness {
	return `\u0001.${host}`;
}

/** Witnesses of all hosts that these patterns can tell apart. */
export function hostWitnesses(patterns: Iterable<HostPattern>): HostWitness[] {
	const witnesses = new Set([elsewhere]);
	for (const pattern of patterns) {
		if (pattern === '*') continue;
		witnesses.add('host' in pattern ? pattern.host : somewhereBelow(pattern.below));
	}
	return [...witnesses];
}

/** `patterns`: of a rule; absent, it holds for every host. */
export function holdsForHost(patterns: readonly HostPattern[] | undefined, host: HostWitness): boolean {
	if (patterns === undefined) return true;
	return patterns.some((pattern) => {
		if (pattern === '*') return true;
		return 'host' in pattern ? host === pattern.host : host.endsWith(`.${pattern.below}`);
	});
}
