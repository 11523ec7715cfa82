import type { ChildProcess } from 'node:child_process';
import { execFile, spawnSync } from 'node:child_process';
import {
	chmodSync,
	chownSync,
	cpSync,
	existsSync,
	mkdtempSync,
	readdirSync,
	readFileSync,
	renameSync,
	rmSync,
} from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { Client } from 'pg';
import { dataDir } from './folder.ts';
import { end, freePort, printedBy, start, startServing, until, withVariables } from './server.ts';

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
	/** The same one each time, emptied of what a Latchkey made there: for one test after the other. Costs a tenth of a new one. */
	reusedDatabase(): Promise<string>;
	/** Runs SQL in a database, as an operator would. */
	query(address: string, sql: string): Promise<Record<string, unknown>[]>;
}

/** A real server on a free port, with a folder of its own. */
export interface PostgresServer extends PostgresDatabases {
	/** What it calls itself where it follows another. */
	readonly name: string;
	signal(signal: 'SIGSTOP' | 'SIGCONT'): void;
	/** All of its processes at once, as a power failure would. */
	kill(): Promise<void>;
	/** Starts it again on the same port, with what it has on disk. */
	restart(): Promise<void>;
	/** The last of what it has printed. */
	printed(): string;
	/** Sets what can be set while it runs. */
	set(setting: string, value: string): Promise<void>;
	/**
	 * A copy of it on a port of its own, or on one that is free again, that follows it. `through`: the port by which it reaches its
	 * primary.
	 */
	newStandby(how?: { readonly at?: number; readonly through?: number }): Promise<PostgresStandby>;
	/**
	 * From now on nothing is acknowledged that a standby does not have, and it has all that was. The standby is named: a base
	 * backup that streams would count as `*`.
	 */
	waitFor(standby: PostgresStandby): Promise<void>;
	/** Ends it in good order, with everything on disk and sent to its standbys. */
	shutDown(): Promise<void>;
	/** Keeps a copy of what is on disk. To be called while it is not running, as the next one. */
	keepCopy(): void;
	putCopyBack(): void;
	stop(): Promise<void>;
}

export interface PostgresStandby extends PostgresServer {
	/** Follows no more: what its primary commits from now on it has not. */
	detach(): Promise<void>;
	/** From now on it can be written to. */
	promote(): Promise<void>;
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
	const newDatabase = async () => {
		databases += 1;
		const address = addressOf(port, `latchkey_${databases}`);
		await query(addressOf(port, 'postgres'), `CREATE DATABASE latchkey_${databases}`);
		// The first connection to a database is slow: it is none that a service of ours waits for, a second at the most.
		await query(address, 'SELECT 1');
		return address;
	};
	let reused: string | undefined;
	return {
		port,
		newDatabase,
		async reusedDatabase() {
			reused ??= await newDatabase();
			await query(reused, 'DROP SCHEMA IF EXISTS latchkey CASCADE');
			return reused;
		},
		query,
	};
}

export async function startPostgres(variables: Readonly<Record<string, string>> = {}): Promise<PostgresServer> {
	if (folderOfPrograms === undefined || noPostgres !== undefined) throw new Error(noPostgres);
	const made = ['-U', 'latchkey', '--auth=trust', '--no-sync', '--encoding=UTF8', '--locale=C'];
	return startIn(variables, (data) => run('initdb', ['-D', data, ...made]));
}

