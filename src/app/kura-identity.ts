import type { Config } from '../config/schema.ts';
import type { KuraAuthenticator } from '../dialect/kura/authenticator.ts';
import { kuraIdentityRoutes } from '../dialect/kura/identity/routes.ts';
import { wellKnownPermissions } from '../dialect/kura/identity/well-known.ts';
import type { Route } from '../http/route.ts';
import type { Core } from './core.ts';
import { namedBy } from './known-permissions.ts';
import type { LivePolicy } from './policy.ts';

export interface Around {
	readonly core: Core;
	readonly policy: LivePolicy;
	readonly authenticator: KuraAuthenticator;
}

/** Kura's Identity REST. Config: `dialects.kuraIdentity`; none where that is off. */
export function openKuraIdentity(config: Config, { core, policy, authenticator }: Around): Route[] {
	if (!config.dialects.kuraIdentity.enabled) return [];
	const wellKnown = () => new Set([...wellKnownPermissions, ...policy.present.gate.rules.flatMap(namedBy)]);
	const { identities, registryWith } = core;
	return kuraIdentityRoutes({
		authenticator,
		identities,
		registry: registryWith(wellKnown),
		policy: core.passwordPolicy,
	});
}
