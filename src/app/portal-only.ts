import type { Context } from 'koa';
import type { Config } from '../config/schema.ts';
import { base } from '../dialect/kura/paths.ts';
import { type CanonicalHost, canonicalHost } from '../gateway/host.ts';
import { hostOf } from '../http/request/context.ts';
import { everywhere, ownPages } from './own-paths.ts';

/*
 * Where there is a portal, what is for people and for administrators answers on its host and on no other. Applications
 * stand on the others, and a script of theirs that somebody has planted there finds nothing to administer.
 */

/** For administrators, and beside what proxies ask. */
const administration = new Set(['/services/auth/v1/explain']);

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
	const pages = new Set(ownPages(config));
	const files = `${config.console.path === '/' ? '' : config.console.path}/console/`;
	const isOfPortal = (path: string) =>
		(path.startsWith(`${base}/`) && !everywhere.has(path)) ||
		pages.has(path) ||
		path.startsWith(files) ||
		administration.has(path);

	return (ctx) => {
		const hosts = portalHosts();
		if (hosts === undefined || !isOfPortal(ctx.path)) return false;
		const host = canonicalHost(hostOf(ctx) ?? '');
		return host === undefined || !hosts.has(host);
	};
}