/** `make`: its data, in a folder that is not there yet. */
async function startIn(
	variables: Readonly<Record<string, string>>,
	make: (data: string) => Promise<unknown>,
	at?: number,
): Promise<PostgresServer> {
	const folder = mkdtempSync(join(dataDir, 'latchkey-postgres-'));
	if (owner !== undefined) chownSync(folder, owner.uid, owner.gid);
	chmodSync(folder, 0o700);
	const data = join(folder, 'data');
	await make(data);
	const port = at ?? (await freePort());
	const server = postgresAt(port);
	/** Stands in the command line of the postmaster, and in what its children call themselves. */
	const name = basename(folder);
	let child: ChildProcess;
	const restart = async () => {
		const settings = [
			`port=${port}`,
			`cluster_name=${name}`,
			'listen_addresses=127.0.0.1',
			`unix_socket_directories=${folder}`,
			'fsync=off',
			'max_connections=300',
		];
		const words = ['-D', data, ...settings.flatMap((setting) => ['-c', setting])];
		const [program, args] = asOwner(...withVariables(variables, programs('postgres'), words));
		child = await startServing(
			() => start(program, args),
			async () => {
				const [shown] = await server.query(addressOf(port, 'postgres'), 'SHOW data_directory');
				if (shown?.data_directory !== data) throw new Error(`another server answers at port ${port}`);
			},
		);
	};
	/** The postmaster and its children: the pids of the children are known to the kernel only. */
	const pids = () => {
		const { stdout } = spawnSync('ps', ['-eo', 'pid=,args='], { encoding: 'utf8' });
		return stdout.split('\n').flatMap((line) => (line.includes(name) ? Number.parseInt(line, 10) : []));
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
		// One that was made just then holds the shared memory, and no server starts beside it.
		await until(async () => {
			signalAll('SIGKILL');
			if (pids().length > 0) throw new Error(`processes of ${name} do not end`);
		});
	};
	const ask = (sql: string) => server.query(addressOf(port, 'postgres'), sql);
	const set = async (setting: string, value: string) => {
		await ask(`ALTER SYSTEM SET ${setting} = '${value}'`);
		await ask('SELECT pg_reload_conf()');
	};
	await restart();
	return {
		...server,
		name,
		signal: signalAll,
		kill,
		restart,
		printed: () => printedBy(child),
		set,
		async newStandby({ at: place, through = port } = {}) {
			const from = ['-h', '127.0.0.1', '-p', String(through), '-U', 'latchkey'];
			const how = ['-R', '-X', 'stream', '-c', 'fast', '--no-sync'];
			const standby = await startIn(variables, (copy) => run('pg_basebackup', [...from, '-D', copy, ...how]), place);
			await until(async () => {
				// The base backup has streamed, too.
				const [sender] = await ask(`SELECT state FROM pg_stat_replication WHERE application_name = '${standby.name}'`);
				if (sender?.state !== 'streaming') throw new Error('the standby does not follow');
			}, 60_000);
			const own = (sql: string) => standby.query(addressOf(standby.port, 'postgres'), sql);
			return {
				...standby,
				async detach() {
					await standby.set('primary_conninfo', '');
					await until(async () => {
						const [receiver] = await own('SELECT 1 FROM pg_stat_wal_receiver');
						if (receiver !== undefined) throw new Error('the standby follows still');
					}, 60_000);
				},
				async promote() {
					await own('SELECT pg_promote()');
				},
			};
		},
		async waitFor(standby) {
			await set('synchronous_standby_names', `"${standby.name}"`);
			const [now] = await ask('SELECT pg_current_wal_flush_lsn() AS lsn');
			const state = `sync_state, flush_lsn >= '${now?.lsn}' AS has FROM pg_stat_replication`;
			await until(async () => {
				const [sender] = await ask(`SELECT ${state} WHERE application_name = '${standby.name}'`);
				if (sender?.sync_state !== 'sync' || sender.has !== true) throw new Error('the standby is not waited for');
			}, 60_000);
		},
		shutDown: () => end(child, 'SIGINT'),
		keepCopy: () => cpSync(data, `${data}-copy`, { recursive: true, preserveTimestamps: true }),
		putCopyBack() {
			rmSync(data, { recursive: true });
			renameSync(`${data}-copy`, data);
			chmodSync(data, 0o700);
			if (owner !== undefined) spawnSync('chown', ['-R', `${owner.uid}:${owner.gid}`, data]);
		},
		async stop() {
			await kill();
			rmSync(folder, { recursive: true, force: true });
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

/** Lets this process go on, which may be the line that the program talks through. */
function run(program: string, args: readonly string[]) {
	const [path, all] = asOwner(programs(program), args);
	return promisify(execFile)(path, all, { cwd: tmpdir() });
}

function findPrograms(): string | undefined {
	const root = '/usr/lib/postgresql';
	const versions = existsSync(root) ? readdirSync(root).sort((a, b) => Number(b) - Number(a)) : [];
	const folders = [...versions.map((version) => join(root, version, 'bin')), '/usr/local/bin', '/usr/bin'];
	return folders.find((folder) => ['initdb', 'postgres'].every((name) => existsSync(join(folder, name))));
}

function ownerOf(user: string): { uid: number; gid: number } | undefined {
	const line = readFileSync('/etc/passwd', 'utf8')
		.split('\n')
		.find((each) => each.startsWith(`${user}:`));
	const [, , uid, gid] = line?.split(':') ?? [];
	return uid === undefined || gid === undefined ? undefined : { uid: Number(uid), gid: Number(gid) };
}
