import { styleText } from 'node:util';

/** An expected no on the command line: one line on stderr, exit status 1. */
export class Failed extends Error {
	override readonly name = 'Failed';
}

/** Wrong usage that only the command itself can see: one line on stderr, exit status 2. */
export class Misused extends Error {
	override readonly name = 'Misused';
}

/** The answer to a question is no, and has been printed: exit status 1. */
export class NotLetThrough extends Error {
	override readonly name = 'NotLetThrough';
}

/** The status of a program that is ended since nobody reads what it prints: 128, and the number of SIGPIPE. */
const brokenPipe = 141;

/** Data goes to stdout, in lines for people or in JSON for programs; everything else to stderr. */
export function print(line: string): void {
	write(`${line}\n`);
}

export function write(text: string): void {
	if (process.stdout.listenerCount('error') === 0) process.stdout.on('error', endQuietly);
	process.stdout.write(text);
}

/** What was to be done is done before it is printed. */
function endQuietly(fault: NodeJS.ErrnoException) {
	if (fault.code === 'EPIPE') process.exit(brokenPipe);
	say(`latchkey: stdout cannot be written: ${fault.message}`);
	process.exit(1);
}

export function say(line: string): void {
	// Nobody can be told that nobody can be told.
	if (process.stderr.listenerCount('error') === 0) process.stderr.on('error', () => undefined);
	process.stderr.write(`${line}\n`);
}

export function sayWhereMetricsAre(url: string | undefined): void {
	if (url !== undefined) say(`${styled('green', 'metrics at')} ${url}`);
}

type Style = Parameters<typeof styleText>[0];

/** Colour where a terminal is attached (and `NO_COLOR` is not set), plain text where not. */
export function styled(style: Style, text: string, stream: NodeJS.WriteStream = process.stderr): string {
	return styleText(style, text, { stream });
}

export function printJson(value: unknown): void {
	printJsonText(JSON.stringify(value));
}

/** For programs; but a terminal may show it, and some obey U+0080 to U+009F, which JSON leaves as they are. */
export function printJsonText(json: string): void {
	print(json.replace(/[\x7f-\x9f]/g, (control) => `\\u00${control.charCodeAt(0).toString(16)}`));
}

/** `1 session`, `2 sessions`; `1 identity`, `2 identities`. */
export function counted(number: number, noun: string): string {
	if (number === 1) return `1 ${noun}`;
	return `${number} ${noun.endsWith('y') ? `${noun.slice(0, -1)}ies` : `${noun}s`}`;
}

/**
 * Columns as wide as their widest cell; at a terminal no wider than it, with what is cut marked by `…`. No cell tells a
 * terminal what to do.
 */
export function table(
	head: readonly string[],
	given: readonly (readonly string[])[],
	// A serial console says 0: it does not know.
	width = (process.stdout.isTTY && process.stdout.columns) || undefined,
): string {
	const rows = given.map((row) => row.map((cell) => cell.replace(/\p{Cc}/gu, '\ufffd')));
	const widest = head.map((cell, at) => Math.max(cell.length, ...rows.map((row) => row[at]?.length ?? 0)));
	const widths = width === undefined ? widest : narrowed(widest, width - gap.length * (head.length - 1));
	const line = (cells: readonly string[]) =>
		cells
			.map((cell, at) => cut(cell, widths[at] ?? 0).padEnd(widths[at] ?? 0))
			.join(gap)
			.trimEnd();
	return [styled('dim', line(head), process.stdout), ...rows.map(line)].join('\n');
}

const gap = '  ';
/** Characters: narrower than that, a column says nothing. */
const leastColumn = 8;

/** The widest column gives, a character at a time, as long as there is something to give. */
function narrowed(widths: readonly number[], room: number): readonly number[] {
	const narrow = [...widths];
	for (let excess = widths.reduce((sum, width) => sum + width, 0) - room; excess > 0; excess--) {
		const widest = Math.max(...narrow);
		if (widest <= leastColumn) break;
		narrow[narrow.indexOf(widest)] = widest - 1;
	}
	return narrow;
}

function cut(cell: string, width: number): string {
	return cell.length <= width ? cell : `${cell.slice(0, width - 1)}…`;
}
