import { latchkeyMemory, latchkeyShared, latchkeySqlite } from './contestants.ts';
import type { Figure, Row } from './figures.ts';
import { revivedBy } from './job.ts';
import { inTurn } from './run.ts';
import { noPostgres, noRedis, openPostgres, openRedis } from './stores.ts';

export const resurrections: Row = {
	name: 'resurrections',
	says: 'Sessions that came back to life: logged out while a slow request of theirs was under way',
	async measure(extent) {
		const missing = noRedis ?? noPostgres;
		const redis = missing === undefined ? await openRedis() : undefined;
		const postgres = missing === undefined ? await openPostgres() : undefined;
		const shared = redis && postgres && latchkeyShared({ sessions: redis.newAddress, identities: postgres.newAddress });
		const all = [latchkeySqlite, latchkeyMemory, ...(shared ? [shared] : [])];
		const figures = await inTurn(all, extent, async (contestant) => {
			const server = await contestant.start({});
			try {
				const { of, ...revived } = await revivedBy(server, extent.short ? 5 : 50);
				return Object.entries(revived).map(([how, count]): Figure => {
					return { what: `${contestant.name}, ${how}, of ${of}`, values: [count], goal: { atMost: 0 } };
				});
			} finally {
				await server.stop();
			}
		});
		const table = `Redis with PostgreSQL: not measured: ${missing}`;
		return { figures: figures.flat(), ...(missing !== undefined && { table }) };
	},
};
