/** What a row of the table should come to; the reader decides what follows from it. */
export type Goal = { readonly atMost: number } | { readonly atLeast: number };

/** One thing that was measured, in every round of one run. */
export interface Figure {
	readonly what: string;
	/** Absent for ratios and counts. */
	readonly unit?: string;
	readonly values: readonly number[];
	readonly goal?: Goal;
	/** What a reader must know besides: that something was missing, what it was measured with. */
	readonly note?: string;
}

/** How much is measured. The short form shows that everything works, and nothing else. */
export interface Extent {
	readonly short: boolean;
	readonly rounds: number;
	/** Before the rounds that count. */
	readonly warmUps: number;
	/** Of load on one server in one round. */
	readonly seconds: number;
	/** Of a connection between two requests: 0 where what is measured is how much it does. */
	readonly pauseMs: number;
	/** That are stored, where that is the question. */
	readonly sessions: number;
}

/** A part of the bench; `--only NAME`. */
export interface Row {
	readonly name: string;
	readonly says: string;
	measure(extent: Extent): Promise<Measured>;
}

export interface Measured {
	readonly figures: readonly Figure[];
	/** Whatever else it has to tell: for the JSON. */
	readonly details?: unknown;
	/** As it is printed, where a list of figures does not do. */
	readonly table?: string;
	/** A picture of it, SVG. */
	readonly chart?: string;
	/** Why it was not measured here. */
	readonly skipped?: string;
}

export function median(values: readonly number[]): number {
	return quantile(values, 0.5);
}

export function quantile(values: readonly number[], at: number): number {
	const sorted = values.toSorted((a, b) => a - b);
	const middle = (sorted.length - 1) * at;
	const [below, above] = [sorted[Math.floor(middle)], sorted[Math.ceil(middle)]];
	return below === undefined || above === undefined ? Number.NaN : below + (above - below) * (middle % 1);
}

/** Each value by the one of the same round. */
export function ratios(values: readonly number[], by: readonly number[]): number[] {
	return values.map((value, round) => value / (by[round] ?? Number.NaN));
}

export function isReached(goal: Goal, value: number): boolean {
	return 'atMost' in goal ? value <= goal.atMost : value >= goal.atLeast;
}

/** Three figures that count. */
export function digits(value: number): string {
	if (!Number.isFinite(value)) return '–';
	const size = Math.abs(value);
	if (size >= 100) return String(Math.round(value));
	return value.toFixed(size >= 10 ? 1 : 2);
}
