import type { ChildProcess } from 'node:child_process';
import { spawnSync } from 'node:child_process';
import { chmodSync, chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { end, freePort, start, until } from './server.ts';

const isRoot = userInfo().uid === 0;
/** PostgreSQL refuses to run as root. */
export const postgresOwner = isRoot ? ownerOf('postgres') : undefined;
const owner = postgresOwner;
const folderOfPrograms = findPrograms();

/** Why specs that need PostgreSQL cannot run here; `undefined` where they can. */
export const noPostgres =
	folderOfPrograms === undefined
		? 'PostgreSQL (initdb, postgres) is not installed'
		: isRoot && owner === undefined
			? 'we are root, PostgreSQL refuses to be, and there is no user postgres'
			: undefined;

export interface PostgresDatabases {
	readonly port: number;
	/** Makes an empty database and returns its address. */
	newDatabase(): Promise<string>;
	/** Runs SQL in a database, as an operator would. */
	query(address: string, sql: string): Promise<Record<string, unknown>[]>;
}

/** A real server on a free port, with a folder of its own. */
export interface PostgresServer extends PostgresDatabases {
	signal(signal: 'SIGSTOP' | 'SIGCONT'): void;
	/** All of its processes at once, as a power failure would. */
	kill(): Promise<void>;
	/** Starts it again on the same port, with what it has on disk. */
	restart(): Promise<void>;
	stop(): Promise<void>;
}

const addressOf = (port: number, database: string) => `postgres://latchkey@127.0.0.1:${port}/${database}`;

/** One that runs. `taken`: so many numbers of databases are somebody else's. */
export function postgresAt(port: number, taken = 0): PostgresDatabases {
	let databases = taken;
	const query = async (to: string, sql: string) => {
		const client = new Client({ connectionString: to, connectionTimeoutMillis: 20_000 });
		client.on('error', () => undefined);
		await client.connect();
		try {
			return (await client.query(sql)).rows;
		} finally {
			await client.end();
		}
	};
	return {
		port,
		async newDatabase() {
			databases += 1;
			const address = addressOf(port, `latchkey_${databases}`);
			await query(addressOf(port, 'postgres'), `CREATE DATABASE latchkey_${databases}`);
			// The first connection to a database is slow: it is none that a service of ours waits for, a second at the most.
			await query(address, 'SELECT 1');
			return address;
		},
		query,
	};
}

export async function startPostgres(): Promise<PostgresServer> {
	if (folderOfPrograms === undefined || noPostgres !== undefined) throw new Error(noPostgres);
	const folder = mkdtempSync(join(tmpdir(), 'latchkey-postgres-'));
	if (owner !== undefined) chownSync(folder, owner.uid, owner.gid);
	chmodSync(folder, 0o700);
	const data = join(folder, 'data');
	run('initdb', ['-D', data, '-U', 'latchkey', '--auth=trust', '--no-sync', '--encoding=UTF8', '--locale=C']);
	const port = await freePort();
	const server = postgresAt(port);
	let child: ChildProcess;
	const restart = async () => {
		const settings = [
			`port=${port}`,
			'listen_addresses=127.0.0.1',
			`unix_socket_directories=${folder}`,
			'fsync=off',
			'max_connections=300',
		];
		const [program, args] = asOwner(programs('postgres'), [
			'-D',
			data,
			...settings.flatMap((setting) => ['-c', setting]),
		]);
		child = start(program, args);
		await until(() => server.query(addressOf(port, 'postgres'), 'SELECT 1'));
	};
	await restart();
	/** The postmaster and its children: the pids of the children are known to the kernel only. */
	const pids = () => {
		const { stdout } = spawnSync('ps', ['-o', 'pid=', '--ppid', String(child.pid)], { encoding: 'utf8' });
		return [child.pid ?? 0, ...stdout.split('\n').flatMap((line) => Number(line) || [])];
	};
	const signalAll = (signal: NodeJS.Signals) => {
		for (const pid of pids()) {
			try {
				process.kill(pid, signal);
			} catch {
				// A child that has just ended by itself.
			}
		}
	};
	const kill = async () => {
		signalAll('SIGKILL');
		await end(child, 'SIGKILL');
	};
	return {
		...server,
		signal: signalAll,
		kill,
		restart,
		async stop() {
			await kill();
			rmSync(folder, { recursive: true });
		},
	};
}

function programs(name: string): string {
	return join(folderOfPrograms ?? '', name);
}

/** setpriv replaces itself: the pid is that of the server. */
export function asOwner(path: string, args: readonly string[]): [string, string[]] {
	if (owner === undefined) return [path, [...args]];
	const { uid, gid } = owner;
	return ['setpriv', [`--reuid=${uid}`, `--regid=${gid}`, '--clear-groups', '--', path, ...args]];
}

function run(program: string, args: readonly string[]) {
	const [path, all] = asOwner(programs(program), args);
	const { status, stderr } = spawnSync(path, all, { encoding: 'utf8', cwd: tmpdir() });
	if (status !== 0) throw new Error(`${program}: ${stderr}`);
}

function findPrograms(): string | undefined {
	const root = '/usr/lib/postgresql';
	const versions = existsSync(root) ? readdirSync(root).sort((a, b) => Number(b) - Number(a)) : [];
	const folders = [...versions.map((version) => join(root, version, 'bin')), '/usr/local/bin', '/usr/bin'];
	return folders.find((folder) => ['initdb', 'postgres'].every((name) => existsSync(join(folder, name))));
}

function ownerOf(user: string): { uid: number; gid: number } | undefined {
	const id = (flag: string) => Number(spawnSync('id', [flag, user], { encoding: 'utf8' }).stdout.trim() || Number.NaN);
	const [uid, gid] = [id('-u'), id('-g')];
	return Number.isNaN(uid) || Number.isNaN(gid) ? undefined : { uid, gid };
}
