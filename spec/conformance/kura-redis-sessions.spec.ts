import test from 'ava';
import { noRedis, startRedis } from '../_support/redis.ts';
import { keepIn } from '../_support/service.ts';

/* The whole of `kura.spec.ts` once more, with sessions in Redis and everything else in the SQLite file. */

if (noRedis === undefined) {
	const redis = await startRedis();
	test.after.always(() => redis.stop());
	keepIn(async () => ({ sessions: redis.newDatabase() }));
	await import('./kura.spec.ts');
} else {
	test.skip(`Redis keeps the sessions of a service on SQLite: ${noRedis}`, () => undefined);
}
