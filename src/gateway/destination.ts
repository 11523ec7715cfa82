import { commonMethods } from '../http/methods.ts';
import { HttpRefused } from '../http/response/refusals.ts';
import { canonicalHost } from './host.ts';
import { splitTarget, type Target } from './path.ts';
import type { Rule, RuledRequest, RuleOf } from './rules.ts';

/** The second path that a request writes to. */
export interface Destination extends Target {
	/** Whether it came with a scheme and a host. */
	readonly isAbsolute: boolean;
}

/** Whether it cannot do without one. Rule: RFC 4918, 9.8 and 9.9. */
export function needsDestination(method: string): boolean {
	return ['COPY', 'MOVE'].includes(method.toUpperCase());
}

/** `undefined`: not one, of another host, or a path that not everybody would read in the same way. */
function read(said: readonly string[], host: string | undefined): Destination | undefined {
	const [text = '', ...others] = said;
	const [, authority, target = ''] = /^(?:https?:\/\/([^/?#]+))?(\/.*)$/i.exec(text) ?? [];
	if (others.length > 0) return undefined;
	if (authority !== undefined) {
		const named = canonicalHost(authority);
		if (named === undefined || named !== canonicalHost(host ?? '')) return undefined;
	}
	const found = splitTarget(target);
	return found && { ...found, isAbsolute: authority !== undefined };
}

function valuesOf(rawHeaders: readonly string[], name: string): string[] {
	return rawHeaders.flatMap((value, at) => (at % 2 === 1 && rawHeaders[at - 1]?.toLowerCase() === name ? [value] : []));
}

/**
 * Where a request writes besides its own path, as WebDAV's COPY and MOVE do. `asked`: the request itself. `rule`: of its path.
 * `undefined`: nowhere. Throws `malformed` where that does not fall under the very same rule: nobody has judged it.
 * Rule: RFC 4918, 10.3.
 */
export function judgeDestination(
	rawHeaders: readonly string[],
	asked: RuledRequest,
	rule: Rule,
	ruleOf: RuleOf,
): Destination | undefined {
	if (!couldHaveDestination(rawHeaders, asked.method)) return undefined;
	const destination = read(valuesOf(rawHeaders, 'destination'), asked.host);
	if (destination === undefined || ruleOf({ ...asked, path: destination.path }) !== rule)
		throw new HttpRefused('malformed', 'Destination is missing, ambiguous, or under another rule than the path');
	return destination;
}

/** Whether a request could write somewhere else, too. `method`: `undefined`, not known. */
export function couldHaveDestination(rawHeaders: readonly string[], method: string | undefined): boolean {
	if (method !== undefined && commonMethods.has(method)) return false;
	return valuesOf(rawHeaders, 'destination').length > 0 || needsDestination(method ?? '');
}
