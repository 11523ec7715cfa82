import { noPostgres, startPostgres } from '../_support/postgres.ts';
import { noRedis, startRedis } from '../_support/redis.ts';
import { cpuMsOfAll, pin, serverCore } from './programs.ts';
import { once } from './run.ts';

/** A server of stores, on the core of the servers that are measured; one for all rows. */
export interface StoreServer {
	/** Milliseconds, its children included. */
	cpuMs(): number;
	/** Questions so far, this one among them: each is a round trip for the one that asks. */
	asked(): Promise<number>;
}

export interface RedisStore extends StoreServer {
	readonly port: number;
	/** With a database that nobody else uses. */
	newAddress(): string;
}

export interface PostgresStore extends StoreServer {
	newAddress(): Promise<string>;
}

export { noPostgres, noRedis };

const redisServer = once(startRedis, (redis) => redis.stop());
const postgresServer = once(startPostgres, (postgres) => postgres.stop());

export async function openRedis(): Promise<RedisStore> {
	const redis = await redisServer();
	const pid = Number(/process_id:(\d+)/.exec(String(await redis.command('INFO', 'server')))?.[1]);
	pin(pid, serverCore);
	return {
		port: redis.port,
		newAddress: redis.newDatabase,
		cpuMs: () => cpuMsOfAll(pid),
		asked: async () => Number(/total_commands_processed:(\d+)/.exec(String(await redis.command('INFO', 'stats')))?.[1]),
	};
}

export async function openPostgres(): Promise<PostgresStore> {
	const postgres = await postgresServer();
	const address = await postgres.newDatabase();
	const [row] = await postgres.query(address, "SELECT pg_read_file('postmaster.pid') AS text");
	const pid = Number(String(row?.text).split('\n')[0]);
	// What it starts later inherits the core.
	pin(pid, serverCore);
	return {
		newAddress: postgres.newDatabase,
		cpuMs: () => cpuMsOfAll(pid),
		async asked() {
			const sql = 'SELECT sum(xact_commit + xact_rollback)::int AS asked FROM pg_stat_database';
			const [found] = await postgres.query(address, sql);
			return Number(found?.asked);
		},
	};
}
