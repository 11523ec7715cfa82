import type { Context } from 'koa';
import type { Config } from '../config/schema.ts';
import { explainPath } from '../dialect/kura/explain.ts';
import { identityPaths } from '../dialect/kura/identity/routes.ts';
import { tokenPaths } from '../dialect/kura/jwt/routes.ts';
import { base } from '../dialect/kura/paths.ts';
import { type CanonicalHost, canonicalHost } from '../gateway/host.ts';
import { hostOf } from '../http/request/context.ts';
import { everywhere, ownPages, ownPaths, wellKnownPages } from './own-paths.ts';

/*
 * Where there is a portal, what is for people and for administrators answers on its host and on no other. Applications
 * stand on the others, and a script of theirs that somebody has planted there finds nothing to administer.
 */

/** For administrators, and beside what proxies ask. */
const administration: ReadonlySet<string> = new Set([explainPath, ...identityPaths, ...Object.values(tokenPaths)]);

/** Hosts of the portal. `undefined`: there is none, and every host is as good as any other. */
export type PortalHosts = ReadonlySet<CanonicalHost> | undefined;

/**
 * The host of `portal.url`; and that name with the port where we ask for certificates ourselves, since people are sent
 * there to sign in with one.
 */
export function portalHostsOf({ portal, https }: Config): PortalHosts {
	if (portal.url === undefined) return undefined;
	const { host, hostname } = new URL(portal.url);
	const hosts = [host, ...(https?.clientCa !== undefined ? [`${hostname}:${https.port}`] : [])];
	return new Set(hosts.flatMap((each) => canonicalHost(each) ?? []));
}

/** Whether a path of ours is as if it were not there, since another host than the portal's is asked. */
export type IsHidden = (ctx: Context) => boolean;

export function createIsHidden(config: Config, portalHosts: () => PortalHosts): IsHidden {
	const isHiddenAt = createIsHiddenAt(config);
	return (ctx) => {
		const hosts = portalHosts();
		// Where there is no portal, no path is taken apart.
		return hosts !== undefined && isHiddenAt(hosts, ctx.path, () => hostOf(ctx));
	};
}

/** The same for a host and a path that nobody has asked for. */
export function createIsHiddenAt(config: Config) {
	const pages = new Set([...ownPages(config), ...wellKnownPages(config)]);
	const files = `${config.console.path === '/' ? '' : config.console.path}/console/`;
	const isOfPortal = (path: string) =>
		(path.startsWith(`${base}/`) && !everywhere.has(path)) ||
		pages.has(path) ||
		path.startsWith(files) ||
		administration.has(path);

	return (hosts: PortalHosts, path: string, hostOfAsked: () => string | undefined): boolean => {
		if (hosts === undefined || !isOfPortal(path)) return false;
		const host = canonicalHost(hostOfAsked() ?? '');
		return host === undefined || !hosts.has(host);
	};
}

/** Whether we answer a path by ourselves on a host; as far as the configuration says it, for whom no service runs. */
export function createIsOwn(config: Config): (host: string, path: string) => boolean {
	const own = ownPaths(config);
	const hosts = portalHostsOf(config);
	const isHiddenAt = createIsHiddenAt(config);
	return (host, path) =>
		!isHiddenAt(hosts, path, () => host) &&
		own.some((each) => (each.endsWith('/*') ? path.startsWith(each.slice(0, -1)) : path === each));
}
