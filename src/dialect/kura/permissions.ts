import type { Permission } from '../../core/identity.ts';
import { reply } from '../../http/response/reply.ts';
import { type Route, sessionRoute } from '../../http/route.ts';
import { administration } from './administration.ts';
import { base } from './paths.ts';

export interface KnownPermission {
	readonly permission: Permission;
	/** Made before anybody held it, by Kura's Identity REST. */
	readonly defined: boolean;
	readonly held: boolean;
	/** The rules that name it, as `rules show` prints them. */
	readonly opens: readonly object[];
}

/** Ours: for administrators, who choose from them what an identity is to hold. */
export function permissionsRoute(find: () => Promise<readonly KnownPermission[]>): Route {
	return sessionRoute({
		requires: administration,
		method: 'GET',
		path: `${base}/permissions`,
		async handle(ctx) {
			reply(ctx, { permissions: await find() });
		},
	});
}
