import { closeSync, constants, fstatSync, ftruncateSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { makeFolder } from '../files/make-folder.ts';
import { openOrMake } from '../files/open-or-make.ts';
import { isFull, mostBytesKept } from './full-disk.ts';

/** A file that audit lines are appended to. Several processes may write to it. */
export interface AuditFile {
	/** Writes a line, and those before it that could not be written. Never throws: `fault` says whether it is in the file. */
	write(line: string): void;
	/** Why the last line is not in the file; `undefined` where it is. */
	readonly fault: unknown;
	/** Tries again what could not be written. */
	flush(): void;
	/** Opens the path anew: after a rotation the file of that name is another one. */
	reopen(): void;
}

/** `behind`: lines go on into the file of before, since the path cannot be opened anew; it is tried again with each line. */
export type AuditFileState = 'writable' | 'unwritable' | 'behind';

/** `lost`: lines that were not kept for later, since there were too many. */
export type OnAuditTransition = (state: AuditFileState, how: { cause?: unknown; lost?: number }) => void;

const flags = constants.O_APPEND | constants.O_WRONLY;

/**
 * Throws where the file cannot be opened, but for want of room. Each line is in the file before `write` returns; while it
 * cannot be, lines are kept in memory and follow in their order. `onTransition` is told once for each change of state.
 */
export function openAuditFile(path: string, onTransition: OnAuditTransition): AuditFile {
	let file: number | undefined;
	let fault: unknown;
	let waiting: Buffer[] = [];
	let bytesWaiting = 0;
	let lost = 0;
	let isBehind = false;

	function open(): number {
		makeFolder(dirname(path));
		return openOrMake(path, flags);
	}

	function keep(line: Buffer) {
		if (bytesWaiting + line.length > mostBytesKept) {
			lost += 1;
			return;
		}
		waiting.push(line);
		bytesWaiting += line.length;
	}

	function fail(cause: unknown) {
		const isNew = fault === undefined;
		fault = cause;
		if (isNew) onTransition('unwritable', { cause });
	}

	function flush() {
		let written = 0;
		try {
			file ??= open();
			for (const line of waiting) {
				writeWhole(file, line);
				written += 1;
			}
		} catch (cause) {
			fail(cause);
			waiting = waiting.slice(written);
			bytesWaiting = waiting.reduce((sum, { length }) => sum + length, 0);
			return;
		}
		waiting = [];
		bytesWaiting = 0;
		if (fault === undefined) return;
		fault = undefined;
		onTransition('writable', { ...(lost > 0 && { lost }) });
		lost = 0;
	}

	/** The file that is open is better than none. */
	function openAnew() {
		const before = file;
		try {
			file = open();
		} catch (cause) {
			if (!isBehind) onTransition('behind', { cause });
			isBehind = true;
			return;
		}
		if (before !== undefined) closeSync(before);
		if (isBehind) onTransition('writable', {});
		isBehind = false;
	}

	try {
		file = open();
	} catch (cause) {
		if (!isFull(cause)) throw cause;
		fail(cause);
	}

	return {
		write(line) {
			keep(Buffer.from(line));
			if (isBehind) openAnew();
			flush();
		},
		get fault() {
			return fault;
		},
		flush,
		reopen() {
			openAnew();
			if (!isBehind) flush();
		},
	};
}

/** All of a line or nothing of it: a part of one would spoil the next. */
function writeWhole(file: number, line: Buffer) {
	let written = 0;
	try {
		while (written < line.length) written += writeSync(file, line, written);
	} catch (fault) {
		if (written > 0) takeBack(file, written);
		throw fault;
	}
}

function takeBack(file: number, bytes: number) {
	const { size } = fstatSync(file);
	ftruncateSync(file, Math.max(0, size - bytes));
}
