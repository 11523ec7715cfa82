import { writeSync } from 'node:fs';
import { isatty } from 'node:tty';
import { type DestinationStream, destination } from 'pino';
import { isFull, mostBytesKept } from './full-disk.ts';
import { prettyLine } from './pretty.ts';

export interface LogOutput extends DestinationStream {
	/** Why lines reach nobody any more; `undefined` while they do. */
	readonly fault: unknown;
}

/**
 * stdout, and stderr from the moment that nobody reads there any more: the audit is not to end in silence with the program
 * behind a pipe. Each line is written before `write` returns.
 */
export function openLogOutput(format: 'json' | 'pretty'): LogOutput {
	const stdout = destination({ dest: 1, sync: true, maxLength: mostBytesKept });
	let isPiped = true;
	let fault: unknown;
	let last = '';

	function writeToStderr(text: string) {
		try {
			writeSync(2, text);
		} catch (cause) {
			fault = cause;
		}
	}

	stdout.on('error', (cause: NodeJS.ErrnoException) => {
		if (isFull(cause)) {
			// What was not written is kept, and goes before the next line.
			fault = cause;
			return;
		}
		if (cause.code !== 'EPIPE') throw cause;
		isPiped = false;
		writeToStderr(`latchkey: nobody reads stdout any more: log and audit go on here\n${last}`);
	});
	stdout.on('write', () => {
		fault = undefined;
	});
	return {
		write(json) {
			const line = format === 'json' ? json : prettyLine(json, { colour: stdoutTakesColours() });
			last = line;
			if (isPiped) stdout.write(line);
			else writeToStderr(line);
		},
		get fault() {
			return fault;
		},
	};
}

/** Where it is no terminal, it is not touched: Node would make it one that does not wait for its reader. */
function stdoutTakesColours(): boolean {
	return isatty(1) && process.stdout.hasColors();
}
