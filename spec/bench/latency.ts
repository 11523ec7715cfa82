import { join } from 'node:path';
import type { Arrivals } from './arrivals.ts';
import { enter } from './checks.ts';
import { contestants } from './entry.ts';
import { digits, type Extent, type Figure, median, quantile, type Row } from './figures.ts';
import { load } from './load.ts';
import type { Contesting } from './peers.ts';
import { loadCore, runNode, settle } from './programs.ts';
import { columns } from './report.ts';
import { inTurn } from './run.ts';

const arrivals = join(import.meta.dirname, 'arrivals.ts');
/** More than are ever under way at half load, but for a stall. */
const connections = 64;
/** Of the short form, which leaves the core to others. */
const fewPerSecond = 50;

const percentiles = [
	{ name: 'p50', at: 0.5 },
	{ name: 'p99', at: 0.99 },
	{ name: 'p99.9', at: 0.999 },
] as const;

/** Of each round. */
interface Result {
	readonly name: string;
	readonly perSecond: number[];
	/** Milliseconds, in the order of `percentiles`. */
	readonly tookMs: readonly number[][];
}

export const latency: Row = {
	name: 'latency',
	says: 'Checks a second on one core, and how long one takes at half of that, from the moment it was due',
	async measure(extent) {
		const { all, missing, redisPort } = await contestants();
		const running = await Promise.all(all.map((contestant) => enter(contestant, redisPort)));
		const results = running.map(
			({ contestant }): Result => ({
				name: contestant.name,
				perSecond: [],
				tookMs: percentiles.map(() => []),
			}),
		);
		try {
			for (let round = -extent.warmUps; round < extent.rounds; round += 1) {
				await inTurn([...running.entries()], extent, async ([index, { server, headers }]) => {
					const { perSecond, tookMs } = await measureOne(server, headers, extent);
					if (round < 0) return;
					results[index]?.perSecond.push(perSecond);
					for (const [nth, { at }] of percentiles.entries()) {
						results[index]?.tookMs[nth]?.push(quantile(tookMs, at));
					}
				});
			}
		} finally {
			await Promise.all(running.map(({ server }) => server.stop()));
		}
		return { figures: [], table: tableOf(results, missing), details: { figures: results.flatMap(figuresOf), missing } };
	},
};

async function measureOne(server: Contesting, headers: Arrivals['headers'], { short, seconds, pauseMs }: Extent) {
	const url = server.url + server.checkPath;
	await settle();
	const full = await load({ url, seconds, pauseMs, carrying: [headers] });
	const perSecond = full.requests / full.seconds;
	await settle();
	const half = short ? fewPerSecond : perSecond / 2;
	const orders: Arrivals = { url, headers, perSecond: half, seconds, connections, sleeps: short };
	const said = await runNode([arrivals], { core: short ? 'any' : loadCore }, JSON.stringify(orders));
	return { perSecond, tookMs: JSON.parse(said) as number[] };
}

function figuresOf({ name, perSecond, tookMs }: Result): Figure[] {
	return [
		{ what: `${name}: checks`, unit: '/s', values: perSecond },
		...percentiles.map(({ name: which }, nth) => ({
			what: `${name}: ${which} at half load`,
			unit: 'ms',
			values: tookMs[nth] ?? [],
		})),
	];
}

function tableOf(results: readonly Result[], missing: readonly string[]): string {
	return columns([
		['', 'checks/s', ...percentiles.map(({ name }) => `${name} ms`)],
		...results.map(({ name, perSecond, tookMs }) => [
			name,
			String(Math.round(median(perSecond))),
			...tookMs.map((values) => digits(median(values))),
		]),
		...missing.map((why) => [why]),
	]);
}
