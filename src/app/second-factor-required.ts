import type { Config } from '../config/schema.ts';
import { adminPermission, type Identity, type Permission } from '../core/identity.ts';

/** Whether an identity must have a second factor. Config: `secondFactor`. */
export function requiredBy({ required, requiredFor }: Config['secondFactor']): (identity: Identity) => boolean {
	const permissions = [...(requiredFor as Permission[]), ...(required === 'admins' ? [adminPermission] : [])];
	// Not `mayUse`: who holds all rights is named by `admins`.
	return (identity) => required === 'everybody' || permissions.some((each) => identity.permissions.has(each));
}
