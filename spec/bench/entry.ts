import { latchkeyForwardAuth, latchkeyShared, latchkeySqlite } from './contestants.ts';
import { type Contestant, installPeers, peers } from './peers.ts';
import { noPostgres, noRedis, openPostgres, openRedis } from './stores.ts';

/** All that can be measured on this machine, with the servers of stores that they need. */
export interface Contestants {
	readonly all: readonly Contestant[];
	/** Who is not there, and why. */
	readonly missing: readonly string[];
	readonly redisPort: number;
	/** Milliseconds that the servers of stores have used together. */
	storeCpuMs(): number;
}

export async function contestants(): Promise<Contestants> {
	await installPeers();
	const redis = noRedis === undefined ? await openRedis() : undefined;
	const postgres = redis && noPostgres === undefined ? await openPostgres() : undefined;
	const shared = redis && postgres && latchkeyShared({ sessions: redis.newAddress, identities: postgres.newAddress });
	const usable = peers.filter((peer) => redis !== undefined || !peer.redis);
	return {
		all: [...usable, latchkeySqlite, latchkeyForwardAuth, ...(shared ? [shared] : [])],
		missing: [noRedis, noPostgres].flatMap((why) => (why === undefined ? [] : `not measured: ${why}`)),
		redisPort: redis?.port ?? 0,
		storeCpuMs: () => (redis?.cpuMs() ?? 0) + (postgres?.cpuMs() ?? 0),
	};
}
