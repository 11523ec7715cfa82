import type { Instant } from './clock.ts';
import type { Identity, IdentityId, IdentityName } from './identity.ts';
import type { IdentityOrder, IdentityPosition, IdentityQuery } from './identity-query.ts';
import type { IdentityStore } from './stores.ts';
import type { WriteBehind } from './write-behind.ts';

export interface IdentityPage {
	readonly identities: readonly Identity[];
	/** Absent: this is the last page. */
	readonly next?: IdentityPosition;
}

export interface IdentityPages {
	/** With the sign-ins that this process has seen; those of other nodes may be half a minute late. */
	page(query: IdentityQuery): Promise<IdentityPage>;
	/** One of them, the same way. */
	findSeen(name: IdentityName): Promise<Identity | undefined>;
}

export type SignIns = WriteBehind<IdentityId, Instant>;

export function createIdentityPages(parts: {
	readonly identities: Pick<IdentityStore, 'page' | 'findByName'>;
	readonly signIns: Pick<SignIns, 'flush'>;
}): IdentityPages {
	const { identities, signIns } = parts;
	return {
		async page(query) {
			await signIns.flush();
			const found = await identities.page({ ...query, limit: query.limit + 1 });
			const shown = found.slice(0, query.limit);
			const last = shown.at(-1);
			const isLast = found.length === shown.length || last === undefined;
			return { identities: shown, ...(!isLast && { next: positionOf(last, query.order) }) };
		},
		async findSeen(name) {
			await signIns.flush();
			return identities.findByName(name);
		},
	};
}

function positionOf({ name, createdAt, lastSignInAt }: Identity, order: IdentityOrder): IdentityPosition {
	const never = 0 as Instant;
	const at = { name: never, created: createdAt, 'last-sign-in': lastSignInAt ?? never }[order];
	return { at, name };
}

/** All of them, a page at a time. */
export async function* eachIdentity(
	{ page }: Pick<IdentityPages, 'page'>,
	query: IdentityQuery,
): AsyncGenerator<Identity> {
	let after = query.after;
	do {
		const { identities, next }: IdentityPage = await page({ ...query, after });
		yield* identities;
		after = next;
	} while (after !== undefined);
}
