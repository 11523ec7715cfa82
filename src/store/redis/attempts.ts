import type { AttemptStore, Count } from '../../core/stores.ts';
import { keyPrefix, type RedisConnection } from './connection.ts';
import { countScript, takeBackScript } from './scripts.ts';

export function createRedisAttempts(redis: RedisConnection): AttemptStore {
	async function count(key: string, how: 'add' | 'set', points: number, forMs: number): Promise<Count> {
		const args = [key, how, String(points), String(Math.max(1, Math.round(forMs)))];
		const [counted, forgottenInMs] = (await redis.script(countScript, args)) as [number, number];
		return { count: counted, forgottenInMs };
	}

	return {
		add: (key, forMs) => count(key, 'add', 1, forMs),
		async set(key, points, forMs) {
			await count(key, 'set', points, forMs);
		},
		async takeBack(key) {
			await redis.script(takeBackScript, [key]);
		},
		async find(key) {
			const name = `${keyPrefix}a:${key}`;
			const [counted, forgottenInMs] = await redis.run((client) => Promise.all([client.get(name), client.pTTL(name)]));
			return counted === null || forgottenInMs <= 0 ? undefined : { count: Number(counted), forgottenInMs };
		},
		async forget(key) {
			await redis.run((client) => client.del(`${keyPrefix}a:${key}`));
		},
	};
}
