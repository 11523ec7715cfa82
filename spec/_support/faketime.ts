import { chmodSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const library = ['/usr/lib/x86_64-linux-gnu', '/usr/lib/aarch64-linux-gnu']
	.map((folder) => `${folder}/faketime/libfaketime.so.1`)
	.find((path) => statSync(path, { throwIfNoEntry: false }) !== undefined);

/** Why the clock of a program cannot be set here; `undefined` where it can. */
export const noFaketime = library === undefined ? 'libfaketime is not installed' : undefined;

/** A wall clock for programs that are started with `env`. */
export interface ProgramClock {
	readonly env: Readonly<Record<string, string>>;
	/** From the clock of the machine, as libfaketime reads it: `-1h`. */
	set(offset: string): void;
	remove(): void;
}

export function createProgramClock(): ProgramClock {
	const folder = mkdtempSync(join(tmpdir(), 'latchkey-clock-'));
	// PostgreSQL reads it as a user of its own.
	chmodSync(folder, 0o755);
	const file = join(folder, 'offset');
	const set = (offset: string) => writeFileSync(file, offset);
	set('+0');
	return {
		env: {
			LD_PRELOAD: library ?? '',
			FAKETIME_TIMESTAMP_FILE: file,
			FAKETIME_NO_CACHE: '1',
			FAKETIME_DONT_FAKE_MONOTONIC: '1',
		},
		set,
		remove: () => rmSync(folder, { recursive: true }),
	};
}
