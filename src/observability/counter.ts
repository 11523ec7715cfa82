/*
 * What happened so far, as plain numbers: to count costs a few nanoseconds, and somebody puts it into words only when
 * asked.
 */

/** Grows only. Whoever counts often keeps hold of it. */
export interface Count {
	value: number;
}

interface Counted<Label extends string> {
	readonly labels: Readonly<Record<Label, string>>;
	readonly value: number;
}

/** Counts of one kind, told apart by labels: few, and never of a client's choice. */
export interface Tally<Label extends string> {
	of(labels: Readonly<Record<Label, string>>): Count;
	all(): readonly Counted<Label>[];
}

export function createTally<Label extends string>(): Tally<Label> {
	const counts = createCells<Label, Count>(() => ({ value: 0 }));
	return {
		of: counts.of,
		all: () => counts.all().map(([labels, { value }]) => ({ labels, value })),
	};
}

/** How long things of one sort took. */
interface Times {
	/** Milliseconds. */
	note(ms: number): void;
}

interface Timed<Label extends string> {
	readonly labels: Readonly<Record<Label, string>>;
	/** How many took at most so many seconds; the last without bound. */
	readonly upTo: readonly { readonly seconds: number; readonly count: number }[];
	readonly totalSeconds: number;
}

/** Times of one kind, told apart by labels. */
export interface TimesBy<Label extends string> {
	of(labels: Readonly<Record<Label, string>>): Times;
	all(): readonly Timed<Label>[];
}

/** `bounds`: seconds, growing. */
export function createTimes<Label extends string>(bounds: readonly number[]): TimesBy<Label> {
	interface Noted extends Times {
		readonly within: number[];
		totalMs: number;
	}
	function newTimes(): Noted {
		const within = Array<number>(bounds.length + 1).fill(0);
		return {
			within,
			totalMs: 0,
			note(ms) {
				let at = 0;
				while (at < bounds.length && ms > (bounds[at] ?? 0) * 1000) at += 1;
				within[at] = (within[at] ?? 0) + 1;
				this.totalMs += ms;
			},
		};
	}
	const times = createCells<Label, Noted>(newTimes);
	return {
		of: times.of,
		all: () =>
			times.all().map(([labels, { within, totalMs }]) => {
				let count = 0;
				const upTo = [...bounds, Number.POSITIVE_INFINITY].map((seconds, at) => {
					count += within[at] ?? 0;
					return { seconds, count };
				});
				return { labels, upTo, totalSeconds: totalMs / 1000 };
			}),
	};
}

function createCells<Label extends string, Cell>(create: () => Cell) {
	const cells = new Map<string, [Readonly<Record<Label, string>>, Cell]>();
	return {
		of(labels: Readonly<Record<Label, string>>): Cell {
			const key = Object.values(labels).join('\n');
			const found = cells.get(key) ?? [labels, create()];
			cells.set(key, found);
			return found[1];
		},
		all: () => [...cells.values()],
	};
}
