import { styleText } from 'node:util';

/** An expected no on the command line: one line on stderr, exit status 1. */
export class Failed extends Error {
	override readonly name = 'Failed';
}

/** Data goes to stdout, in lines for people or in JSON for programs; everything else to stderr. */
export function print(line: string): void {
	process.stdout.write(`${line}\n`);
}

export function say(line: string): void {
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

/** For programs; but a terminal may show it, and some obey U+0080 to U+009F, which JSON leaves as they are. */
export function printJson(value: unknown): void {
	print(JSON.stringify(value).replace(/[\x7f-\x9f]/g, (control) => `\\u00${control.charCodeAt(0).toString(16)}`));
}

/** Columns as wide as their widest cell. No cell tells a terminal what to do. */
export function table(head: readonly string[], given: readonly (readonly string[])[]): string {
	const rows = given.map((row) => row.map((cell) => cell.replace(/\p{Cc}/gu, '\ufffd')));
	const widths = head.map((cell, at) => Math.max(cell.length, ...rows.map((row) => row[at]?.length ?? 0)));
	const line = (cells: readonly string[]) =>
		cells
			.map((cell, at) => cell.padEnd(widths[at] ?? 0))
			.join('  ')
			.trimEnd();
	return [styled('dim', line(head), process.stdout), ...rows.map(line)].join('\n');
}
