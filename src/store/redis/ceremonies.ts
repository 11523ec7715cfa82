import type { Ceremony, CeremonyStore } from '../../core/ceremony.ts';
import type { SessionKey } from '../../core/session.ts';
import type { EndRecord } from '../../core/stores.ts';
import { keyPrefix, type RedisConnection } from './connection.ts';
import { putCeremonyScript } from './scripts.ts';
import { sealValue, unsealValue } from './seal.ts';

/*
 * A ceremony stands at `c:KEY`, sealed, and expires; its key stands in the sorted set `ceremonies`, by when it is over. One that
 * was taken is put on record: a Redis that comes back with less than it had must not have it once more.
 */

export function createRedisCeremonies(
	redis: RedisConnection,
	ends: EndRecord,
	sealingKey: () => Promise<Buffer>,
): CeremonyStore {
	return {
		async put(ceremony, now, limit) {
			const { key, expiresAt } = ceremony;
			const text = sealValue(await sealingKey(), placeOf(key), ceremony);
			const forMs = Math.max(1, expiresAt - now);
			await redis.script(putCeremonyScript, [key, text, String(expiresAt), String(now), String(forMs), String(limit)]);
		},
		async take(key) {
			const text = await redis.run((client) => client.getDel(`${keyPrefix}c:${key}`));
			const ceremony = text === null ? undefined : unsealValue(await sealingKey(), placeOf(key), text);
			if (ceremony === undefined) return undefined;
			const isFirst = (await ends.write([key as string as SessionKey])).size > 0;
			return isFirst ? (ceremony as Ceremony) : undefined;
		},
	};
}

/** What is moved to another key is worth nothing there. */
function placeOf(key: string): string {
	return `c:${key}`;
}
