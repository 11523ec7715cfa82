import { noPostgres, type PostgresServer, startPostgres } from './postgres.ts';
import { noRedis, type RedisServer, startRedis } from './redis.ts';

/** Why specs that need Redis and PostgreSQL cannot run here; `undefined` where they can. */
export const noSharedStores = noRedis ?? noPostgres;

/** Servers that several nodes share. */
export interface SharedStores {
	readonly redis: RedisServer;
	readonly postgres: PostgresServer;
	/** `store` of a configuration: databases that nobody else uses. */
	newSettings(): Promise<{ sessions: string; identities: string }>;
	stop(): Promise<void>;
}

/** `words`: more of the configuration of Redis. `variables`: of PostgreSQL. */
export async function startSharedStores(
	words: readonly string[] = [],
	variables: Readonly<Record<string, string>> = {},
): Promise<SharedStores> {
	const [redis, postgres] = await Promise.all([startRedis(words), startPostgres(variables)]);
	return {
		redis,
		postgres,
		newSettings: async () => ({ sessions: redis.newDatabase(), identities: await postgres.newDatabase() }),
		async stop() {
			await Promise.all([redis.stop(), postgres.stop()]);
		},
	};
}
