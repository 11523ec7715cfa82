import { once } from 'node:events';
import { Readable } from 'node:stream';
import { run } from '../../src/cli/commands.ts';

/*
 * Runs the command lines that `commands.ts` sends, one after the other: to start a process for each takes fifty times as
 * long. Folder, environment and stdin are those of the command; it writes to stdout and stderr of this process.
 */

export interface CommandLine {
	readonly args: readonly string[];
	readonly cwd: string;
	readonly env: Readonly<Record<string, string>>;
	readonly stdin: string | Buffer;
	/** Ends what the command writes, on both. */
	readonly mark: string;
}

process.on('disconnect', () => process.exit());
for (;;) {
	const [{ args, cwd, env, stdin, mark }] = (await once(process, 'message')) as [CommandLine];
	process.chdir(cwd);
	for (const name of Object.keys(process.env)) if (!(name in env)) delete process.env[name];
	Object.assign(process.env, env);
	Object.defineProperty(process, 'stdin', { value: Readable.from([Buffer.from(stdin)]), configurable: true });
	const status = await run(args);
	process.stdout.write(mark);
	process.stderr.write(mark);
	process.send?.(status);
}
