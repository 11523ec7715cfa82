import { ConfigError } from '../config/read.ts';
import type { Config } from '../config/schema.ts';
import type { Permission } from '../core/identity.ts';
import { type Network, parseNetwork } from '../core/networks.ts';
import { type HostPattern, parseHostPattern } from '../gateway/host.ts';
import { type CanonicalPath, canonicalPath } from '../gateway/path.ts';
import type { Rule } from '../gateway/rules.ts';
import { createStripQuery } from '../gateway/strip-query.ts';
import type { PlaceOf } from './place-of.ts';
import { expandPresets } from './presets.ts';
import type { Upstreams } from './upstreams.ts';

/** The configuration names one of the three. */
function accessOf({ permission, permissions, access }: Config['resources'][number]): Rule['access'] {
	if (access === 'public' || access === 'denied') return access;
	if (permission !== undefined) return { all: [permission as Permission] };
	const { any, all } = permissions ?? {};
	return { ...(any && { any: any as Permission[] }), ...(all && { all: all as Permission[] }) };
}

/** `upstreams`: what `upstreamCredentials` and `upstreamCa` name. Throws a `ConfigError` with all that cannot be read. */
export function rulesOf(config: Config, placeOf: PlaceOf, upstreams: Upstreams): Rule[] {
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
	const several = 'can be read in several ways';
	const networksOf = (name: string) => config.networks[name] ?? [name];
	const expanded = expandPresets(config.resources).filter(({ at, cookies }) => {
		const prefix = cookies && config.resources[at]?.path;
		return prefix === undefined || each(at, ['path'], prefix, canonicalPath, several).length > 0;
	});
	const rules = expanded.map(({ at, resource, shapes, changes, cookies }): Rule => {
		const { path, exact, suffixes, methods, websocket, upstream, host, xsrf, unauthenticated } = resource;
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
		const access = accessOf(resource);
		const credentials = upstreams.credentialsFor(resource, cookies);
		const tls = upstreams.tlsFor(resource);
		return {
			...(hosts && { hosts }),
			...(paths && { paths }),
			...(exact && { exact }),
			...(shapes && { shapes }),
			...(suffixes && { suffixes }),
			...(methods && { methods: new Set(methods.includes('GET') ? [...methods, 'HEAD'] : methods) }),
			...(websocket !== undefined && { websocket }),
			...(from && { from }),
			access,
			...(resource.credentials && { acceptedCredentials: resource.credentials }),
			...(resource.assuranceLevel && { assuranceLevel: resource.assuranceLevel }),
			...(resource.maxAge !== undefined && { provedWithinMs: resource.maxAge * 1000 }),
			xsrf: xsrf ?? 'always',
			...(changes !== undefined && { changes }),
			...(credentials && { credentials }),
			...(tls && { tls }),
			...(resource.stripQuery && { stripQuery: createStripQuery(resource.stripQuery) }),
			unauthenticated,
			...(upstream && { upstream: new URL(upstream) }),
			...(host && { host }),
			entry: at,
		};
	});
	if (lines.length > 0) throw new ConfigError([...new Set(lines)]);
	return rules;
}
