import test from 'ava';
import { noRedis } from '../_support/redis.ts';
import { sharedRedis } from '../_support/servers.ts';
import { keepIn } from '../_support/service.ts';

/* The whole of `kura.spec.ts` once more, with sessions in Redis and everything else in the SQLite file. */

if (noRedis === undefined) {
	const redis = await sharedRedis();
	keepIn(async () => ({ sessions: redis.newDatabase() }));
	await import('./kura.spec.ts');
} else {
	test.skip(`Redis keeps the sessions of a service on SQLite: ${noRedis}`, () => undefined);
}
