import type { IdentityId } from '../../core/identity.ts';
import type { FamilyKey, RefreshTokenStore, TokenFamily } from '../../core/refresh-token.ts';

/** Refresh tokens that last as long as this process. */
export function createMemoryRefreshTokens(): RefreshTokenStore {
	/** In the order they were started. */
	const families = new Map<FamilyKey, TokenFamily>();

	function dropAll(dropped: readonly TokenFamily[]): number {
		for (const { key } of dropped) families.delete(key);
		return dropped.length;
	}

	const of = (id: IdentityId) => [...families.values()].filter(({ identityId }) => identityId === id);

	return {
		async insert(family, limit) {
			if (families.has(family.key)) throw new Error('this key exists');
			families.set(family.key, family);
			const all = of(family.identityId);
			const isOver = ({ expiresAt }: TokenFamily) => expiresAt <= family.issuedAt;
			const overFirst = [...all.filter(isOver), ...all.filter((each) => !isOver(each))];
			dropAll(overFirst.slice(0, Math.max(0, all.length - limit)));
		},
		find: async (key) => families.get(key),
		async replace(next, used) {
			if (families.get(next.key)?.current !== used) return false;
			families.set(next.key, next);
			return true;
		},
		delete: async (key) => families.delete(key),
		deleteOf: async (id) => dropAll(of(id)),
		sweep: async (now) => dropAll([...families.values()].filter(({ expiresAt }) => expiresAt <= now)),
	};
}
