import type { ChildProcess } from 'node:child_process';
import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient } from 'redis';
import { end, freePort, hasProgram, start, until } from './server.ts';

const program = ['valkey-server', 'redis-server'].find(hasProgram);

/** Why specs that need Redis (or Valkey) cannot run here; `undefined` where they can. */
export const noRedis = program === undefined ? 'neither valkey-server nor redis-server is installed' : undefined;

/** A real server on a free port, with a folder of its own. */
export interface RedisServer {
	readonly port: number;
	/** An address with a database that nobody else has used: `redis://127.0.0.1:40123/7`. */
	newDatabase(): string;
	/** Sends a command to it, as an operator would. */
	command(...words: string[]): Promise<unknown>;
	signal(signal: 'SIGSTOP' | 'SIGCONT'): void;
	kill(): Promise<void>;
	/** Starts it again on the same port, with what it has on disk. */
	restart(): Promise<void>;
	/** Writes a snapshot of now, and keeps a copy of it. */
	snapshot(): Promise<void>;
	/** Puts the copy in the place of what is on disk. To be called while it is not running. */
	restoreSnapshot(): Promise<void>;
	stop(): Promise<void>;
}

export async function startRedis(): Promise<RedisServer> {
	if (program === undefined) throw new Error(noRedis);
	const folder = await mkdtemp(join(tmpdir(), 'latchkey-redis-'));
	const port = await freePort();
	const command = async (...words: string[]) => {
		const client = createClient({ socket: { host: '127.0.0.1', port, reconnectStrategy: false } });
		client.on('error', () => undefined);
		await client.connect();
		try {
			return await client.sendCommand(words);
		} finally {
			client.destroy();
		}
	};
	const words = `--port ${port} --bind 127.0.0.1 --dir ${folder} --databases 10000 --appendonly no --enable-debug-command local`;
	let child: ChildProcess;
	let databases = 0;
	const restart = async () => {
		child = start(program, [...words.split(' '), '--save', '']);
		await until(() => command('PING'));
	};
	await restart();
	const file = join(folder, 'dump.rdb');
	const copy = join(folder, 'copy.rdb');
	return {
		port,
		newDatabase() {
			databases += 1;
			return `redis://127.0.0.1:${port}/${databases}`;
		},
		command,
		signal: (signal) => void child.kill(signal),
		kill: () => end(child, 'SIGKILL'),
		restart,
		async snapshot() {
			await command('SAVE');
			await copyFile(file, copy);
		},
		restoreSnapshot: () => copyFile(copy, file),
		async stop() {
			await end(child, 'SIGKILL');
			await rm(folder, { recursive: true });
		},
	};
}
