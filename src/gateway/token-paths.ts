import type { CanonicalPath } from './path.ts';
import { createPathMatcher } from './path-pattern.ts';
import { type PathMatcher, readingsOf } from './path-readings.ts';

/** Of each list, made ready once: it is the same as long as the token is kept. */
const matchers = new WeakMap<readonly string[], PathMatcher>();

/** Whether a path is, in every reading, one of those that a token opens. `path`: `undefined` where it is not known. */
export function opensPath(paths: readonly string[] | undefined, path: CanonicalPath | undefined): boolean {
	if (paths === undefined) return true;
	if (paths.length === 0 || path === undefined) return false;
	const matcher = matchers.get(paths) ?? createPathMatcher({ paths: paths as readonly CanonicalPath[] });
	matchers.set(paths, matcher);
	const readings = readingsOf(path);
	return matcher.holdsFor(readings) && matcher.isSureOf(readings);
}
