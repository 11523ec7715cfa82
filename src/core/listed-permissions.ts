import type { Clock, Instant } from './clock.ts';
import type { PermissionStore, Permissions } from './permission-store.ts';

/** How old a listing may be. */
const listedMs = 1000;

export interface ListedPermissions {
	/** What the store found less than a second ago. Rejects where it is away. */
	find(): Promise<Permissions>;
	/** Runs a change of ours, which the next listing shows at once. */
	changing<T>(work: Promise<T>): Promise<T>;
}

/** For everybody who asks, without a login: a store with many identities is read once in a second, however many ask. */
export function createListedPermissions(store: Pick<PermissionStore, 'find'>, clock: Clock): ListedPermissions {
	/** Absent: something has changed since, or the store was away. */
	let last: { readonly at: Instant; readonly found: Promise<Permissions> } | undefined;

	return {
		find() {
			const now = clock.now();
			if (last !== undefined && now >= last.at && now - last.at < listedMs) return last.found;
			const here = { at: now, found: store.find() };
			last = here;
			here.found.catch(() => {
				if (last === here) last = undefined;
			});
			return here.found;
		},
		async changing(work) {
			try {
				return await work;
			} finally {
				last = undefined;
			}
		},
	};
}
