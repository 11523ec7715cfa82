import type { Identity, Permission } from './identity.ts';

/** Who must not become the last: holders of `permission` who stay and can sign in. */
export interface Keep {
	readonly permission: Permission;
	/** Only those with a password count: nobody knows whether the others have a certificate. */
	readonly byPassword: boolean;
}

export interface Permissions {
	/** Made by `make`, whether somebody holds them or not; by name. */
	readonly made: readonly Permission[];
	/** Those that an identity holds, by name. */
	readonly held: readonly Permission[];
}

/** `outdated`: the identity is not what it was, or not there. `unknown`: a permission is not defined any more. */
export type Replaced = 'done' | 'outdated' | 'last' | 'unknown';

/**
 * Where permissions are kept that were made before anybody held them, and identities are changed as a whole: beside
 * identities, since a permission that is removed goes from all of them in the same step. Promises:
 * `spec/store/permission-store.contract.ts`.
 */
export interface PermissionStore {
	find(): Promise<Permissions>;
	/** `taken` where one was made that folds to the same text (`foldPermission`). */
	make(permission: Permission): Promise<'made' | 'taken'>;
	/**
	 * Forgets it, and takes it from every identity. `absent`: it was neither made nor held. `protected`: a holder holds
	 * `spared`, too; nothing is done.
	 */
	remove(permission: Permission, spared?: Permission): Promise<'done' | 'absent' | 'protected'>;
	/**
	 * Puts the credentials and permissions of `to` in place of those of `from`, or removes the identity; only where it still
	 * has those of `from`. What it gains must be in `known`, made, or held by an identity in this same moment. `last`: see
	 * `Keep`; of several at once that would leave none, one is stopped.
	 */
	replace(from: Identity, to: Identity | undefined, known: ReadonlySet<Permission>, keep: Keep): Promise<Replaced>;
}

/** Permissions that fold to the same text look alike: only one of them is made. Compared they are with case. */
export function foldPermission(permission: Permission): string {
	return permission.toLowerCase();
}

/** Whether an identity has the credentials and permissions that it had. */
export function isUnchanged(from: Identity, now: Identity | undefined): now is Identity {
	return (
		now !== undefined &&
		now.credentialStamp === from.credentialStamp &&
		now.passwordVerifier === from.passwordVerifier &&
		now.passwordChangeNeeded === from.passwordChangeNeeded &&
		now.permissions.symmetricDifference(from.permissions).size === 0
	);
}

/** Whether it is one of those of whom one must stay. */
export function counts({ permissions, disabled, service, expiresAt, passwordVerifier }: Identity, keep: Keep): boolean {
	const stays = !disabled && !service && expiresAt === undefined;
	return stays && permissions.has(keep.permission) && (passwordVerifier !== undefined || !keep.byPassword);
}

/** Whether a change takes the permission, or the way to use it, from one who stays. One without a password counts here. */
export function loses(from: Identity, to: Identity | undefined, keep: Keep): boolean {
	if (!counts(from, { ...keep, byPassword: false })) return false;
	const losesPassword = keep.byPassword && from.passwordVerifier !== undefined && to?.passwordVerifier === undefined;
	return to === undefined || !to.permissions.has(keep.permission) || losesPassword;
}
