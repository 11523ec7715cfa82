import type { Instant } from './clock.ts';
import type { IdentityName, Permission } from './identity.ts';

/*
 * Identities page by page: in an order that is kept, from behind the last one of the page before. One that is added or
 * removed in between moves no other to a page that was read already.
 */

/** `certificate-only`: a person without a password. `no-second-factor`: a password alone is enough. */
export const identityStates = [
	'disabled',
	'must-change-password',
	'certificate-only',
	'second-factor',
	'no-second-factor',
] as const;
export type IdentityState = (typeof identityStates)[number];

/** Names by code points. Who has never signed in comes before those who have. */
export const identityOrders = ['name', 'last-sign-in', 'created'] as const;
export type IdentityOrder = (typeof identityOrders)[number];

export interface IdentityFilter {
	/** Stands in the name, as `foldName` reads both. */
	readonly search?: string | undefined;
	/** Held, letter for letter. */
	readonly permission?: Permission | undefined;
	readonly state?: IdentityState | undefined;
}

export interface IdentityQuery extends IdentityFilter {
	readonly order: IdentityOrder;
	readonly descending: boolean;
	readonly after?: IdentityPosition | undefined;
	readonly limit: number;
}

/** Where an identity stands in an order. `at`: 0 by name, and of those who have never signed in. */
export interface IdentityPosition {
	readonly at: Instant;
	readonly name: IdentityName;
}
