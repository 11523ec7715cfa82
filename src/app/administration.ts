import type { Config } from '../config/schema.ts';
import { createBulk } from '../core/bulk.ts';
import type { Clock } from '../core/clock.ts';
import { auditRoutes } from '../dialect/kura/audit.ts';
import { bulkRoute } from '../dialect/kura/bulk.ts';
import { explainRoute } from '../dialect/kura/explain.ts';
import { identityRoutes } from '../dialect/kura/identities.ts';
import { permissionsRoute } from '../dialect/kura/permissions.ts';
import type { Route } from '../http/route.ts';
import type { SessionCookie } from '../http/session-cookie.ts';
import type { Core } from './core.ts';
import { explainTo } from './explain.ts';
import { knownPermissions } from './known-permissions.ts';
import type { LivePolicy } from './policy.ts';

export interface Administered {
	readonly core: Core;
	readonly policy: LivePolicy;
	readonly cookie: SessionCookie;
	/** Whether a path is one of ours. */
	isOwn(host: string, path: string): boolean;
	readonly clock: Clock;
}

/** For those who hold `kura.admin`: identities, what permissions open, and why requests pass. */
export function administrationRoutes(config: Config, { core, policy, cookie, isOwn, clock }: Administered): Route[] {
	return [
		...identityRoutes({ ...core, cookie }),
		bulkRoute(createBulk(core)),
		...auditRoutes(core),
		permissionsRoute(() => knownPermissions(policy, core)),
		explainRoute(
			explainTo(config, () => policy.present, { isOwn, clock, levelOf: core.factorParts.factors.levelOf }),
			core,
		),
	];
}
