import type { IncomingMessage } from 'node:http';
import { type CanonicalHost, canonicalHost, holdsForHost } from './host.ts';
import { type CanonicalPath, foldPath } from './path.ts';
import type { Rule } from './rules.ts';

/*
 * A service worker stays in the browser and answers in place of the server for every page below its scope, long after
 * the session that loaded it. One origin is shared by our own pages and all that is protected, so the script of a worker
 * is given out only where its scope holds nothing but what its own rule names.
 */

/** The script of a worker, as it was asked for; what is `undefined` is not known. */
export interface WorkerScript {
	readonly host: string | undefined;
	readonly path: CanonicalPath | undefined;
}

/** Whether a worker from this script could control a page of ours or of another rule. `rule`: of the script. */
export type IsWideWorker = (req: IncomingMessage, script: WorkerScript, rule: Rule | undefined) => boolean;

/** Pages of ours. */
export interface OwnPages {
	/** `/` among them where the console stands there. */
	readonly paths: readonly string[];
	/** Absent: they are on every host. */
	readonly hosts?: ReadonlySet<CanonicalHost> | undefined;
}

export function createIsWideWorker(own: OwnPages, rules: readonly Rule[]): IsWideWorker {
	const pages = own.paths.map((page) => page.toLowerCase());
	const ruled = rules.map((rule) => ({ rule, prefixes: prefixesOf(rule) }));

	return ({ headers }, { host, path }, rule) => {
		// Browsers send it with the script of a worker, and with nothing else.
		if (headers['service-worker'] === undefined) return false;
		const scope = path === undefined ? '/' : scopeOf(path);
		const asked = host === undefined ? undefined : canonicalHost(host);
		const isOurHost = own.hosts === undefined || asked === undefined || own.hosts.has(asked);
		const at = ruled.findIndex((each) => each.rule === rule);
		const holdsBelow = ({ rule: other, prefixes }: (typeof ruled)[number], index: number) => {
			if (other === rule || isOfSamePaths(other, rule)) return false;
			if (asked !== undefined && !holdsForHost(other.hosts, asked)) return false;
			if (prefixes.some((prefix) => prefix.startsWith(scope))) return true;
			const isElsewhere = other.upstream?.href !== rule?.upstream?.href;
			const above = prefixes.filter((prefix) => scope.startsWith(withSlash(prefix)));
			// One that comes first, for some of what is below the scope; or later, for what the script's own rule leaves of it.
			if (index < at) return (other.suffixes !== undefined || isElsewhere) && above.length > 0;
			return isElsewhere && leavesSome(rule) && holdsPages(other, above, scope);
		};
		const holdsOurs = isOurHost && pages.some((page) => page.startsWith(scope));
		return holdsOurs || ruled.some(holdsBelow) || !holdsAll(rule, scope);
	};
}

/** Whether a rule, where there is one, names every path below a scope. */
function holdsAll(rule: Rule | undefined, scope: string): boolean {
	if (rule === undefined) return true;
	if (rule.exact || rule.shapes || rule.suffixes !== undefined) return false;
	return prefixesOf(rule).some((prefix) => scope.startsWith(withSlash(prefix)));
}

/** Whether a rule holds for some requests of its paths alone. */
function leavesSome(rule: Rule | undefined): boolean {
	return rule?.from !== undefined || rule?.methods !== undefined || rule?.websocket !== undefined;
}

/** `above`: where it begins. No worker sees a WebSocket. */
function holdsPages({ exact, shapes, websocket }: Rule, above: readonly string[], scope: string): boolean {
	if (websocket === true) return false;
	return exact && !shapes ? above.some((path) => withSlash(path) === scope) : above.length > 0;
}

function prefixesOf({ paths, shapes }: Rule): string[] {
	const folded = paths?.map(foldPath) ?? ['/'];
	return shapes ? folded.map((shape) => shape.replace(/[^/]*\*.*$/, '')) : folded;
}

/** Rules for the same paths of one application differ in methods, or in who may come from where. */
function isOfSamePaths(one: Rule, other: Rule | undefined): boolean {
	if (other === undefined || one.upstream?.href !== other.upstream?.href) return false;
	return prefixesOf(one).join() === prefixesOf(other).join() && one.exact === other.exact && !one.suffixes;
}

function withSlash(prefix: string): string {
	return prefix.endsWith('/') ? prefix : `${prefix}/`;
}

/** The folder of the script: no more, since `Service-Worker-Allowed` never passes. Rule: Service Workers, "Update". */
function scopeOf(script: CanonicalPath): string {
	const folded = foldPath(script);
	return folded.slice(0, folded.lastIndexOf('/') + 1);
}
