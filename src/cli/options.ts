import { InvalidArgumentError } from 'commander';
import type { Instant } from '../core/clock.ts';

export const configOption = [
	'--config <file>',
	'the configuration (default: $LATCHKEY_CONFIG, or latchkey.yaml here)',
] as const;
export const yesOption = ['--yes', 'do not ask, at a terminal'] as const;
export const jsonOption = ['--json', 'print JSON'] as const;

/** Milliseconds of `90m`, `12h` or `30d`. */
export function durationOf(text: string): number {
	const [, number = '', unit = ''] = /^([1-9]\d{0,4})([mhd])$/.exec(text) ?? [];
	const minutes = { m: 1, h: 60, d: 1440 }[unit];
	if (minutes === undefined) throw new InvalidArgumentError('(say minutes, hours or days: 90m, 12h, 30d)');
	return Number(number) * minutes * 60_000;
}

const numberUpTo = (most: number) => (text: string) => {
	if (/^[1-9]\d*$/.test(text) && Number(text) <= most) return Number(text);
	throw new InvalidArgumentError(`(say a number from 1 to ${most})`);
};
/** Of RFC 3339, or a day, which begins at midnight UTC. */
export function momentOf(text: string): Instant {
	const at = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,3})?)?(Z|[+-]\d\d:\d\d))?$/.test(text)
		? Date.parse(text)
		: Number.NaN;
	if (Number.isNaN(at)) throw new InvalidArgumentError('(say a day or a time: 2026-01-31, 2026-01-31T12:00:00Z)');
	return at as Instant;
}

export const hoursOf = numberUpTo(168);
export const linesOf = numberUpTo(1000);

export function collect(value: string, before: readonly string[] = []): string[] {
	return [...before, value];
}
