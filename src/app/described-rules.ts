import { createHash } from 'node:crypto';
import type { Config } from '../config/schema.ts';
import { withoutSecrets } from '../config/upstream-credentials.ts';
import { type DescribedRule, describeRule } from '../gateway/explain/describe.ts';
import { gateOf, type PlaceOf } from './gate.ts';

export interface DescribedRules {
	/** SHA-256, hex, of what the rules say, wherever they are written: two that are equal are in force alike. */
	readonly digest: string;
	readonly rules: readonly DescribedRule[];
}

/** Throws as `gateOf` does. */
export function describedRules(config: Config, placeOf?: PlaceOf): DescribedRules {
	const gate = gateOf(config, placeOf);
	return { digest: digestOf(config), rules: gate.rules.map((rule) => describeRule(gate, rule)) };
}

/** Of all that a changed file changes while the service runs. Of credentials for upstreams, where they stand and not what they are. */
export function digestOf({ resources, networks, upstreamCredentials, portal }: Config): string {
	const said = JSON.stringify({ resources, networks, portal, credentials: withoutSecrets(upstreamCredentials) });
	return createHash('sha256').update(said).digest('hex');
}
