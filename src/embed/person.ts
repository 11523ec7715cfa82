import type { Identity } from '../core/identity.ts';
import { adminPermission } from '../core/identity.ts';
import type { LatchkeyIdentity } from './latchkey.ts';

/** As an app around us may see an identity: without its verifier and stamp. */
export function toPerson({ id, name, permissions }: Identity): LatchkeyIdentity {
	const held: ReadonlySet<string> = permissions;
	return {
		id,
		name,
		permissions: [...held].sort(),
		may: (permission) => held.has(permission) || held.has(adminPermission),
	};
}
