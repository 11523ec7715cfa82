import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import type { CommandLine } from './commands-process.ts';

export interface Ran {
	readonly status: number | null;
	readonly stdout: string;
	readonly stderr: string;
}

interface Runner {
	readonly child: ChildProcess;
	/** Rejects when the process ends, with how it did. */
	readonly ended: Promise<never>;
}

const program = fileURLToPath(new URL('commands-process.ts', import.meta.url));

let runner: Runner | undefined;
let last: Promise<unknown> = Promise.resolve();
let count = 0;

/** Runs a command line as the binary does, in a process that runs all of a spec file, in the order in which they come. */
export function runCommand(line: Omit<CommandLine, 'mark'>): Promise<Ran> {
	const ran = last.then(() => runNext(line));
	last = ran.catch(() => undefined);
	return ran;
}

async function runNext(line: Omit<CommandLine, 'mark'>): Promise<Ran> {
	runner ??= startRunner();
	const { child, ended } = runner;
	const mark = `\u0000${count++}\u0000`;
	keepUsAlive(child, true);
	const output = [child.stdout, child.stderr].map((stream) => textUntil(mark, stream as Readable));
	const whole = Promise.all([once(child, 'message'), ...output]);
	child.send({ ...line, mark } satisfies CommandLine);
	const [[status], stdout, stderr] = await Promise.race([whole, ended]);
	keepUsAlive(child, false);
	return { status: status as number, stdout: stdout ?? '', stderr: stderr ?? '' };
}

function startRunner(): Runner {
	const child = fork(program, { stdio: ['ignore', 'pipe', 'pipe', 'ipc'], serialization: 'advanced' });
	for (const stream of [child.stdout, child.stderr]) stream?.setEncoding('utf8');
	const ended = once(child, 'exit').then(([status, signal]) => {
		runner = undefined;
		throw new Error(`the process of the commands has ended: ${status ?? signal}`);
	});
	ended.catch(() => undefined);
	return { child, ended };
}

function keepUsAlive(child: ChildProcess, isWanted: boolean): void {
	for (const handle of [child, child.channel, child.stdout as Socket, child.stderr as Socket]) {
		if (isWanted) handle?.ref();
		else handle?.unref();
	}
}

function textUntil(mark: string, stream: Readable): Promise<string> {
	return new Promise((resolve) => {
		let text = '';
		const read = (chunk: string) => {
			text += chunk;
			if (!text.endsWith(mark)) return;
			stream.off('data', read);
			resolve(text.slice(0, -mark.length));
		};
		stream.on('data', read);
	});
}
