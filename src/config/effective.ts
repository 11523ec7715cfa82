import type { Loaded } from './read.ts';
import { withoutSecrets } from './upstream-credentials.ts';

/** A setting that is in force. */
export interface EffectiveSetting {
	/** `http.port`, `resources.0.path`. */
	readonly key: string;
	/** `(secret)` where it is one. */
	readonly value: unknown;
	/** `latchkey.yaml:3`, `LATCHKEY_HTTP_PORT`, or `default`. */
	readonly from: string;
}

const hidden = '(secret)';

/** All that is in force, each with where it comes from. What is absent and has no default is left out. */
export function effectiveSettings({ config, given, placeOf }: Loaded): EffectiveSetting[] {
	const shown = { ...config, upstreamCredentials: withoutSecrets(config.upstreamCredentials) };
	return leavesOf(shown, []).map(({ path, value }) => ({
		key: path.join('.'),
		value: withoutSecret(path.join('.'), value),
		from: isGiven(given, path) ? placeOf(path).replace(/: $/, '') || 'settings' : 'default',
	}));
}

interface Leaf {
	readonly path: readonly (string | number)[];
	readonly value: unknown;
}

/** Lists of plain values are one. */
function leavesOf(value: unknown, path: Leaf['path']): Leaf[] {
	if (value === undefined) return [];
	const isList = Array.isArray(value);
	if (typeof value !== 'object' || value === null) return [{ path, value }];
	if (isList && value.every((each) => typeof each !== 'object')) return [{ path, value }];
	const parts: [string | number, unknown][] = isList ? [...value.entries()] : Object.entries(value);
	return parts.flatMap(([key, part]) => leavesOf(part, [...path, key]));
}

function isGiven(given: unknown, path: Leaf['path']): boolean {
	let at = given;
	for (const key of path) {
		if (typeof at !== 'object' || at === null || !Object.hasOwn(at, key)) return false;
		at = (at as Record<string | number, unknown>)[key];
	}
	return true;
}

function withoutSecret(key: string, value: unknown): unknown {
	if (key === 'dialects.kismet.password' || key === 'secondFactor.sealingKey') return hidden;
	if (key.startsWith('upstreamCredentials.') && value === '***') return hidden;
	return key.startsWith('store.') && typeof value === 'string' ? withoutPassword(value) : value;
}

/** Rather too much than too little: all from the first colon to the last `@`, and what a query says by such a name. */
function withoutPassword(address: string): string {
	return address
		.replace(/^([a-z+]+:\/\/[^:@/]*):.*@/s, `$1:${hidden}@`)
		.replace(/([?&][^=&]*(?:pass|secret|key|token)[^=&]*=)[^&]*/gi, `$1${hidden}`);
}
