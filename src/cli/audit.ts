import { type FileHandle, open, stat } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { StringDecoder } from 'node:string_decoder';
import { setTimeout as sleep } from 'node:timers/promises';
import { prettyLine } from '../app/service.ts';
import type { Common } from './identity.ts';
import { Failed, printJsonText, write } from './output.ts';
import { readSettings } from './settings.ts';

export interface TailOptions extends Common {
	readonly lines: number;
	readonly follow?: boolean;
	readonly identity?: string;
	readonly act?: string;
}

/** Milliseconds between two looks at the file. */
const lookMs = 250;

/** Prints the last events of the audit and, with `follow`, those that come, until the process is ended. */
export async function tailAudit(given: string | undefined, options: TailOptions): Promise<void> {
	if (given === '-') {
		for await (const line of createInterface({ input: process.stdin }))
			if (isWanted(line, options)) show(line, options);
		return;
	}
	const file = given ?? readSettings(options.config).config.log.auditFile;
	if (file === undefined) {
		throw new Failed(
			'log.auditFile is not set, so the audit goes to stdout of the service: audit tail - reads lines from stdin',
		);
	}
	const last: string[] = [];
	for await (const line of linesOf(file, options.follow ?? false)) {
		if (line === undefined) for (const each of last.splice(0)) show(each, options);
		else if (isWanted(line, options)) {
			last.push(line);
			if (last.length > options.lines) last.shift();
		}
	}
}

function isWanted(line: string, { identity, act }: TailOptions): boolean {
	const event = parsed(line);
	if (event?.audit !== true || (act !== undefined && event.act !== act)) return false;
	return identity === undefined || [event.identity, event.newName, event.actor].includes(identity);
}

function parsed(line: string): Readonly<Record<string, unknown>> | undefined {
	try {
		return JSON.parse(line);
	} catch {
		return undefined;
	}
}

function show(line: string, { json }: TailOptions): void {
	if (json) printJsonText(line);
	else write(prettyLine(line, { colour: process.stdout.isTTY && process.stdout.hasColors() }));
}

/**
 * The lines of a file, and `undefined` whenever there are no more for now. With `follow` it never ends: a file that was
 * renamed is read to its end and then the one in its place, one that was cut short is read from its beginning.
 */
async function* linesOf(path: string, follow: boolean): AsyncGenerator<string | undefined> {
	let file = await opened(path);
	let position = 0;
	let rest = '';
	let decoder = new StringDecoder('utf8');
	const buffer = Buffer.alloc(64 * 1024);
	try {
		for (;;) {
			const { bytesRead } = await file.read(buffer, 0, buffer.length, position);
			if (bytesRead > 0) {
				position += bytesRead;
				const lines = (rest + decoder.write(buffer.subarray(0, bytesRead))).split('\n');
				rest = lines.pop() ?? '';
				yield* lines;
				continue;
			}
			yield undefined;
			if (!follow) return;
			const next = await nextOf(path, file, position);
			if (next === undefined) {
				await sleep(lookMs);
				continue;
			}
			if (next !== file) await file.close();
			file = next;
			position = 0;
			rest = '';
			decoder = new StringDecoder('utf8');
		}
	} finally {
		await file.close();
	}
}

/** What is to be read from its beginning: the file that took the place of this one, or this one, cut short. */
async function nextOf(path: string, file: FileHandle, position: number): Promise<FileHandle | undefined> {
	const [here, there] = await Promise.all([file.stat(), stat(path).catch(() => undefined)]);
	if (here.size < position) return file;
	const isAnother = there !== undefined && (there.ino !== here.ino || there.dev !== here.dev);
	return isAnother && here.size === position ? opened(path) : undefined;
}

async function opened(path: string): Promise<FileHandle> {
	try {
		return await open(path);
	} catch (fault) {
		throw new Failed(`${path} cannot be read: ${(fault as NodeJS.ErrnoException).code}`);
	}
}
