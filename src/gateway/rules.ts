import type { Permission } from '../core/identity.ts';
import { type CanonicalPath, foldPath } from './path.ts';

/** What is protected, and which permission opens it. */
export interface Rule {
	/** Holds for this path and all below it, in whatever case they are written. */
	readonly path: CanonicalPath;
	readonly permission: Permission;
	/** The server it stands on. Absent: others pass requests on, and only ask us. */
	readonly upstream?: URL;
	/** `unsafe`: only requests that change something need the XSRF token. Config: `resources[].xsrf`. */
	readonly xsrf: 'always' | 'unsafe';
}

/** Finds the rule of a path: the longest one. `undefined`: no rule speaks of it, and nobody may pass. */
export function createRules(rules: readonly Rule[]): (path: CanonicalPath) => Rule | undefined {
	const longestFirst = rules
		.map((rule) => ({ rule, prefix: foldPath(rule.path).replace(/\/$/, '') }))
		.sort((a, b) => b.prefix.length - a.prefix.length);
	const prefixes = longestFirst.map(({ prefix }) => prefix);
	const twice = longestFirst.find(({ prefix }, at) => prefixes.indexOf(prefix) < at);
	if (twice) throw new Error(`two rules for the same path: ${twice.rule.path}`);
	return (path) => {
		const folded = foldPath(path);
		return longestFirst.find(({ prefix }) => folded === prefix || folded.startsWith(`${prefix}/`))?.rule;
	};
}

/** Whether a request made with a session needs its XSRF token. */
export function needsXsrfToken(rule: Pick<Rule, 'xsrf'>, method: string): boolean {
	return rule.xsrf === 'always' || !isSafe(method);
}

/** Methods that change nothing; written in capitals, as on the wire. Rule: RFC 9110, 9.2.1. */
export function isSafe(method: string): boolean {
	return ['GET', 'HEAD', 'OPTIONS', 'TRACE'].includes(method);
}
