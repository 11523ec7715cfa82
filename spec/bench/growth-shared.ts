import { createClient } from 'redis';
import { keyPrefix } from '../../src/store/redis/connection.ts';
import { type Row, ratios } from './figures.ts';
import { checkPath, install, signIn } from './latchkey.ts';
import { load } from './load.ts';
import { cpuMs, memoryOf, settle } from './programs.ts';
import { noRedis, openRedis } from './stores.ts';

/** Of which each opens a session, which is asked about. */
const logins = 20;
const copiedAtOnce = 10_000;
/** A share of what SQLite takes on its disk: here they stand in memory. */
const most = 1_000_000;

/** ARGV: a session's key, how many copies, a seed. Each has a key and an identity of its own; nobody has sealed it, and nobody asks for it. */
const copyScript = `
local P, template = KEYS[1], redis.call('GET', KEYS[1] .. 's:' .. ARGV[1])
math.randomseed(tonumber(ARGV[3]))
local function hex(digits)
	local parts = {}
	for n = 1, digits / 4 do parts[n] = string.format('%04x', math.random(0, 65535)) end
	return table.concat(parts)
end
local at = tonumber(string.sub(template, 1, 16))
for n = 1, tonumber(ARGV[2]) do
	local key, h = hex(64), hex(32)
	local identity = table.concat({ h:sub(1, 8), h:sub(9, 12), h:sub(13, 16), h:sub(17, 20), h:sub(21) }, '-')
	redis.call('SET', P .. 's:' .. key, template)
	redis.call('ZADD', P .. 'i:' .. identity, at, key)
	redis.call('ZADD', P .. 'opened', at, key)
	redis.call('ZADD', P .. 'active', at, key)
end`;

/** Resolves to how many bytes Redis then has more. */
async function copy(address: string, count: number): Promise<number> {
	const client = createClient({ url: address });
	await client.connect();
	const used = async () => Number(/used_memory:(\d+)/.exec(await client.info('memory'))?.[1]);
	try {
		const before = await used();
		const [key = ''] = await client.zRange(`${keyPrefix}opened`, 0, 0);
		for (let done = 0; done < count; done += copiedAtOnce) {
			const some = Math.min(copiedAtOnce, count - done);
			await client.eval(copyScript, { keys: [keyPrefix], arguments: [key, String(some), String(done)] });
		}
		return (await used()) - before;
	} finally {
		await client.close();
	}
}

export const growthShared: Row = {
	name: 'growth-shared',
	says: 'What so many sessions cost beyond a few, on Redis',
	async measure({ short, rounds, warmUps, seconds, pauseMs, sessions }) {
		const many = Math.min(sessions, most);
		if (noRedis !== undefined) return { figures: [], skipped: noRedis };
		const redis = await openRedis();
		const addresses = [redis.newAddress(), redis.newAddress()];
		const sides = await Promise.all(addresses.map((sessions) => install({ store: { sessions } })));
		const servers = [];
		const cpuUs: number[][] = sides.map(() => []);
		const redisUs: number[][] = sides.map(() => []);
		try {
			for (const installed of sides) servers.push(await installed.start());
			const asked = [];
			for (const { url } of servers) {
				const visitors = [];
				for (let nth = 0; nth < logins; nth += 1) visitors.push(await signIn(url));
				asked.push(visitors.map(({ headers }) => headers));
			}
			const bytes = await copy(addresses[1] ?? '', many);
			for (let round = -warmUps; round < rounds; round += 1) {
				for (const [side, { url, pid }] of servers.entries()) {
					await settle();
					const [before, redisBefore] = [cpuMs(pid), redis.cpuMs()];
					const carrying = asked[side] ?? [];
					const { requests } = await load({ url: url + checkPath, seconds, pauseMs, carrying });
					if (round < 0) continue;
					cpuUs[side]?.push(((cpuMs(pid) - before) * 1000) / requests);
					redisUs[side]?.push(((redis.cpuMs() - redisBefore) * 1000) / requests);
				}
			}
			const [small, big] = servers.map(({ pid }) => memoryOf(pid).now);
			const starts: number[][] = sides.map(() => []);
			// One at a time: what has just started has still to do, on the same core.
			for (let round = 0; round < (short ? 1 : Math.max(2, rounds)); round += 1) {
				for (const [side, installed] of sides.entries()) {
					const server = await installed.start();
					starts[side]?.push(server.startMs);
					await server.stop();
				}
			}
			const [less = [], more = []] = starts;
			const both = (side: number) => cpuUs[side]?.map((us, round) => us + (redisUs[side]?.[round] ?? 0)) ?? [];
			const than = `with ${many.toLocaleString('en')} sessions`;
			return {
				figures: [
					{
						what: `CPU of a check ${than}, Redis' among it, ÷ with ${logins}`,
						values: ratios(both(1), both(0)),
						goal: { atMost: 1.2 },
					},
					{ what: 'memory of Redis', unit: 'bytes each', values: [bytes / many] },
					{
						what: `resident memory ${than}, beyond that with ${logins}`,
						unit: 'bytes each',
						values: [((big ?? 0) - (small ?? 0)) / many],
						goal: { atMost: 100 },
					},
					{
						what: `start to ready ${than}, beyond one with ${logins}`,
						unit: 'ms',
						values: more.map((ms, round) => ms - (less[round] ?? Number.NaN)),
						goal: { atMost: 50 },
					},
				],
			};
		} finally {
			for (const server of servers) await server.stop();
			for (const installed of sides) await installed.remove();
			await clear(addresses);
		}
	},
};

/** Other rows use the same server. */
async function clear(addresses: readonly string[]) {
	for (const url of addresses) {
		const client = createClient({ url });
		await client.connect();
		await client.flushDb();
		await client.close();
	}
}
