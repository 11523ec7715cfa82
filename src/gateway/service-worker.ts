import type { IncomingMessage } from 'node:http';
import { type CanonicalPath, foldPath } from './path.ts';
import type { Rule } from './rules.ts';

/*
 * A service worker stays in the browser and answers in place of the server for every page below its scope, long after
 * the session that loaded it. One origin is shared by our own pages and all that is protected, so the script of a worker
 * is given out only where its scope holds nothing but what its own rule names.
 */

/** Whether a worker from this script could control a page of ours or of another rule. `rule`: of the script. */
export type IsWideWorker = (req: IncomingMessage, path: CanonicalPath | undefined, rule: Rule | undefined) => boolean;

/** `ownPages`: paths of pages of ours, `/` among them where the console stands there. */
export function createIsWideWorker(ownPages: readonly string[], rules: readonly Rule[]): IsWideWorker {
	const pages = ownPages.map((page) => page.toLowerCase());
	const ruled = rules.map((rule) => ({ rule, prefix: foldPath(rule.path) }));

	return ({ headers }, path, rule) => {
		// Browsers send it with the script of a worker, and with nothing else.
		if (headers['service-worker'] === undefined) return false;
		const scope = path === undefined ? '/' : scopeOf(path);
		return (
			pages.some((page) => page.startsWith(scope)) ||
			ruled.some((other) => other.rule !== rule && other.prefix.startsWith(scope)) ||
			(rule !== undefined && !scope.startsWith(`${foldPath(rule.path).replace(/\/$/, '')}/`))
		);
	};
}

/** The folder of the script: no more, since `Service-Worker-Allowed` never passes. Rule: Service Workers, "Update". */
function scopeOf(script: CanonicalPath): string {
	const folded = foldPath(script);
	return folded.slice(0, folded.lastIndexOf('/') + 1);
}
