import { styleText } from 'node:util';

/** Fields that stand in the line's head, or say nothing to a person. */
const inHead = new Set(['level', 'time', 'msg', 'audit', 'act', 'outcome', 'reason', 'identity', 'newName', 'actor']);

const colours = { trace: 'dim', debug: 'dim', info: 'green', warn: 'yellow', error: 'red', fatal: 'red' } as const;

type Line = Readonly<Record<string, unknown>>;
type Paint = (style: Parameters<typeof styleText>[0], words: string) => string;

export interface PrettyOptions {
	/** With the colours of a terminal. */
	readonly colour: boolean;
}

/**
 * A line of the log or the audit, which is JSON, as a person reads it. One that is no JSON stays as it is. Nothing in it tells
 * a terminal what to do. Ends with a line break.
 */
export function prettyLine(text: string, { colour }: PrettyOptions): string {
	const line = parsed(text);
	if (line === undefined) return `${withoutControls(text.trimEnd())}\n`;
	const paint: Paint = (style, words) => (colour ? styleText(style, words, { validateStream: false }) : words);
	const level = String(line.level);
	const head = [
		paint('dim', withoutControls(localTime(line.time))),
		line.audit === true
			? paint('cyan', 'audit')
			: paint(colours[level as keyof typeof colours] ?? 'dim', withoutControls(level)),
		line.audit === true ? auditWords(line, paint) : withoutControls(String(line.msg)),
	];
	const rest = Object.entries(line)
		.filter(([name]) => !inHead.has(name))
		.map(([name, value]) => paint('dim', `${withoutControls(name)}=`) + withoutControls(asText(value)));
	return `${[...head, ...rest].join(' ')}${stackOf(line)}\n`;
}

/** Who did what to whom, and why it was refused. */
function auditWords({ act, outcome, reason, identity, newName, actor }: Line, paint: Paint): string {
	const words = [paint('bold', withoutControls(String(act)))];
	if (identity !== undefined) words.push(withoutControls(String(identity)));
	if (newName !== undefined) words.push(`→ ${withoutControls(String(newName))}`);
	if (outcome === 'refused') words.push(paint('yellow', `refused: ${withoutControls(String(reason))}`));
	if (actor !== undefined && actor !== identity) words.push(`by ${withoutControls(String(actor))}`);
	return words.join(' ');
}

function parsed(text: string): Line | undefined {
	try {
		const line: unknown = JSON.parse(text);
		return typeof line === 'object' && line !== null && !Array.isArray(line) ? (line as Line) : undefined;
	} catch {
		return undefined;
	}
}

/** `2026-11-29 09:30:00.123`, where the reader is. */
function localTime(time: unknown): string {
	const at = new Date(String(time));
	if (Number.isNaN(at.getTime())) return String(time ?? '');
	const digits = (number: number, count = 2) => String(number).padStart(count, '0');
	const day = `${at.getFullYear()}-${digits(at.getMonth() + 1)}-${digits(at.getDate())}`;
	return `${day} ${digits(at.getHours())}:${digits(at.getMinutes())}:${digits(at.getSeconds())}.${digits(at.getMilliseconds(), 3)}`;
}

function asText(value: unknown): string {
	if (typeof value === 'string') return /[\s"=]/.test(value) ? JSON.stringify(value) : value;
	if (typeof value === 'object' && value !== null && 'stack' in value) {
		const { stack, ...rest } = value as { stack: unknown };
		return JSON.stringify(rest);
	}
	return JSON.stringify(value);
}

/** Of the first cause that has one, on lines of its own. */
function stackOf({ cause }: Line): string {
	const { stack } = (cause ?? {}) as { stack?: unknown };
	if (typeof stack !== 'string') return '';
	return stack
		.split('\n')
		.slice(1)
		.map((frame) => `\n    ${withoutControls(frame.trim())}`)
		.join('');
}

function withoutControls(text: string): string {
	return text.replace(/\p{Cc}/gu, '\ufffd');
}
