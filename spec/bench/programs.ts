import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/*
 * Programs that are measured, each tied to a core: what serves to the first, what asks to the second.
 */

/** `any`: wherever the kernel likes. */
export type Core = number | 'any';

export const serverCore = 0;
export const loadCore = 1;

export function isInstalled(program: string): boolean {
	return spawnSync('which', [program]).status === 0;
}

const canPin = isInstalled('taskset');

/** Where there is no taskset, or no second core, the kernel decides. */
export function pinned(core: Core, command: readonly string[]): [string, string[]] {
	const all = core === 'any' || !canPin || !hasCore(core) ? command : ['taskset', '-c', String(core), ...command];
	const [program = '', ...args] = all;
	return [program, args];
}

function hasCore(core: number): boolean {
	return spawnSync('taskset', ['-c', String(core), 'true']).status === 0;
}

export interface Started {
	readonly pid: number;
	readonly url: string;
	/** Milliseconds until it said that it listens. */
	readonly startMs: number;
	/** Kills it. */
	stop(): Promise<void>;
	/** Tells it to end, and waits until it has. */
	end(): Promise<void>;
}

export interface Starting {
	/** Absent: any. */
	readonly core?: Core;
	readonly env?: Readonly<Record<string, string>>;
	readonly cwd?: string;
}

/** Starts a program of Node that says `listening on http://…`. */
export async function startNode(args: readonly string[], { core = 'any', env, cwd }: Starting = {}): Promise<Started> {
	const [program, all] = pinned(core, [process.execPath, ...args]);
	const startedAt = performance.now();
	const child = spawn(program, all, { cwd, env: cleanEnv(env), stdio: ['ignore', 'pipe', 'pipe'] });
	const stop = stopper(child);
	let said = '';
	const listening = new Promise<string>((resolve) => {
		for (const stream of [child.stdout, child.stderr]) {
			stream.setEncoding('utf8').on('data', (text: string) => {
				// Enough for the first lines; a service says much more in the course of a run.
				if (said.length < 10_000) said += text;
				const [, url] = /listening on (http:\/\/\S+)\s/.exec(said) ?? [];
				if (url !== undefined) resolve(url);
			});
		}
	});
	const ended = once(child, 'close').then(() => Promise.reject(new Error(`${args.join(' ')} has ended: ${said}`)));
	const url = await Promise.race([listening, ended]);
	ended.catch(() => undefined);
	const startMs = performance.now() - startedAt;
	return { pid: child.pid ?? 0, url, startMs, stop: () => stop('SIGKILL'), end: () => stop('SIGTERM') };
}

function cleanEnv(more: Starting['env'] = {}): NodeJS.ProcessEnv {
	const kept = Object.entries(process.env).filter(([name]) => !/^(LATCHKEY_|npm_|FORCE_COLOR$)/.test(name));
	return { ...Object.fromEntries(kept), NO_COLOR: '1', NODE_ENV: 'production', ...more };
}

const running = new Set<ChildProcess>();

process.once('exit', () => {
	for (const child of running) child.kill('SIGKILL');
});

/** With us at the latest. */
function stopper(child: ChildProcess): (signal?: NodeJS.Signals) => Promise<void> {
	running.add(child);
	return async (signal = 'SIGKILL') => {
		running.delete(child);
		if (child.exitCode !== null || child.signalCode !== null) return;
		const gone = once(child, 'exit');
		child.kill(signal);
		await gone;
	};
}

/** Runs a program of Node to its end; resolves to what it printed. */
export async function runNode(
	args: readonly string[],
	{ core = 'any', env, cwd }: Starting = {},
	input = '',
): Promise<string> {
	const [program, all] = pinned(core, [process.execPath, ...args]);
	const child = spawn(program, all, { cwd, env: cleanEnv(env), stdio: ['pipe', 'pipe', 'inherit'] });
	const stop = stopper(child);
	let said = '';
	child.stdout.setEncoding('utf8').on('data', (text) => {
		said += text;
	});
	child.stdin.on('error', () => undefined).end(input);
	const [status] = await once(child, 'close');
	await stop();
	if (status !== 0) throw new Error(`${args.join(' ')} has ended with ${status}`);
	return said;
}

/** Ticks of the kernel's accounting: always a hundredth of a second on Linux. */
const tickMs = 10;

/** CPU time that a process and its threads have used, by the kernel's word. Milliseconds. */
export function cpuMs(pid: number): number {
	const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
	// The second field is a name in parentheses, and may hold anything.
	const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
	return (Number(fields[11]) + Number(fields[12])) * tickMs;
}

/** The same of a process with all its children, but for one that ends while it is looked at. */
export function cpuMsOfAll(pid: number): number {
	try {
		const children = readdirSync(`/proc/${pid}/task`)
			.flatMap((task) => readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').trim().split(' '))
			.filter(Boolean);
		return children.reduce((sum, child) => sum + cpuMsOfAll(Number(child)), cpuMs(pid));
	} catch (fault) {
		if (fault instanceof Error && 'code' in fault && (fault.code === 'ENOENT' || fault.code === 'ESRCH')) return 0;
		throw fault;
	}
}

/** Resident memory, and the most it ever was. Bytes. */
export function memoryOf(pid: number): { readonly now: number; readonly most: number } {
	const status = readFileSync(`/proc/${pid}/status`, 'utf8');
	const field = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1]) * 1024;
	return { now: field('VmRSS'), most: field('VmHWM') };
}

/** Ties a process that runs already, with all its threads. */
export function pin(pid: number, core: number): void {
	if (canPin && hasCore(core)) spawnSync('taskset', ['-a', '-c', '-p', String(core), String(pid)]);
}

/** CPU time that one thread has used, by the kernel's word. Milliseconds. The first one has its process' id. */
export function threadCpuMs(pid: number, thread = pid): number {
	return Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ')[0]) / 1e6;
}

/** The thread of a process that has used the most CPU time. */
export function busiestThread(pid: number): number {
	const threads = readdirSync(`/proc/${pid}/task`).map((thread) => ({
		thread: Number(thread),
		usedMs: threadCpuMs(pid, Number(thread)),
	}));
	return threads.toSorted((one, other) => other.usedMs - one.usedMs)[0]?.thread ?? pid;
}

/** Ties one thread, and no other of its process. */
export function pinThread(thread: number, core: number): void {
	if (canPin && hasCore(core)) spawnSync('taskset', ['-c', '-p', String(core), String(thread)]);
}

/** Lets what is left of the last load come to its end. */
export const settle = () => sleep(100);
