import { spawn } from 'node:child_process';
import { mkdir, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type PostgresDatabases, postgresAt } from './postgres.ts';
import { type RedisDatabases, redisAt } from './redis.ts';
import { until } from './server.ts';

/*
 * One Redis and one PostgreSQL for all specs of a run that do not stop them. Each file gets databases of its own.
 */

interface Told {
	readonly port?: number;
	readonly fault?: string;
}

/** AVA's process, which starts one for each file. */
const run = process.ppid;
const databasesEach = 400;
const patienceMs = 55_000;

/** Of several processes one makes it. */
const isFirst = (folder: string) =>
	mkdir(folder).then(
		() => true,
		() => false,
	);

async function ask(kind: 'redis' | 'postgres'): Promise<{ readonly port: number; readonly taken: number }> {
	const folder = join(tmpdir(), `latchkey-shared-${kind}-${run}`);
	if (await isFirst(folder)) {
		const program = fileURLToPath(new URL('servers-process.ts', import.meta.url));
		spawn(process.execPath, [program, kind, folder, String(run)], { detached: true, stdio: 'ignore' }).unref();
	}
	const told = await until(() => readFile(join(folder, 'told'), 'utf8'), patienceMs);
	const { port, fault } = JSON.parse(told) as Told;
	if (port === undefined) throw new Error(`${kind}: ${fault}`);
	let before = 0;
	while (!(await isFirst(join(folder, String(before))))) before += 1;
	return { port, taken: before * databasesEach };
}

/** The Redis of this run. */
export async function sharedRedis(): Promise<RedisDatabases> {
	const { port, taken } = await ask('redis');
	return redisAt(port, taken);
}

/** The PostgreSQL of this run. */
export async function sharedPostgres(): Promise<PostgresDatabases> {
	const { port, taken } = await ask('postgres');
	return postgresAt(port, taken);
}

type NewSettings = () => Promise<{ readonly sessions: string; readonly identities: string }>;

/** For `store` of a configuration: databases of both that nobody else uses. */
export async function newSharedSettings(): Promise<NewSettings> {
	const [redis, postgres] = await Promise.all([sharedRedis(), sharedPostgres()]);
	return async () => ({ sessions: redis.newDatabase(), identities: await postgres.newDatabase() });
}

/** The same for one service after the other. */
export async function reusedSettings(): Promise<NewSettings> {
	const [redis, postgres] = await Promise.all([sharedRedis(), sharedPostgres()]);
	return async () => ({ sessions: redis.newDatabase(), identities: await postgres.reusedDatabase() });
}
