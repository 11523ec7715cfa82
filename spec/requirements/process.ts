import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { cleanEnvironment } from '../_support/command-line.ts';
import { type Ran, runCommand } from '../_support/commands.ts';
import { dataDir } from '../_support/folder.ts';
import { until } from '../_support/server.ts';

const main = join(import.meta.dirname, '../../src/main.ts');

/** Cheap hashes: what is tested is everything else. */
const cheap = { memory: 64, iterations: 1, parallelism: 1 };

export interface Installation {
	readonly folder: string;
	readonly configFile: string;
	/** Starts `latchkey serve` on it; resolves when it listens. `through`: a command line to start it with, as strace. */
	start(
		through?: readonly string[],
		env?: Readonly<Record<string, string>>,
		args?: readonly string[],
	): Promise<Serving>;
	/** Runs another command on it; resolves to its output and status. */
	run(args: readonly string[], stdin?: string): Promise<Ran>;
	remove(): void;
}

export interface Serving {
	readonly url: string;
	readonly child: ChildProcess;
	/** Of `serve` itself, where another program started it. */
	readonly pid: number;
	/** Milliseconds from the start to the first word that it listens. */
	readonly startMs: number;
	/** All that it wrote so far. */
	stdout(): string;
	stderr(): string;
	/** The token that it printed for the first setup. */
	setupToken(): Promise<string>;
	/** Its audit, parsed. */
	audit(): Record<string, unknown>[];
	/** Resident memory, bytes. */
	rss(): number;
	isRunning(): boolean;
	/** Sends a signal; resolves when it has ended, to its exit status (`null` where the signal ended it). */
	end(signal?: 'SIGTERM' | 'SIGKILL'): Promise<number | null>;
}

/** A configuration and its data, in a folder of its own. */
export function install(settings: Readonly<Record<string, unknown>> = {}, folder?: string): Installation {
	const place = folder ?? mkdtempSync(join(dataDir, 'latchkey-process-'));
	const configFile = join(place, 'latchkey.yaml');
	const { http, ...others } = settings;
	writeFileSync(configFile, JSON.stringify({ passwordHash: cheap, ...others, http: { port: 0, ...(http as object) } }));
	return {
		folder: place,
		configFile,
		start: (through = [], env = {}, args = []) => serve(configFile, through, env, args),
		run: (args, stdin = '') =>
			runCommand({ args: [...args, '--config', configFile], cwd: place, env: ownEnv(), stdin }),
		remove: () => rmSync(place, { recursive: true, force: true }),
	};
}

const ownEnv = () => cleanEnvironment({ NO_COLOR: '1' });

async function serve(
	configFile: string,
	through: readonly string[],
	env: Readonly<Record<string, string>>,
	more: readonly string[],
): Promise<Serving> {
	const startedAt = performance.now();
	const [command = '', ...args] = [...through, process.execPath, main, 'serve', '--config', configFile, ...more];
	const cwd = dirname(configFile);
	const child = spawn(command, args, { cwd, env: { ...ownEnv(), ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
	let [stdout, stderr] = ['', ''];
	const listening = Promise.withResolvers<string>();
	child.stdout.on('data', (chunk) => {
		stdout += chunk;
	});
	child.stderr.on('data', (chunk) => {
		stderr += chunk;
		const [, url] = /listening on (http:\/\/\S+)\s/.exec(stderr) ?? [];
		if (url !== undefined) listening.resolve(url);
	});
	const closed = once(child, 'close');
	void closed.then(() => listening.reject(new Error(`serve has ended:\n${stderr}${stdout}`)));
	const url = await listening.promise;
	const startMs = performance.now() - startedAt;
	const pid = through.length === 0 ? (child.pid ?? 0) : lastDescendant(child.pid ?? 0);
	return {
		url,
		child,
		pid,
		startMs,
		stdout: () => stdout,
		stderr: () => stderr,
		setupToken: () =>
			until(async () => {
				const [, token] = /setup token ([\w-]{22})/.exec(stderr) ?? [];
				return token ?? Promise.reject(new Error(stderr));
			}),
		audit: () =>
			stdout
				.split('\n')
				.filter((line) => line.endsWith('}'))
				.map((line) => JSON.parse(line))
				.filter(({ audit }) => audit === true),
		rss: () => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) * 1024,
		isRunning: () => child.exitCode === null && child.signalCode === null,
		async end(signal = 'SIGKILL') {
			if (child.exitCode === null && child.signalCode === null) process.kill(pid, signal);
			await closed;
			return child.exitCode;
		},
	};
}

/** The process at the end of a chain of wrappers. */
function lastDescendant(pid: number): number {
	const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean);
	const [first] = children;
	return first === undefined ? pid : lastDescendant(Number(first));
}
