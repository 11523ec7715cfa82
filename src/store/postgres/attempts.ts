import { RateLimiterPostgres, type RateLimiterRes } from 'rate-limiter-flexible';
import type { AttemptStore, Count } from '../../core/stores.ts';
import type { PostgresConnection } from './connection.ts';

/** For installations whose sessions are not shared. */
export function createPostgresAttempts(postgres: PostgresConnection): AttemptStore {
	const limiter = new RateLimiterPostgres({
		storeClient: {
			query: async (statement: { name?: string; text: string; values: unknown[] }) => {
				const rows = await postgres.query(statement);
				return { rows, rowCount: rows.length };
			},
		},
		storeType: 'client',
		schemaName: 'latchkey',
		tableName: 'attempt',
		tableCreated: true,
		keyPrefix: '',
		points: Number.MAX_SAFE_INTEGER,
		duration: 0,
	});
	const toCount = ({ consumedPoints, msBeforeNext }: RateLimiterRes): Count => ({
		count: consumedPoints,
		forgottenInMs: msBeforeNext,
	});
	return {
		add: async (key, forMs) => toCount(await limiter.penalty(key, 1, { customDuration: forMs / 1000 })),
		async set(key, count, forMs) {
			await limiter.set(key, count, forMs / 1000);
		},
		async find(key) {
			const found = await limiter.get(key);
			return found === null ? undefined : toCount(found);
		},
		async forget(key) {
			await limiter.delete(key);
		},
	};
}
