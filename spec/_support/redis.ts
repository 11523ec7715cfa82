import type { ChildProcess } from 'node:child_process';
import { copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { end, freePort, hasProgram, printedBy, start, startServing } from './server.ts';

const program = ['valkey-server', 'redis-server'].find(hasProgram);

/** Why specs that need Redis (or Valkey) cannot run here; `undefined` where they can. */
export const noRedis = program === undefined ? 'neither valkey-server nor redis-server is installed' : undefined;

export interface RedisDatabases {
	readonly port: number;
	/** An address with a database that nobody else has used: `redis://127.0.0.1:40123/7`. */
	newDatabase(): string;
	/** Sends a command to it, as an operator would. */
	command(...words: string[]): Promise<unknown>;
}

/** A real server on a free port, with a folder of its own. */
export interface RedisServer extends RedisDatabases {
	signal(signal: 'SIGSTOP' | 'SIGCONT'): void;
	kill(): Promise<void>;
	/** Starts it again on the same port, with what it has on disk. */
	restart(): Promise<void>;
	/** Writes a snapshot of now, and keeps a copy of it. */
	snapshot(): Promise<void>;
	/** Puts the copy in the place of what is on disk. To be called while it is not running. */
	restoreSnapshot(): Promise<void>;
	/** The last of what it has printed. */
	printed(): string;
	stop(): Promise<void>;
}

export function redisProgram(): string {
	if (program === undefined) throw new Error(noRedis);
	return program;
}

const ask = (port: number, words: string[]) => askRedis('127.0.0.1', port, words);

/** Sends a command to a server, or a Sentinel. */
export async function askRedis(host: string, port: number, words: string[], password?: string): Promise<unknown> {
	// Six hundred modules, which few files need.
	const { createClient } = await import('redis');
	const client = createClient({
		socket: { host, port, reconnectStrategy: false, connectTimeout: 2000, socketTimeout: 60_000 },
		...(password !== undefined && { password }),
	});
	client.on('error', () => undefined);
	await client.connect();
	try {
		return await client.sendCommand(words);
	} finally {
		client.destroy();
	}
}

/** One that runs. `taken`: so many of its databases are somebody else's. */
export function redisAt(port: number, taken = 0): RedisDatabases {
	let databases = taken;
	return {
		port,
		newDatabase() {
			databases += 1;
			return `redis://127.0.0.1:${port}/${databases}`;
		},
		command: (...words) => ask(port, words),
	};
}

/** `words`: more of its configuration, as on its command line. */
export async function startRedis(words: readonly string[] = []): Promise<RedisServer> {
	if (program === undefined) throw new Error(noRedis);
	const folder = await mkdtemp(join(tmpdir(), 'latchkey-redis-'));
	const port = await freePort();
	const server = redisAt(port);
	const { command } = server;
	const usual = `--port ${port} --bind 127.0.0.1 --dir ${folder} --databases 10000 --appendonly no --enable-debug-command local`;
	let child: ChildProcess;
	const restart = async () => {
		child = await startServing(
			() => start(program, [...usual.split(' '), '--save', '', ...words]),
			async ({ pid }) => {
				const info = String(await command('INFO', 'server'));
				if (!info.includes(`process_id:${pid}\r`)) throw new Error(`another server answers at port ${port}`);
				await command('PING');
			},
		);
	};
	await restart();
	const file = join(folder, 'dump.rdb');
	const copy = join(folder, 'copy.rdb');
	return {
		...server,
		signal: (signal) => void child.kill(signal),
		kill: () => end(child, 'SIGKILL'),
		restart,
		async snapshot() {
			await command('SAVE');
			await copyFile(file, copy);
		},
		restoreSnapshot: () => copyFile(copy, file),
		printed: () => printedBy(child),
		async stop() {
			await end(child, 'SIGKILL');
			await rm(folder, { recursive: true });
		},
	};
}

export interface Sentinel {
	readonly port: number;
	/** Whether it could make a replica the master. */
	knowsReplica(): Promise<boolean>;
	signal(signal: 'SIGSTOP' | 'SIGCONT'): void;
	stop(): Promise<void>;
}

/** A Sentinel that watches a master, alone. */
export async function startSentinel(name: string, master: number): Promise<Sentinel> {
	if (program === undefined) throw new Error(noRedis);
	const folder = await mkdtemp(join(tmpdir(), 'latchkey-sentinel-'));
	const port = await freePort();
	const file = join(folder, 'sentinel.conf');
	const lines = [
		`port ${port}`,
		'bind 127.0.0.1',
		`dir ${folder}`,
		`sentinel monitor ${name} 127.0.0.1 ${master} 1`,
		`sentinel down-after-milliseconds ${name} 300`,
		`sentinel failover-timeout ${name} 2000`,
	];
	await writeFile(file, `${lines.join('\n')}\n`);
	const child = start(program, [file, '--sentinel']);
	return {
		port,
		async knowsReplica() {
			const replicas = JSON.stringify(await ask(port, ['SENTINEL', 'REPLICAS', name]));
			return replicas.includes('"master-link-status":"ok"') || replicas.includes('"master-link-status","ok"');
		},
		signal: (signal) => void child.kill(signal),
		async stop() {
			await end(child, 'SIGKILL');
			await rm(folder, { recursive: true });
		},
	};
}
