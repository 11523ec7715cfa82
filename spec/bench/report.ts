import { digits, type Figure, isReached, type Measured, median, type Row } from './figures.ts';

/** Columns of text, as wide as they must be. */
export function columns(rows: readonly (readonly string[])[]): string {
	const widths: number[] = [];
	for (const row of rows) {
		// One that stands alone may be as long as it likes.
		if (row.length > 1) for (const [at, cell] of row.entries()) widths[at] = Math.max(widths[at] ?? 0, cell.length);
	}
	const line = (row: readonly string[]) => row.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join('  ');
	return rows.map((row) => line(row).trimEnd()).join('\n');
}

/** A row of the bench as it is printed. `judged`: whether its goals are. */
export function shown({ says }: Row, { figures, table, skipped }: Measured, judged: boolean): string {
	const parts = [says];
	if (skipped !== undefined) parts.push(`not measured: ${skipped}`);
	if (table !== undefined) parts.push(table);
	if (figures.length > 0) parts.push(columns(figures.map((figure) => cellsOf(figure, judged))));
	return `\n${parts.join('\n\n')}\n`;
}

function cellsOf({ what, unit, values, goal, note }: Figure, judged: boolean): string[] {
	const value = median(values);
	const range = values.length > 1 ? `${digits(Math.min(...values))}–${digits(Math.max(...values))}` : '';
	const wanted = goal === undefined ? '' : 'atMost' in goal ? `≤ ${goal.atMost}` : `≥ ${goal.atLeast}`;
	const verdict = goal === undefined || !judged ? '' : isReached(goal, value) ? 'reached' : 'NOT REACHED';
	return [what, digits(value) + (unit ? ` ${unit}` : ''), range, wanted, verdict, note ?? ''];
}
