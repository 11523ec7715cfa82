import { type ChildProcess, spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { accessSync, constants, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { delimiter, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** Above those that browsers refuse to go to. */
const lowestPort = 10_100;
/** From here on the kernel hands ports out by itself. */
const firstEphemeral = firstEphemeralPort();

function firstEphemeralPort(): number {
	try {
		const [low] = readFileSync('/proc/sys/net/ipv4/ip_local_port_range', 'utf8').split(/\s/);
		return Math.max(Number(low) || 0, lowestPort + 1000);
	} catch {
		return 32_768;
	}
}

/**
 * A port that nobody listens on at this moment; and none that the kernel gives to a server that asks for any, or to a connection:
 * a server that is killed and started again finds it free.
 */
export async function freePort(): Promise<number> {
	for (;;) {
		const port = randomInt(lowestPort, firstEphemeral);
		const server = createServer();
		const isFree = await new Promise<boolean>((tell) => {
			server.once('error', () => tell(false)).listen(port, '127.0.0.1', () => tell(true));
		});
		if (!isFree) continue;
		await new Promise((done) => server.close(done));
		return port;
	}
}

/** By a look, since a process each would be started in most spec files. */
export function hasProgram(name: string): boolean {
	return (process.env.PATH ?? '').split(delimiter).some((folder) => mayRun(resolve(folder, name)));
}

function mayRun(path: string): boolean {
	try {
		accessSync(path, constants.X_OK);
		return true;
	} catch {
		return false;
	}
}

/** Dies with the process that started it, even where that was killed. */
const withUs = hasProgram('setpriv') ? ['setpriv', '--pdeathsig', 'KILL'] : [];

/** Starts a program that serves until it is killed, and is killed with us at the latest. */
export function start(program: string, args: readonly string[]): ChildProcess {
	const [command = program, ...words] = [...withUs, ...(program === 'setpriv' ? [] : [program]), ...args];
	const child = spawn(command, words, { stdio: ['ignore', 'pipe', 'pipe'] });
	const kill = () => child.kill('SIGKILL');
	process.once('exit', kill);
	child.once('exit', () => process.off('exit', kill));
	for (const stream of [child.stdout, child.stderr]) {
		stream
			.setEncoding('utf8')
			.on('data', (text) => printed.set(child, (printedBy(child) + text).slice(-printedLength)));
	}
	return child;
}

/** A program with variables that are its own, and of nothing that starts it. It keeps the pid. */
export function withVariables(
	variables: Readonly<Record<string, string>>,
	program: string,
	args: readonly string[],
): [string, string[]] {
	return ['env', [...Object.entries(variables).map((variable) => variable.join('=')), program, ...args]];
}

const printedLength = 4000;
const printed = new WeakMap<ChildProcess, string>();

/** The last of what a program has printed. */
export function printedBy(child: ChildProcess): string {
	return printed.get(child) ?? '';
}

/**
 * Starts a program until it serves, as `answers` finds out: again where it ends, since what one before it held, that was
 * killed, may be held for a moment. Rejects with what it printed.
 */
export async function startServing(
	begin: () => ChildProcess,
	answers: (child: ChildProcess) => Promise<void>,
): Promise<ChildProcess> {
	let child = begin();
	let before: ChildProcess | undefined;
	try {
		await until(async () => {
			if (hasEnded(child)) [before, child] = [child, begin()];
			await answers(child);
		});
		return child;
	} catch (cause) {
		await end(child, 'SIGKILL');
		const said = [before, child].map((each) => each && printedBy(each)).join('');
		throw new Error(`${child.spawnargs.join(' ')} does not serve: ${(cause as Error).message}\n${said}`, { cause });
	}
}

function hasEnded({ exitCode, signalCode }: ChildProcess): boolean {
	return exitCode !== null || signalCode !== null;
}

/** Sends a signal that ends it, and waits for the end. */
export async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
	if (hasEnded(child)) return;
	const gone = once(child, 'exit');
	child.kill(signal);
	child.kill('SIGCONT');
	await gone;
}

/** Tries until it does not reject any more. */
export async function until<T>(work: () => Promise<T>, patienceMs = 50_000): Promise<T> {
	const stopAt = performance.now() + patienceMs;
	for (;;) {
		try {
			return await work();
		} catch (fault) {
			if (performance.now() > stopAt) throw fault;
			await sleep(20);
		}
	}
}
