import { type CanonicalPath, splitTarget } from './path.ts';
import type { Rule, RuledRequest, RuleOf } from './rules.ts';

/*
 * Headers by which some applications take another method, or another path, than those of the request itself. Our own proxy drops
 * them, and refuses a method in small letters; others pass both on. With `_` and `.`, CGI and its children see the same variable.
 */
const ofMethod = ['x-http-method-override', 'x-http-method', 'x-method-override'];
const ofPath = 'x-rewrite-url';
/** A proxy's own word, where it asks us by it; in another spelling, the client's. */
const ofProxy = 'x-original-url';

/** All of them, for a proxy that does not show them to us. */
export const overrides: readonly string[] = [...ofMethod, ofPath, ofProxy];

/** What an application could take in place of the method and the path of a request. A few of each at the most. */
export interface Overrides {
	readonly methods: readonly string[];
	readonly paths: readonly CanonicalPath[];
}

/**
 * `undefined`: some of it is no method or no clear path, as where a list stands, of which each takes what it likes; or two say two
 * things. `method`: the request's own, which some applications read as if it were in capitals. Absent: it is not known.
 */
export function readOverrides(rawHeaders: readonly string[], method: string | undefined): Overrides | undefined {
	const methods = new Set<string>();
	const paths = new Set<CanonicalPath>();
	for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
		const [spelled = '', value = ''] = [rawHeaders[at]?.toLowerCase(), rawHeaders[at + 1]];
		const name = spelled.replace(/[_.]/g, '-');
		if (ofMethod.includes(name)) {
			if (!/^[a-z-]+$/i.test(value)) return undefined;
			methods.add(value.toUpperCase());
		} else if (name === ofPath || (name === ofProxy && spelled !== ofProxy)) {
			const path = splitTarget(value)?.path;
			if (path === undefined) return undefined;
			paths.add(path);
		}
		if (methods.size > 1 || paths.size > 1) return undefined;
	}
	if (method !== undefined && method !== method.toUpperCase()) methods.add(method.toUpperCase());
	return { methods: [...methods], paths: [...paths] };
}

/** Whether an application could take a request for one that another rule decides. `rule`: of the request as it is. */
export function couldBeAnother(
	{ methods, paths }: Overrides,
	asked: RuledRequest,
	rule: Rule,
	ruleOf: RuleOf,
): boolean {
	if (methods.length === 0 && paths.length === 0) return false;
	// An application may take any of them together.
	return [asked.method, ...methods].some((method) =>
		[asked.path, ...paths].some((path) => ruleOf({ ...asked, method, path }) !== rule),
	);
}
