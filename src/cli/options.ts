import { InvalidArgumentError } from 'commander';

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
export const hoursOf = numberUpTo(168);
export const linesOf = numberUpTo(1000);

export function collect(value: string, before: readonly string[] = []): string[] {
	return [...before, value];
}
