import type { ChildProcess } from 'node:child_process';
import { copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Host, openHosts } from './hosts.ts';
import { askRedis, redisProgram } from './redis.ts';
import { end, printedBy, start, startServing, until } from './server.ts';

/* Sentinels and a Cluster on hosts of their own: real servers, with the ports that they have everywhere. */

const port = 6379;
const sentinelPort = 26_379;
/** Milliseconds until servers have found each other, or another master. */
const longMs = 120_000;
const master = 'mymaster';
/** Of the servers that Sentinels watch, and of Sentinels. */
const password = 'of-redis';
const sentinelPassword = 'of-sentinels';

/** A Redis on a host, with a folder of its own. It keeps what it was told to be, as one does that Sentinels write to. */
export interface HostedRedis {
	readonly host: Host;
	command(...words: string[]): Promise<unknown>;
	info(section: string): Promise<string>;
	signal(signal: 'SIGSTOP' | 'SIGCONT'): void;
	kill(): Promise<void>;
	restart(): Promise<void>;
	snapshot(): Promise<void>;
	/** While it is not running. */
	restoreSnapshot(): Promise<void>;
	stop(): Promise<void>;
}

async function startOn(host: Host, lines: readonly string[], access?: string): Promise<HostedRedis> {
	const folder = await mkdtemp(join(tmpdir(), 'latchkey-redis-'));
	const file = join(folder, 'redis.conf');
	const usual = [`port ${port}`, 'bind * -::*', 'protected-mode no', `dir ${folder}`, 'appendonly no', 'save ""'];
	await writeFile(file, `${[...usual, 'repl-diskless-sync-delay 0', 'repl-timeout 5', ...lines].join('\n')}\n`);
	const command = (...words: string[]) => askRedis(host.ip, port, words, access);
	const info = async (section: string) => String(await command('INFO', section));
	let child: ChildProcess;
	const restart = async () => {
		child = await startServing(
			() => host.start(redisProgram(), [file]),
			async () => void (await command('PING')),
		);
	};
	await restart();
	const [dump, copy] = [join(folder, 'dump.rdb'), join(folder, 'copy.rdb')];
	return {
		host,
		command,
		info,
		signal: (signal) => void child.kill(signal),
		kill: () => end(child, 'SIGKILL'),
		restart,
		async snapshot() {
			await command('SAVE');
			await copyFile(dump, copy);
		},
		restoreSnapshot: () => copyFile(copy, dump),
		async stop() {
			await end(child, 'SIGKILL');
			await rm(folder, { recursive: true });
		},
	};
}

export interface RedisTopology {
	/** What Latchkey is told. */
	readonly address: string;
	readonly servers: readonly HostedRedis[];
	/** The one that may be written to, as most of the others say. */
	owner(): Promise<HostedRedis>;
	/** Waits until it is another one. */
	another(before: HostedRedis): Promise<HostedRedis>;
	/** Waits until there is one, and it has replicas that are as it is. */
	isWhole(): Promise<void>;
	stop(): Promise<void>;
}

export interface Sentinels extends RedisTopology {
	/** Has a Sentinel beside another server than that one replace it, dead or not. */
	failOver(from: HostedRedis): Promise<void>;
}

/** Waits until `work` returns something. `told`: what is so in place of it. */
async function awaited<T>(
	what: string,
	work: () => Promise<T | undefined | false>,
	told?: () => Promise<string>,
): Promise<T> {
	return until(async () => {
		const found = await work();
		if (found === undefined || found === false) throw new Error(`not so yet: ${what}`);
		return found as T;
	}, longMs).catch(async (fault) => {
		throw told ? new Error(`${fault}\n${await told()}`, { cause: fault }) : fault;
	});
}

