import { spawn } from 'node:child_process';
import { once } from 'node:events';
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

	const module = new URL('../../src/store/redis/connection.ts', import.meta.url).href;
	const closeAfter = (ms: number, address: string) => `
		const { RedisConnection } = await import('${module}');
		const redis = new RedisConnection('${address}');
		setTimeout(() => redis.close(), ${ms});`;
	for (const [from, path, ms] of [
		['redis://localhost', '', 0],
		['redis://127.0.0.1', '', 5],
		['redis+sentinel://localhost', '/main', 0],
		['redis+cluster://localhost', '', 0],
	] as const) {
		test(`a process ends whose connection to ${from} is closed while it is being made`, async (t) => {
			const code = closeAfter(ms, `${from}:${server.port}${path}`);
			const child = spawn(process.execPath, ['--input-type=module', '--eval', code], { stdio: 'ignore' });
			t.teardown(() => child.kill('SIGKILL'));
			t.deepEqual(await once(child, 'exit'), [0, null]);
		});
	}
} else {
	test.skip(`Redis keeps sessions and attempts: ${noRedis}`, () => undefined);
}
