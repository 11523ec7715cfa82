import { setTimeout as sleep } from 'node:timers/promises';
import type { ExecutionContext } from 'ava';
import { newHistory } from './held.ts';
import { Person } from './history.ts';
import { nameOf, password, people, startChildren } from './history-nodes.ts';

/* People who use two nodes over shared stores, and faults that happen to these one after the other. */

export interface Scene {
	/** Kills a node, and starts it again. */
	restart(at: number): Promise<void>;
	/** Something after which Redis is what it was when it began: what was opened since may be lost, nothing more. */
	goesBack(happening: () => Promise<void>): Promise<void>;
	/** Waits until both nodes are ready. */
	ready(): Promise<void>;
	/** What it has found so far. */
	readonly violations: readonly string[];
}

interface HistoryOf {
	/** `store` of a configuration. */
	readonly store: { readonly sessions: string; readonly identities: string };
	/** Acknowledged operations; every fault happens at least once. */
	readonly wanted: number;
	/** Between two faults, milliseconds. */
	readonly restMs?: number;
	readonly faults: (scene: Scene) => Readonly<Record<string, () => Promise<void>>>;
	/** For a fault that does not come to its end. */
	readonly printed: () => string;
	/** Ends with the first that it finds. */
	readonly untilFound?: boolean;
}

/** Returns what was found: promises that were broken. */
export async function runHistory(
	t: ExecutionContext,
	{ store, wanted, restMs = 1500, faults, printed, untilFound = false }: HistoryOf,
): Promise<readonly string[]> {
	const { nodes, restart, operator, close } = await startChildren(store);
	t.teardown(close);
	const history = newHistory();
	const urls = nodes.map(({ url }) => url);
	const all = Array.from(
		{ length: people },
		(_, number) => new Person(nameOf(number), password, urls, history, operator),
	);
	const done = () => Object.values(history.counts).reduce((sum, count) => sum + count, 0);
	const isOver = () => untilFound && history.violations.length > 0;
	let stopped = false;
	const acting = all.map(async (person) => {
		while (!stopped) {
			await person.act();
			await sleep(5);
		}
	});
	const ready = () => Promise.all(urls.map(untilReady)).then(() => undefined);
	const happened: Record<string, number> = {};
	const those = faults({
		restart,
		ready,
		violations: history.violations,
		async goesBack(happening) {
			history.goesBackTo = performance.now();
			await happening();
			for (const person of all) person.redisWentBack();
			history.wentBackAt = performance.now();
			delete history.goesBackTo;
		},
	});
	async function breakThings() {
		do {
			for (const [name, happen] of Object.entries(those)) {
				await sleep(restMs);
				if (isOver()) break;
				await inTime(name, happen(), printed).catch((cause) =>
					Promise.reject(new Error(`${name}: ${cause}`, { cause })),
				);
				happened[name] = (happened[name] ?? 0) + 1;
			}
		} while (done() < wanted && !isOver());
		await sleep(restMs);
		stopped = true;
	}
	try {
		await Promise.all([breakThings(), ...acting]);
	} catch (cause) {
		t.log(String(cause));
		throw cause;
	} finally {
		stopped = true;
		t.log(`acknowledged: ${done()} (${list(history.counts)}); 503: ${history.unavailable}; broken: ${history.broken}`);
		t.log(`meanwhile: ${list(happened)}`);
		t.log(`violations: ${history.violations.length}`, ...history.violations.slice(0, 30));
	}
	return history.violations.slice(0, 30);
}

/** It comes back by itself, once there is somebody to come back to. */
async function untilReady(url: string): Promise<void> {
	const stopAt = performance.now() + 120_000;
	for (;;) {
		const status = await fetch(`${url}/health/ready`).then(
			(answer) => answer.status,
			() => 0,
		);
		if (status === 200) return;
		if (performance.now() > stopAt) throw new Error(`${url} is not ready after two minutes: ${status}`);
		await sleep(50);
	}
}

/** A fault that does not come to its end is one of the spec's own. */
async function inTime(name: string, happening: Promise<void>, printed: () => string): Promise<void> {
	const late = sleep(400_000, 'late', { ref: false });
	if ((await Promise.race([happening, late])) !== 'late') return;
	throw new Error(`${name}: not done after minutes\n${printed()}`);
}

function list(counts: Record<string, number>): string {
	return Object.entries(counts)
		.map(([name, count]) => `${name} ${count}`)
		.join(', ');
}
