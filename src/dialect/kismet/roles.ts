import { type Permission, parsePermission } from '../../core/identity.ts';

/** Which permission a role of a key is. A role that does not stand here is `kismet.<role>`. */
export type Roles = Readonly<Record<string, string>>;

const prefix = 'kismet.';

/** `undefined`: that can be no permission, and so no role. */
export function permissionOf(role: string, roles: Roles): Permission | undefined {
	return parsePermission((Object.hasOwn(roles, role) && roles[role]) || `${prefix}${role}`);
}

/** What a list says of a key: the first role with its permission, or the permission where the table has changed. */
export function roleOf([permission = '' as Permission]: readonly Permission[], roles: Roles): string {
	const [role] = Object.entries(roles).find(([, each]) => each === permission) ?? [];
	return role ?? (permission.startsWith(prefix) ? permission.slice(prefix.length) : permission);
}
