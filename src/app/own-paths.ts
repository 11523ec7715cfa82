import type { Config } from '../config/schema.ts';
import { explainPath } from '../dialect/kura/explain.ts';
import { identityPaths } from '../dialect/kura/identity/routes.ts';
import { tokenPaths } from '../dialect/kura/jwt/routes.ts';
import { base } from '../dialect/kura/paths.ts';
import { enterPath } from '../gateway/enter.ts';
import { extAuthzPath, forwardAuthPath } from '../gateway/forward-auth.ts';
import { changePasswordPath, passkeyEndpointsPath } from '../pages/well-known.ts';

/*
 * What of one origin is ours: a resource of the same path is never asked for it.
 */

/** Pages of ours, for people. */
export function ownPages({ console: { enabled, path }, docs }: Config): string[] {
	const place = path === '/' ? '' : path;
	return [
		...(enabled ? (place === '' ? ['/'] : [place, `${place}/`]) : []),
		...(docs.enabled ? [`${place}/docs`, `${place}/openapi.yaml`, `${place}/openapi.json`] : []),
	];
}

/** What leads to pages of the console: not where another host's root may be somebody else's. */
export function wellKnownPages({ console: { enabled, path }, portal }: Config): string[] {
	return enabled && (path === '/' || portal.url !== undefined) ? [changePasswordPath, passkeyEndpointsPath] : [];
}

/** Everything that we answer ourselves; `/*` behind what holds for all below it, too. */
export function ownPaths(config: Config): string[] {
	const { console } = config;
	const place = console.path === '/' ? '' : console.path;
	return [
		...ownPages(config),
		...wellKnownPages(config),
		...(console.enabled ? [`${place}/console/*`] : []),
		...['/services/session/v1/*', explainPath],
		...(config.dialects.kuraIdentity.enabled ? identityPaths : []),
		...(config.dialects.kuraTokens.enabled ? Object.values(tokenPaths) : []),
		...besides(config),
	];
}

/** Of them, what stays ours on hosts that are not the portal's. */
export function pathsEverywhere(config: Config): string[] {
	return [...everywhere, ...besides(config)];
}

function besides({ auth, dialects }: Config): string[] {
	return [
		...['/health/live', '/health/ready', forwardAuthPath, `${extAuthzPath}/*`],
		...(auth.sessions ? [enterPath] : []),
		...(dialects.kismet.enabled ? ['/session/*', ...(auth.tokens ? ['/auth/apikey/*'] : [])] : []),
	];
}

/** Of the API, what every application needs on its own host. All else of it is the portal's, where there is one. */
export const everywhere: ReadonlySet<string> = new Set(
	[
		...['login/password', 'login/certificate', 'xsrfToken', 'logout', 'changePassword', 'passwordPolicy'],
		...['currentIdentity', 'currentSession', 'authenticationInfo', 'continue'],
	].map((name) => `${base}/${name}`),
);
