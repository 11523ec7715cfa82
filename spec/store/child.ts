import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ExecutionContext } from 'ava';

/* `sqlite-child.ts` as a process, which works on the file at `path`. */

/** From the operating system, not from npm. */
const tracer = 'strace';
const childFile = fileURLToPath(new URL('sqlite-child.ts', import.meta.url));

export function startChild(path: string, what: string, prefix: string[] = []) {
	const [command = process.execPath, ...rest] = [...prefix, process.execPath, childFile, path, what];
	return spawn(command, rest, { stdio: ['ignore', 'pipe', 'inherit'] });
}

/**
 * Runs it to its end, and returns what it wrote and synced, a line for each call. `undefined`, with a reason, where
 * nothing can be traced.
 */
export async function traceChild(t: ExecutionContext, path: string, what: string): Promise<string[] | undefined> {
	if (spawnSync(tracer, ['-V']).status !== 0) {
		t.log('not checked: strace is not installed');
		return undefined;
	}
	const trace = `${dirname(dirname(path))}/trace`;
	const calls = ['-f', '-s', '200', '-e', 'trace=fsync,fdatasync,write', '-o', trace];
	const child = startChild(path, what, [tracer, ...calls]);
	child.stdout.resume();
	const [status] = await once(child, 'exit');
	const text = readFileSync(trace, 'utf8');
	if (status !== 0 && !text.includes('step ')) {
		t.log('not checked: strace may not trace here');
		return undefined;
	}
	return text.split('\n');
}

/** Whether a line says that what was written is on the disk. */
export function isSync(line: string): boolean {
	return /f(data)?sync\(\d+\)\s+= 0|f(data)?sync resumed.*= 0/.test(line);
}

/** The step that a line tells. */
export function stepIn(line: string): string | undefined {
	return /write\(\d+, "step ([^"\\]+)/.exec(line)?.[1];
}
