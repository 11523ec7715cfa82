import { enter, measureOne, type Running } from './checks.ts';
import { latchkeyShared, latchkeySqlite, latchkeyWithoutCopies } from './contestants.ts';
import { type Figure, type Row, ratios } from './figures.ts';
import { inTurn } from './run.ts';
import { noPostgres, noRedis, openPostgres, openRedis } from './stores.ts';

/** One of them, and the questions that the two servers were asked, a request, in each round. */
type Asking = Running & { readonly questions: number[] };

/** What it saves that a node keeps copies of what stands in Redis and PostgreSQL. */
export const copies: Row = {
	name: 'copies',
	says: 'A session check on one node: SQLite, Redis with PostgreSQL, and the same without what a node keeps of them',
	async measure(extent) {
		const skipped = noRedis ?? noPostgres;
		if (skipped !== undefined) return { figures: [], skipped };
		const redis = await openRedis();
		const postgres = await openPostgres();
		const addresses = { sessions: redis.newAddress, identities: postgres.newAddress };
		const asked = async () => (await redis.asked()) + (await postgres.asked());
		const storeCpuMs = () => redis.cpuMs() + postgres.cpuMs();
		const contestants = [latchkeySqlite, latchkeyShared(addresses), latchkeyWithoutCopies(addresses)];
		const running: Asking[] = [];
		try {
			for (const contestant of contestants) running.push({ ...(await enter(contestant, redis.port)), questions: [] });
			for (let round = -extent.warmUps; round < extent.rounds; round += 1) {
				await inTurn(running, extent, async (each) => {
					const before = await asked();
					const requests = await measureOne(each, extent, storeCpuMs, round < 0);
					if (round >= 0) each.questions.push(((await asked()) - before) / requests);
				});
			}
			return { figures: figuresOf(running) };
		} finally {
			await Promise.all(running.map(({ server }) => server.stop()));
		}
	},
};

function figuresOf(all: readonly Asking[]): Figure[] {
	const [, kept, without] = all;
	return [
		...all.flatMap(({ contestant: { name, redis: asks }, cpuUs, storeCpuUs, questions }): Figure[] => {
			const own: Figure = { what: `${name}: CPU`, unit: 'µs', values: cpuUs };
			if (!asks) return [own];
			return [
				own,
				{ what: `${name}: CPU of the stores`, unit: 'µs', values: storeCpuUs },
				{ what: `${name}: round trips a check`, values: questions },
			];
		}),
		{ what: 'CPU without copies ÷ with', values: ratios(without?.cpuUs ?? [], kept?.cpuUs ?? []) },
	];
}