/** Three hosts with a Redis and a Sentinel each. `downAfterMs`: silence until a master is taken for dead. */
export async function startSentinels(downAfterMs = 1000): Promise<Sentinels> {
	const { all: hosts, close } = openHosts(3);
	const [first] = hosts as readonly [Host];
	const servers: HostedRedis[] = [];
	const access = [`requirepass ${password}`, `masterauth ${password}`];
	for (const host of hosts) {
		servers.push(await startOn(host, host === first ? access : [...access, `replicaof ${first.ip} ${port}`], password));
	}
	const folder = await mkdtemp(join(tmpdir(), 'latchkey-sentinels-'));
	const sentinels: ChildProcess[] = [];
	for (const [at, host] of hosts.entries()) {
		const file = join(folder, `${at}.conf`);
		const lines = [
			...[`port ${sentinelPort}`, 'bind * -::*', 'protected-mode no', `dir ${folder}`],
			`sentinel monitor ${master} ${first.ip} ${port} 2`,
			`sentinel down-after-milliseconds ${master} ${downAfterMs}`,
			`sentinel failover-timeout ${master} 3000`,
			`sentinel auth-pass ${master} ${password}`,
			`requirepass ${sentinelPassword}`,
			`sentinel sentinel-pass ${sentinelPassword}`,
		];
		await writeFile(file, `${lines.join('\n')}\n`);
		sentinels.push(host.start(redisProgram(), [file, '--sentinel']));
	}
	const ask = (at: number, words: string[]) => askRedis(hosts[at]?.ip ?? '', sentinelPort, words, sentinelPassword);
	const sentinel = (at: number, ...words: string[]) => ask(at, ['SENTINEL', ...words]);

	async function owner(): Promise<HostedRedis> {
		return awaited('most Sentinels name a master', async () => {
			const named = await Promise.all(
				hosts.map((_, at) => sentinel(at, 'GET-MASTER-ADDR-BY-NAME', master).catch(() => undefined)),
			);
			const ips = named.map((each) => (each as string[] | undefined)?.[0]);
			return servers.find(({ host }) => ips.filter((ip) => ip === host.ip).length >= 2);
		});
	}

	return {
		address: `redis+sentinel://:${password}@${hosts.map(({ ip }) => ip).join(',')}/${master}/1?sentinelPassword=${sentinelPassword}`,
		servers,
		async failOver(from) {
			const at = servers.findIndex((server) => server !== from);
			await until(() => sentinel(at, 'FAILOVER', master), longMs);
		},
		owner,
		another: (before) =>
			awaited(
				'another master',
				async () => {
					const now = await owner();
					return now !== before && now;
				},
				async () =>
					(
						await Promise.all(
							hosts.map(async (_, at) => [
								await sentinel(at, 'MASTER', master).catch(String),
								await sentinel(at, 'REPLICAS', master).catch(String),
								// A Sentinel that the machine lets wait for two seconds does nothing for half a minute: `sentinel_tilt`.
								await ask(at, ['INFO', 'sentinel']).catch(String),
								printedBy(sentinels[at] as ChildProcess),
							]),
						)
					)
						.map((each) => JSON.stringify(each))
						.join('\n'),
			),
		async isWhole() {
			await awaited('a master with two replicas, whom all Sentinels know', async () => {
				const { host, info } = await owner();
				if (!/role:master[\s\S]*connected_slaves:2/.test(await info('replication'))) return false;
				for (const other of servers.filter((each) => each.host !== host)) {
					const said = await other.info('replication');
					if (!said.includes(`master_host:${host.ip}`) || !said.includes('master_link_status:up')) return false;
				}
				for (const at of hosts.keys()) {
					const replicas = JSON.stringify(await sentinel(at, 'REPLICAS', master));
					if (replicas.match(/"master-link-status"[:,]"ok"/g)?.length !== 2) return false;
					if (/[so]_down|disconnected/.test(replicas)) return false;
					const facts = JSON.stringify(await sentinel(at, 'MASTER', master));
					if (!/"num-other-sentinels"[:,]"2"/.test(facts) || /[sof]_down|failover_in_progress/.test(facts))
						return false;
				}
				return true;
			});
		},
		async stop() {
			await Promise.all([...sentinels.map((each) => end(each, 'SIGKILL')), ...servers.map((each) => each.stop())]);
			await rm(folder, { recursive: true });
			close();
		},
	};
}

export interface Cluster extends RedisTopology {
	/** Moves the slot of Latchkey's keys with all that is in it to another master, key by key. Returns how many there were. */
	moveSlot(): Promise<number>;
	/** A replica of the owner. */
	replica(): Promise<HostedRedis>;
}

/** The slot of `{latchkey}`. */
const slot = 4013;

