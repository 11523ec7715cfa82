import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** A port that nobody listens on at this moment. */
export async function freePort(): Promise<number> {
	const server = createServer().listen(0, '127.0.0.1');
	await once(server, 'listening');
	const { port } = server.address() as AddressInfo;
	await new Promise((done) => server.close(done));
	return port;
}

export function hasProgram(name: string): boolean {
	return spawnSync('which', [name]).status === 0;
}

/** Dies with the process that started it, even where that was killed. */
const withUs = hasProgram('setpriv') ? ['setpriv', '--pdeathsig', 'KILL'] : [];

/** Starts a program that serves until it is killed, and is killed with us at the latest. */
export function start(program: string, args: readonly string[]): ChildProcess {
	const [command = program, ...words] = [...withUs, ...(program === 'setpriv' ? [] : [program]), ...args];
	const child = spawn(command, words, { stdio: 'ignore' });
	const kill = () => child.kill('SIGKILL');
	process.once('exit', kill);
	child.once('exit', () => process.off('exit', kill));
	return child;
}

/** Sends a signal that ends it, and waits for the end. */
export async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
	if (child.exitCode !== null || child.signalCode !== null) return;
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
