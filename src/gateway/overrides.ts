import type { IncomingHttpHeaders } from 'node:http';
import { type CanonicalPath, splitTarget } from './path.ts';
import type { Rule, RuledRequest, RuleOf } from './rules.ts';

/*
 * Headers by which some applications take another method, or another path, than those of the request itself. Our own proxy drops
 * them; others pass them on.
 */
const ofMethod = ['x-http-method-override', 'x-http-method', 'x-method-override'];
const ofPath = 'x-rewrite-url';

/** All of them, for a proxy that does not show them to us. The last is a proxy's own word, where it asks us by it. */
export const overrides: readonly string[] = [...ofMethod, ofPath, 'x-original-url'];

/** Whether an application could take a request for one that another rule decides. `rule`: of the request as it is. */
export function couldBeAnother(headers: IncomingHttpHeaders, asked: RuledRequest, rule: Rule, ruleOf: RuleOf): boolean {
	const isUnderRule = (other: Partial<RuledRequest>) => ruleOf({ ...asked, ...other }) === rule;
	return (
		otherMethods(headers).some((method) => !isUnderRule({ method })) ||
		otherPaths(headers).some((path) => path === undefined || !isUnderRule({ path }))
	);
}

/** Methods that an application could take in place of the request's own. */
export function otherMethods(headers: IncomingHttpHeaders): readonly string[] {
	return ofMethod.flatMap((name) => (headers[name] === undefined ? [] : [String(headers[name]).toUpperCase()]));
}

/** Paths that an application could take in place of the request's own. `undefined`: one that is not clear. */
export function otherPaths(headers: IncomingHttpHeaders): readonly (CanonicalPath | undefined)[] {
	const target = headers[ofPath];
	return target === undefined ? [] : [splitTarget(String(target))?.path];
}
