import { type Identity, mayUse, type Permission } from '../core/identity.ts';

/** What an identity must hold. Nothing named: being logged in is enough. */
export interface NeededPermissions {
	readonly any?: readonly Permission[];
	readonly all?: readonly Permission[];
}

/** What it lacks, as a refusal names it: `a or b` where one of them would do. */
export function lackedBy(identity: Identity, { any = [], all = [] }: NeededPermissions): Permission | undefined {
	const missing = all.find((permission) => !mayUse(identity, permission));
	if (missing !== undefined) return missing;
	if (any.length === 0 || any.some((permission) => mayUse(identity, permission))) return undefined;
	return any.join(' or ') as Permission;
}
