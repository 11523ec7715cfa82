import { latchkeyShared, latchkeySqlite, latchkeyWithoutCopies } from './contestants.ts';
import { type Figure, type Row, ratios } from './figures.ts';
import { load } from './load.ts';
import type { Contestant } from './peers.ts';
import { settle } from './programs.ts';
import { noPostgres, noRedis, openPostgres, openRedis } from './stores.ts';

/** What one came to, a request, in each round. */
interface Measurements {
	readonly name: string;
	/** Servers, and not a file. */
	readonly asks: boolean;
	readonly cpuUs: number[];
	readonly storeCpuUs: number[];
	/** Questions that the two servers were asked. */
	readonly questions: number[];
}

/** What it saves that a node keeps copies of what stands in Redis and PostgreSQL. */
export const copies: Row = {
	name: 'copies',
	says: 'A session check on one node: SQLite, Redis with PostgreSQL, and the same without what a node keeps of them',
	async measure({ rounds, seconds }) {
		const skipped = noRedis ?? noPostgres;
		if (skipped !== undefined) return { figures: [], skipped };
		const redis = await openRedis();
		const postgres = await openPostgres();
		const addresses = { sessions: redis.newAddress, identities: postgres.newAddress };
		const asked = async () => (await redis.asked()) + (await postgres.asked());
		const all: Contestant[] = [latchkeySqlite, latchkeyShared(addresses), latchkeyWithoutCopies(addresses)];
		const servers = await Promise.all(all.map((each) => each.start({})));
		try {
			const results = all.map(
				({ name, redis = false }): Measurements => ({ name, asks: redis, cpuUs: [], storeCpuUs: [], questions: [] }),
			);
			const visitors = await Promise.all(servers.map((server) => server.signIn()));
			for (let round = -1; round < rounds; round += 1) {
				for (const [at, server] of servers.entries()) {
					await settle();
					const [own, stores, questions] = [server.ownCpuMs(), redis.cpuMs() + postgres.cpuMs(), await asked()];
					const { headers } = visitors[at] ?? {};
					const { requests } = await load({ url: server.url + server.checkPath, seconds, carrying: [headers ?? {}] });
					const used = [server.ownCpuMs() - own, redis.cpuMs() + postgres.cpuMs() - stores];
					const more = (await asked()) - questions;
					if (round < 0) continue;
					results[at]?.cpuUs.push(((used[0] ?? 0) * 1000) / requests);
					results[at]?.storeCpuUs.push(((used[1] ?? 0) * 1000) / requests);
					results[at]?.questions.push(more / requests);
				}
			}
			return { figures: figuresOf(results), details: { results } };
		} finally {
			await Promise.all(servers.map((server) => server.stop()));
			await redis.stop();
			await postgres.stop();
		}
	},
};

function figuresOf(results: readonly Measurements[]): Figure[] {
	const [, kept, without] = results;
	return [
		...results.flatMap(({ name, asks, cpuUs, storeCpuUs, questions }): Figure[] => {
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
