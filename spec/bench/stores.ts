import { noPostgres, startPostgres } from '../_support/postgres.ts';
import { noRedis, startRedis } from '../_support/redis.ts';
import { cpuMsOfAll, pin, serverCore } from './programs.ts';

/** Servers of stores, on the core of the servers that are measured. */
export interface StoreServer {
	/** Milliseconds, its children included. */
	cpuMs(): number;
	stop(): Promise<void>;
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

export async function openRedis(): Promise<RedisStore> {
	const redis = await startRedis();
	const pid = Number(/process_id:(\d+)/.exec(String(await redis.command('INFO', 'server')))?.[1]);
	pin(pid, serverCore);
	return { port: redis.port, newAddress: redis.newDatabase, cpuMs: () => cpuMsOfAll(pid), stop: redis.stop };
}

export async function openPostgres(): Promise<PostgresStore> {
	const postgres = await startPostgres();
	const address = await postgres.newDatabase();
	const [row] = await postgres.query(address, "SELECT pg_read_file('postmaster.pid') AS text");
	const pid = Number(String(row?.text).split('\n')[0]);
	// What it starts later inherits the core.
	pin(pid, serverCore);
	return { newAddress: postgres.newDatabase, cpuMs: () => cpuMsOfAll(pid), stop: postgres.stop };
}
