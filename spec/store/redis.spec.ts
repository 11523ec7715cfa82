import { setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import { createRedisAttempts } from '../../src/store/redis/attempts.ts';
import { RedisConnection } from '../../src/store/redis/connection.ts';
import { createRedisSessions } from '../../src/store/redis/sessions.ts';
import { createSqliteEnds } from '../../src/store/sqlite/ends.ts';
import { openSqlite } from '../../src/store/sqlite/open.ts';
import { noRedis, type RedisServer, startRedis } from '../_support/redis.ts';
import { keepsAttempts } from './attempt-store.contract.ts';
import { keepsSessions } from './session-store.contract.ts';

if (noRedis === undefined) {
	let server: RedisServer;
	test.before(async () => {
		server = await startRedis();
	});
	test.after.always(() => server?.stop());

	keepsSessions(test.serial, 'Redis', async () => {
		const address = server.newDatabase();
		const ends = createSqliteEnds(openSqlite(':memory:'));
		const open = () => createRedisSessions(new RedisConnection(address), ends);
		return { store: open(), reopen: async () => open() };
	});

	keepsAttempts(test.serial, 'Redis', async (t) => {
		const address = server.newDatabase();
		const open = () => {
			const redis = new RedisConnection(address);
			t.teardown(() => redis.close());
			return createRedisAttempts(redis);
		};
		return { store: open(), reopen: async () => open(), pass: (ms) => sleep(ms) };
	});
} else {
	test.skip(`Redis keeps sessions and attempts: ${noRedis}`, () => undefined);
}
