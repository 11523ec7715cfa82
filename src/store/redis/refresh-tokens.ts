import type { IdentityId } from '../../core/identity.ts';
import type { FamilyKey, RefreshTokenStore, TokenFamily } from '../../core/refresh-token.ts';
import type { SessionKey } from '../../core/session.ts';
import type { EndRecord } from '../../core/stores.ts';
import { keyPrefix, type RedisConnection } from './connection.ts';
import { dropFamiliesScript, putFamilyScript, replaceFamilyScript } from './scripts.ts';
import { sealValue, unsealValue } from './seal.ts';

/*
 * Families stand at `f:KEY`, sealed; their keys in the sorted set `fi:IDENTITY`, by when they were started. Both expire. A
 * refresh token that was used, and a family that was ended, are on record (on disk, with the identities): a Redis that comes
 * back with less than it had must not have them once more.
 */

const placeOf = (key: FamilyKey) => `f:${key}`;

/** Redis forgets a family no sooner than it expires; and a clock that was set back finds it still there. */
const keptLongerMs = 60_000;

const forMs = ({ issuedAt, expiresAt }: TokenFamily) => String(Math.max(0, expiresAt - issuedAt) + keptLongerMs);

export function createRedisRefreshTokens(
	redis: RedisConnection,
	ends: EndRecord,
	sealingKey: () => Promise<Buffer>,
): RefreshTokenStore {
	const sealed = async (family: TokenFamily) => sealValue(await sealingKey(), placeOf(family.key), family);

	/** As it stands there, and what it says; it may have ended. */
	async function read(key: FamilyKey): Promise<{ text: string; family: TokenFamily } | undefined> {
		const text = await redis.run((client) => client.get(keyPrefix + placeOf(key)));
		const family = text === null ? undefined : unsealValue(await sealingKey(), placeOf(key), text);
		return text === null || family === undefined ? undefined : { text, family: family as TokenFamily };
	}

	/** Returns those that were not on record. */
	const record = (keys: readonly string[]) => ends.write(keys as readonly SessionKey[]);

	async function end(id: IdentityId, keys: readonly FamilyKey[]): Promise<number> {
		if (keys.length === 0) return 0;
		await record(keys);
		return Number(await redis.script(dropFamiliesScript, [id, ...keys]));
	}

	return {
		async insert(family, limit) {
			const { key, identityId, startedAt } = family;
			const args = [key, await sealed(family), identityId, String(startedAt), String(limit), forMs(family)];
			await redis.script(putFamilyScript, [...args, String(keptLongerMs)]);
		},
		async find(key) {
			const family = (await read(key))?.family;
			if (family === undefined) return undefined;
			const isEnded = (await ends.find([key as string as SessionKey])).size > 0;
			return isEnded ? undefined : family;
		},
		async replace(next, used) {
			const { key, identityId } = next;
			const before = await read(key);
			if (before?.family.current !== used) return false;
			const args = [key, before.text, await sealed(next), identityId, forMs(next)];
			if ((await redis.script(replaceFamilyScript, args)) !== 1) return false;
			return (await record([used])).size > 0;
		},
		async delete(key) {
			const found = await read(key);
			return found !== undefined && (await end(found.family.identityId, [key])) > 0;
		},
		async deleteOf(id) {
			const keys = await redis.run((client) => client.zRange(`${keyPrefix}fi:${id}`, 0, -1));
			return end(id, keys as FamilyKey[]);
		},
		/** Redis does it. */
		sweep: async () => 0,
	};
}