/** Six hosts: three masters with a replica each. */
export async function startCluster(nodeTimeoutMs = 1500): Promise<Cluster> {
	const { all: hosts, close } = openHosts(6);
	const lines = ['cluster-enabled yes', `cluster-node-timeout ${nodeTimeoutMs}`, 'cluster-require-full-coverage no'];
	const servers = await Promise.all(
		hosts.map((host) =>
			startOn(host, [...lines, `cluster-announce-ip ${host.ip}`, 'cluster-replica-validity-factor 0']),
		),
	);
	const made = start('redis-cli', [
		...['--cluster', 'create', ...hosts.map(({ ip }) => `${ip}:${port}`)],
		...['--cluster-replicas', '1', '--cluster-yes'],
	]);
	await new Promise((done) => made.once('exit', done));

	interface Known {
		readonly id: string;
		readonly ip: string;
		readonly flags: string;
		readonly of: string;
		readonly slots: string;
	}
	async function known(by: HostedRedis): Promise<Known[]> {
		const text = String(await by.command('CLUSTER', 'NODES'));
		return text
			.trim()
			.split('\n')
			.map((line) => {
				const [id = '', at = '', flags = '', of = '', , , , , ...slots] = line.split(' ');
				return { id, ip: at.split(':')[0] ?? '', flags, of, slots: slots.join(' ') };
			});
	}
	const holds = ({ slots }: Known) =>
		slots.split(' ').some((range) => {
			const [from = Number.NaN, to = from] = range.split('-').map(Number);
			return from <= slot && slot <= to;
		});
	const serverAt = (ip: string | undefined) => servers.find(({ host }) => host.ip === ip);
	async function view(): Promise<Known[][]> {
		const views = await Promise.all(servers.map((server) => known(server).catch(() => undefined)));
		return views.filter((each) => each !== undefined);
	}
	async function owner(): Promise<HostedRedis> {
		return awaited('most nodes name an owner that is not failing', async () => {
			const ips = (await view()).map((nodes) => nodes.find((each) => holds(each) && !/fail/.test(each.flags))?.ip);
			return serverAt(ips.find((ip) => ips.filter((other) => other === ip).length > servers.length / 2));
		});
	}
	async function isWhole() {
		await awaited('three masters with a replica each, whom all know', async () => {
			const views = await view();
			if (views.length < servers.length) return false;
			for (const nodes of views) {
				if (nodes.some(({ flags }) => /fail|handshake|noaddr/.test(flags))) return false;
				const masters = nodes.filter(({ flags, slots }) => flags.includes('master') && slots !== '');
				if (masters.length !== 3) return false;
				if (!masters.every(({ id }) => nodes.some(({ of }) => of === id))) return false;
			}
			for (const server of servers) {
				const said = await server.info('replication');
				if (said.includes('role:slave') && !said.includes('master_link_status:up')) return false;
				if (!String(await server.command('CLUSTER', 'INFO')).includes('cluster_state:ok')) return false;
			}
			return true;
		});
	}
	async function replica(): Promise<HostedRedis> {
		const one = await owner();
		const nodes = await known(one);
		const id = nodes.find(({ flags }) => flags.includes('myself'))?.id;
		const found = serverAt(nodes.find(({ of, flags }) => of === id && !/fail/.test(flags))?.ip);
		if (found === undefined) throw new Error('the owner of the slot has no replica');
		return found;
	}
	return {
		address: `redis+cluster://${hosts.map(({ ip }) => `${ip}:${port}`).join(',')}`,
		servers,
		owner,
		another: (before) =>
			awaited(
				'another owner',
				async () => {
					const now = await owner();
					return now !== before && now;
				},
				async () => JSON.stringify(await view()),
			),
		isWhole,
		replica,
		async moveSlot() {
			const from = await owner();
			const nodes = await known(from);
			const idOf = (server: HostedRedis) => nodes.find(({ ip }) => ip === server.host.ip)?.id ?? '';
			const to = serverAt(
				nodes.find(({ ip, flags, slots }) => flags.includes('master') && slots !== '' && ip !== from.host.ip)?.ip,
			);
			if (to === undefined) throw new Error('no other master');
			await to.command('CLUSTER', 'SETSLOT', `${slot}`, 'IMPORTING', idOf(from));
			await from.command('CLUSTER', 'SETSLOT', `${slot}`, 'MIGRATING', idOf(to));
			let moved = 0;
			for (;;) {
				const keys = (await from.command('CLUSTER', 'GETKEYSINSLOT', `${slot}`, '10')) as string[];
				if (keys.length === 0) break;
				await from.command('MIGRATE', to.host.ip, `${port}`, '', '0', '5000', 'KEYS', ...keys);
				moved += keys.length;
			}
			for (const server of [to, from]) await server.command('CLUSTER', 'SETSLOT', `${slot}`, 'NODE', idOf(to));
			return moved;
		},
		async stop() {
			await Promise.all(servers.map((each) => each.stop()));
			close();
		},
	};
}
