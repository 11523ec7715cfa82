import type { Config } from '../config/schema.ts';
import { forwardAuthPath } from '../gateway/forward-auth.ts';

/*
 * What of one origin is ours: a resource of the same path is never asked for it.
 */

/** Pages of ours, for people. */
export function ownPages({ console: { enabled, path }, docs }: Config): string[] {
	const base = path === '/' ? '' : path;
	return [
		...(enabled ? (base === '' ? ['/'] : [base, `${base}/`]) : []),
		...(docs.enabled ? [`${base}/docs`, `${base}/openapi.yaml`, `${base}/openapi.json`] : []),
	];
}

/** Everything that we answer ourselves; `/*` behind what holds for all below it, too. */
export function ownPaths(config: Config): string[] {
	const { console, dialects } = config;
	const base = console.path === '/' ? '' : console.path;
	return [
		...ownPages(config),
		...(console.enabled ? [`${base}/console/*`] : []),
		...['/health/live', '/health/ready'],
		...['/services/session/v1/*', forwardAuthPath],
		...(dialects.kismet.enabled ? ['/session/*'] : []),
	];
}
