import { latchkeyMemory, latchkeyShared, latchkeySqlite } from './contestants.ts';
import type { Figure, Row } from './figures.ts';
import { revivedBy } from './job.ts';
import { noPostgres, noRedis, openPostgres, openRedis } from './stores.ts';

export const resurrections: Row = {
	name: 'resurrections',
	says: 'Sessions that came back to life: logged out while a slow request of theirs was under way',
	async measure({ short }) {
		const missing = noRedis ?? noPostgres;
		const redis = missing === undefined ? await openRedis() : undefined;
		const postgres = missing === undefined ? await openPostgres() : undefined;
		const shared = redis && postgres && latchkeyShared({ sessions: redis.newAddress, identities: postgres.newAddress });
		try {
			const figures: Figure[] = [];
			for (const contestant of [latchkeySqlite, latchkeyMemory, ...(shared ? [shared] : [])]) {
				const revived = await revivedBy(contestant, {}, short ? 5 : 50);
				for (const how of ['reading', 'writing'] as const) {
					const values = [revived?.[how] ?? Number.NaN];
					figures.push({ what: `${contestant.name}, ${how}, of ${revived?.of}`, values, goal: { atMost: 0 } });
				}
			}
			return { figures, ...(missing !== undefined && { table: `Redis with PostgreSQL: not measured: ${missing}` }) };
		} finally {
			await redis?.stop();
			await postgres?.stop();
		}
	},
};
