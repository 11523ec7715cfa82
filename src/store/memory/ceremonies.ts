import type { Ceremony, CeremonyKey, CeremonyStore } from '../../core/ceremony.ts';

/** Ceremonies that last as long as this process. */
export function createMemoryCeremonies(): CeremonyStore {
	/** In the order they came: the oldest first. */
	const ceremonies = new Map<CeremonyKey, Ceremony>();

	return {
		async put(ceremony, now, limit) {
			if (ceremonies.has(ceremony.key)) throw new Error('this key exists');
			ceremonies.set(ceremony.key, ceremony);
			for (const { key, expiresAt } of ceremonies.values()) {
				if (expiresAt >= now && ceremonies.size <= limit) break;
				ceremonies.delete(key);
			}
		},
		async take(key) {
			const ceremony = ceremonies.get(key);
			ceremonies.delete(key);
			return ceremony;
		},
	};
}
