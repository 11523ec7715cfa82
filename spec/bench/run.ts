/*
 * What the rows of one run share: opened by the first that needs it, closed with the run.
 */

const endings: (() => Promise<unknown>)[] = [];

/** Opens it once. What was opened last is closed first. */
export function once<Opened>(open: () => Promise<Opened>, close: (opened: Opened) => PromiseLike<unknown>) {
	let opened: Promise<Opened> | undefined;
	return () => {
		if (opened === undefined) {
			const opening = open();
			opened = opening;
			endings.unshift(async () => close(await opening));
		}
		return opened;
	};
}

/** What could not be opened need not be closed. */
export async function endRun(): Promise<void> {
	for (const end of endings.splice(0)) await end().catch(() => undefined);
}

/** One after the other, so that none disturbs what is measured of another; four at once in the short form, which measures nothing. */
export async function inTurn<One, Result>(
	all: readonly One[],
	{ short }: { readonly short: boolean },
	work: (one: One) => Promise<Result>,
): Promise<Result[]> {
	const results: Result[] = [];
	const waiting = all.entries();
	const lane = async () => {
		for (const [index, one] of waiting) results[index] = await work(one);
	};
	await Promise.all(Array.from({ length: short ? 4 : 1 }, lane));
	return results;
}
