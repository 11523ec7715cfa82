import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type Ran, runCommand } from './commands.ts';
import { dataDir } from './folder.ts';
import type { Settings } from './service.ts';

export const launcher = fileURLToPath(new URL('../../src/launcher.js', import.meta.url));

export interface RunHow {
	readonly cwd?: string;
	readonly env?: Readonly<Record<string, string>>;
	readonly stdin?: string | Buffer;
}

/** The environment of the one who runs the specs, without what would configure a Latchkey by accident. */
export function cleanEnvironment(more: RunHow['env'] = {}): Record<string, string> {
	const kept = Object.entries(process.env).filter(([name]) => !/^(LATCHKEY_|npm_|FORCE_COLOR$)/.test(name));
	return { ...(Object.fromEntries(kept) as Record<string, string>), ...more };
}

/** Runs the real binary to its end, in a process of its own. */
export async function runLatchkey(args: readonly string[], { cwd, env, stdin = '' }: RunHow = {}): Promise<Ran> {
	const child = spawn(process.execPath, [launcher, ...args], { cwd, env: cleanEnvironment(env) });
	const said = hear(child);
	child.stdin.on('error', () => {}).end(stdin);
	const [status] = (await once(child, 'close')) as [number | null];
	return { status, ...said };
}

function hear({ stdout, stderr }: ChildProcess): { stdout: string; stderr: string } {
	const said = { stdout: '', stderr: '' };
	stdout?.setEncoding('utf8').on('data', (text) => {
		said.stdout += text;
	});
	stderr?.setEncoding('utf8').on('data', (text) => {
		said.stderr += text;
	});
	return said;
}

export interface Workplace {
	readonly folder: string;
	/** `latchkey.yaml` in it. */
	readonly file: string;
	configure(settings: Settings): Promise<void>;
	/** A command, run in the folder: `serve` in a process of its own, any other in one that runs all of a spec file. */
	run(args: readonly string[], how?: Omit<RunHow, 'cwd'>): Promise<Ran>;
	/** The binary, run in the folder, in a process of its own. */
	runBinary(args: readonly string[], how?: Omit<RunHow, 'cwd'>): Promise<Ran>;
	remove(): Promise<void>;
}

/** Cheap hashes: what is tested is everything else. */
export const cheapHashes = { memory: 64, iterations: 1, parallelism: 1 };

/** A folder of its own with a configuration in it: a free port, and the settings given. */
export async function openWorkplace(settings: Settings = {}): Promise<Workplace> {
	const folder = await mkdtemp(join(dataDir, 'latchkey-child-'));
	const file = join(folder, 'latchkey.yaml');
	const configure = (what: Settings) =>
		writeFile(file, JSON.stringify({ http: { port: 0 }, passwordHash: cheapHashes, ...what }));
	await configure(settings);
	const runBinary: Workplace['run'] = (args, how) => runLatchkey(args, { ...how, cwd: folder });
	return {
		folder,
		file,
		configure,
		run: async (args, how = {}) =>
			args[0] === 'serve'
				? runBinary(args, how)
				: runCommand({ args, cwd: folder, env: cleanEnvironment(how.env), stdin: how.stdin ?? '' }),
		runBinary,
		remove: () => rm(folder, { recursive: true, force: true }),
	};
}

export interface ChildServer {
	readonly url: string;
	readonly pid: number;
	/** What it has printed so far: log lines on stdout, words for the operator on stderr. */
	readonly said: { readonly stdout: string; readonly stderr: string };
	/** Nobody reads its stdout from now on. */
	closeStdout(): void;
	/** Sends a signal. */
	signal(signal: NodeJS.Signals): void;
	/** Resolves when it has ended. */
	readonly ended: Promise<{ readonly status: number | null; readonly signal: NodeJS.Signals | null }>;
	/** SIGTERM, and waits for its end. */
	stop(): Promise<void>;
}

/** Less than AVA waits for a test: what it said is worth more than that it was late. */
const servesWithinMs = 55_000;

/** Starts `latchkey serve` in a folder, and waits until it serves, or has said something (`until`). Rejects with what it said where it does not. */
export async function serve(
	folder: string,
	{
		env,
		args = [],
		until = /"act":"start"/,
		launcher: which = launcher,
		withinMs = servesWithinMs,
	}: {
		env?: RunHow['env'];
		args?: readonly string[];
		until?: RegExp;
		/** Of another version. */
		launcher?: string;
		withinMs?: number;
	} = {},
): Promise<ChildServer> {
	const child = spawn(process.execPath, [which, 'serve', ...args], {
		cwd: folder,
		env: cleanEnvironment(env),
		stdio: ['ignore', 'pipe', 'pipe'],
	});
	const said = hear(child);
	const ended = once(child, 'close').then(([status, signal]) => ({ status, signal }));
	const serving = new Promise<undefined>((resolve) => {
		const look = () => until.test(said.stdout + said.stderr) && resolve(undefined);
		child.stdout.on('data', look);
		child.stderr.on('data', look);
	});
	const outcome = await Promise.race([
		serving,
		ended.then(({ status }) => `ended with ${status}`),
		sleep(withinMs, `did not serve within ${withinMs} ms`, { ref: false }),
	]);
	if (outcome !== undefined) {
		child.kill('SIGKILL');
		throw new Error(`${outcome}: ${said.stderr}${said.stdout.slice(-2000)}`);
	}
	return {
		url: /http:\/\/\S+/.exec(said.stderr)?.[0] ?? '',
		pid: child.pid ?? 0,
		said,
		closeStdout: () => child.stdout.destroy(),
		signal: (signal) => void child.kill(signal),
		ended,
		async stop() {
			if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
			await ended;
		},
	};
}
