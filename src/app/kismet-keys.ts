import type { Config } from '../config/schema.ts';
import type { Permission } from '../core/identity.ts';
import { dayMs, type NewApiToken } from '../core/new-api-token.ts';
import { kismet } from '../dialect/kismet/authenticator.ts';
import { permissionOf } from '../dialect/kismet/roles.ts';

/** A key as Kismet has kept it. `expires`: seconds since 1970; absent: never. */
export interface KismetKey {
	readonly text: string;
	readonly role: string;
	readonly expires?: number;
}

/**
 * That key as a token to be made: of the permission that its role is, for as long as keys live here. `undefined`: its role can be no
 * permission. `nowMs`: since 1970. Config: `dialects.kismet.roles`, `keyLifetimeDays`.
 */
export function tokenOfKismetKey(
	{ dialects: { kismet: settings } }: Config,
	name: string,
	{ text, role, expires }: KismetKey,
	nowMs: number,
): (NewApiToken & { readonly permissions: readonly [Permission] }) | undefined {
	const permission = permissionOf(role, settings.roles);
	if (permission === undefined) return undefined;
	const longest = settings.keyLifetimeDays * dayMs;
	const expiresInMs = expires === undefined ? longest : Math.min(longest, expires * 1000 - nowMs);
	return { name, permissions: [permission], expiresInMs, endsWithPassword: false, dialect: kismet, text };
}
