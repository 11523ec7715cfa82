import type { Permission } from '../core/identity.ts';
import { type CanonicalPath, foldPath, isShortNameOf, looseReading } from './path.ts';

/** What is protected, and which permission opens it. */
export interface Rule {
	/** Holds for this path and all below it, in whatever case they are written. */
	readonly path: CanonicalPath;
	readonly permission: Permission;
	/** The server it stands on. Absent: others pass requests on, and only ask us. */
	readonly upstream?: URL;
	/** The `Host` that it is told. Config: `resources[].host`. */
	readonly host?: string;
	/** `unsafe`: only requests that change something need the XSRF token. Config: `resources[].xsrf`. */
	readonly xsrf: 'always' | 'unsafe';
	/** Who is led to the sign-in page. Config: `resources[].unauthenticated`. Absent: `auto`. */
	readonly unauthenticated?: 'auto' | 'redirect' | '401';
}

/**
 * The rule of a path. `undefined`: no rule speaks of it. `ambiguous`: another system could read the path in a way that a
 * narrower rule holds for. Nobody may pass where it is either.
 */
export type RuleOf = (path: CanonicalPath) => Rule | 'ambiguous' | undefined;

/** Finds the rule of a path: the longest one. */
export function createRules(rules: readonly Rule[]): RuleOf {
	const longestFirst = rules
		.map((rule) => ({ rule, prefix: foldPath(rule.path).replace(/\/$/, ''), loose: looseOf(rule.path) }))
		.sort((a, b) => b.prefix.length - a.prefix.length);
	const prefixes = longestFirst.map(({ prefix }) => prefix);
	const twice = longestFirst.find(({ prefix }, at) => prefixes.indexOf(prefix) < at);
	if (twice) throw new Error(`two rules for the same path: ${twice.rule.path}`);
	return (path) => {
		const folded = foldPath(path);
		const found = longestFirst.find(({ prefix }) => folded === prefix || folded.startsWith(`${prefix}/`));
		const segments = looseReading(path);
		if (segments === undefined) return found?.rule;
		const depth = found?.loose.length ?? -1;
		const isRead = ({ loose }: { loose: readonly string[] }) =>
			loose.length > depth &&
			loose.every((name, at) => name === segments[at] || isShortNameOf(segments[at] ?? '', name));
		return longestFirst.some(isRead) ? 'ambiguous' : found?.rule;
	};
}

function looseOf(path: CanonicalPath): readonly string[] {
	return (
		looseReading(path) ??
		foldPath(path)
			.split('/')
			.filter((segment) => segment !== '')
	);
}

/** Whether a request made with a session needs its XSRF token. */
export function needsXsrfToken(rule: Pick<Rule, 'xsrf'>, method: string): boolean {
	return rule.xsrf === 'always' || !isSafe(method);
}

/** Methods that change nothing; written in capitals, as on the wire. Rule: RFC 9110, 9.2.1. */
export function isSafe(method: string): boolean {
	return ['GET', 'HEAD', 'OPTIONS', 'TRACE'].includes(method);
}
