import { drawBars } from './chart.ts';
import { contestants } from './entry.ts';
import { digits, type Extent, type Figure, type Measured, median, type Row, ratios } from './figures.ts';
import { jobOf, type Revived, revivedBy } from './job.ts';
import { load } from './load.ts';
import { bareKoa, type Contestant, type Contesting } from './peers.ts';
import { settle } from './programs.ts';
import { columns } from './report.ts';
import { inTurn } from './run.ts';

/** What one contestant came to. */
interface Result {
	readonly name: string;
	/** Microseconds a request, of each round; with those of its store's server. */
	readonly cpuUs: readonly number[];
	readonly storeCpuUs: readonly number[];
	readonly perSecond: readonly number[];
	readonly cpuToKoa: readonly number[];
	readonly perSecondToKoa: readonly number[];
	/** What it does not do of the job. */
	readonly lacks: readonly string[];
	readonly revived: Revived | undefined;
}

/** What was measured of one before it is compared. */
export interface Running {
	readonly contestant: Contestant;
	readonly server: Contesting;
	readonly headers: Readonly<Record<string, string>>;
	readonly cpuUs: number[];
	readonly storeCpuUs: number[];
	readonly perSecond: number[];
}

const goals: Readonly<Record<string, { readonly cpu: number; readonly perSecond?: number }>> = {
	'Latchkey, SQLite': { cpu: 1.3, perSecond: 0.7 },
	'Latchkey, SQLite, forward-auth': { cpu: 1.3, perSecond: 0.7 },
	'Latchkey, Redis with PostgreSQL': { cpu: 1.5 },
};

export const checks: Row = {
	name: 'checks',
	says: 'A session check: cookie → store → expiry → XSRF token → last activity extended → a few bytes of JSON',
	async measure(extent) {
		const { all, missing, redisPort, storeCpuMs } = await contestants();
		const judged = await Promise.all(all.map((contestant) => jobOf(contestant, { redisPort })));
		const running = await Promise.all(all.map((contestant) => enter(contestant, redisPort)));
		let revived: readonly (Revived | undefined)[] = [];
		try {
			// Many requests at once must be answered as quickly as one.
			revived = await inTurn(running, extent, async ({ contestant, server }) =>
				contestant.open ? undefined : revivedBy(server, extent.short ? 5 : 50),
			);
			for (let round = -extent.warmUps; round < extent.rounds; round += 1) {
				const { seconds, pauseMs } = extent;
				const amount = { pauseMs, seconds: round < 0 ? 1 : seconds };
				await inTurn(running, extent, (each) => measureOne(each, amount, storeCpuMs, round < 0));
			}
		} finally {
			await Promise.all(running.map(({ server }) => server.stop()));
		}
		const koa = running.find(({ contestant }) => contestant.name === bareKoa);
		if (koa === undefined) throw new Error('nothing to compare with');
		const results = running.map(
			(each, at): Result => ({
				name: each.contestant.name,
				cpuUs: each.cpuUs,
				storeCpuUs: each.storeCpuUs,
				perSecond: each.perSecond,
				cpuToKoa: ratios(
					each.cpuUs.map((us, round) => us + (each.storeCpuUs[round] ?? 0)),
					koa.cpuUs,
				),
				perSecondToKoa: ratios(each.perSecond, koa.perSecond),
				lacks: judged[at] ?? [],
				revived: revived[at],
			}),
		);
		return measured(results, missing);
	},
};

export async function enter(contestant: Contestant, redisPort: number): Promise<Running> {
	const server = await contestant.start({ redisPort });
	const headers = contestant.open ? {} : (await server.signIn()).headers;
	return { contestant, server, headers, cpuUs: [], storeCpuUs: [], perSecond: [] };
}

/** Resolves to how many requests it answered. */
export async function measureOne(
	each: Running,
	{ seconds, pauseMs }: Pick<Extent, 'seconds' | 'pauseMs'>,
	storeCpuMs: () => number,
	toWarmUp = false,
): Promise<number> {
	const { contestant, server, headers } = each;
	await settle();
	const [own, store] = [server.ownCpuMs(), storeCpuMs()];
	const url = server.url + server.checkPath;
	const { requests, seconds: took } = await load({ url, seconds, pauseMs, carrying: [headers] });
	if (toWarmUp) return requests;
	each.cpuUs.push(((server.ownCpuMs() - own) * 1000) / requests);
	each.storeCpuUs.push(contestant.redis ? ((storeCpuMs() - store) * 1000) / requests : 0);
	each.perSecond.push(requests / took);
	return requests;
}

function measured(results: readonly Result[], missing: readonly string[]): Measured {
	const figures = results.flatMap(({ name, cpuToKoa, perSecondToKoa }): Figure[] => {
		const goal = goals[name];
		if (goal === undefined) return [];
		return [
			{ what: `${name}: CPU ÷ koa`, values: cpuToKoa, goal: { atMost: goal.cpu } },
			{
				what: `${name}: req/s ÷ koa`,
				values: perSecondToKoa,
				...(goal.perSecond !== undefined && { goal: { atLeast: goal.perSecond } }),
			},
		];
	});
	const table = columns([
		['', 'CPU µs/request', 'CPU ÷ koa', 'range', 'req/s ÷ koa', 'came back to life', 'does its job'],
		...results.map(({ name, cpuUs, storeCpuUs, cpuToKoa, perSecondToKoa, revived, lacks }) => [
			name,
			digits(median(cpuUs)) + (median(storeCpuUs) > 0 ? ` + ${digits(median(storeCpuUs))}` : ''),
			digits(median(cpuToKoa)),
			`${digits(Math.min(...cpuToKoa))}–${digits(Math.max(...cpuToKoa))}`,
			digits(median(perSecondToKoa)),
			revived ? `${revived.reading}, ${revived.writing} of ${revived.of}` : '',
			lacks.length === 0 ? 'yes' : lacks.join('; '),
		]),
		...missing.map((why) => [why]),
	]);
	const bars = results.map(({ name, cpuToKoa }) => ({ name, value: median(cpuToKoa), ours: name in goals }));
	return {
		figures,
		details: { results, missing },
		table,
		chart: drawBars('CPU time of a session check ÷ that of a bare Koa answer', bars),
	};
}
