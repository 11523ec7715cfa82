import { setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import { noSharedStores, type SharedStores, startSharedStores } from '../_support/shared-stores.ts';
import { newHistory, pick } from './held.ts';
import { Person } from './history.ts';
import { nameOf, password, people, startChildren } from './history-nodes.ts';

/* Two nodes over Redis and PostgreSQL, under load, while one after the other breaks: no promise is broken. */

const wanted = process.env.LONG === 'short' ? 5000 : 50_000;

if (noSharedStores === undefined) {
	test(`of ${wanted} acknowledged operations while nodes, Redis and PostgreSQL break, none is undone`, async (t) => {
		const stores = await startSharedStores(['--appendonly', 'yes', '--appendfsync', 'always']);
		t.teardown(() => stores.stop());
		const { nodes, restart, operator, close } = await startChildren(await stores.newSettings());
		t.teardown(close);

		const history = newHistory();
		const urls = nodes.map(({ url }) => url);
		const all = Array.from(
			{ length: people },
			(_, number) => new Person(nameOf(number), password, urls, history, operator),
		);
		const done = () => Object.values(history.counts).reduce((sum, count) => sum + count, 0);
		let stopped = false;
		const acting = all.map(async (person) => {
			while (!stopped) {
				await person.act();
				await sleep(5);
			}
		});

		const { redis, postgres } = stores;
		const pause = async (server: { signal(signal: 'SIGSTOP' | 'SIGCONT'): void }) => {
			server.signal('SIGSTOP');
			await sleep(1500);
			server.signal('SIGCONT');
		};
		const faults: Record<string, () => Promise<void>> = {
			'a node killed': () => restart(pick([0, 1])),
			'Redis stopped': () => pause(redis),
			'PostgreSQL stopped': () => pause(postgres),
			'Redis killed': async () => {
				await redis.kill();
				await sleep(500);
				await redis.restart();
			},
			'PostgreSQL killed': async () => {
				await postgres.kill();
				await sleep(500);
				await postgres.restart();
			},
			'Redis put back to an old snapshot': async () => {
				history.goesBackTo = performance.now();
				await redis.snapshot();
				await sleep(1000);
				await redis.restoreSnapshot();
				await redis.command('CONFIG', 'SET', 'appendonly', 'no');
				await redis.command('DEBUG', 'RELOAD', 'NOSAVE');
				await redis.command('CONFIG', 'SET', 'appendonly', 'yes');
				while (/aof_rewrite_(in_progress|scheduled):1/.test(String(await redis.command('INFO', 'persistence'))))
					await sleep(50);
				for (const person of all) person.redisWentBack();
				history.wentBackAt = performance.now();
				delete history.goesBackTo;
			},
		};
		const happened: Record<string, number> = {};
		async function breakThings() {
			while (done() < wanted) {
				for (const [name, happen] of Object.entries(faults)) {
					await sleep(1500);
					await inTime(name, happen(), stores);
					happened[name] = (happened[name] ?? 0) + 1;
				}
			}
			await sleep(1500);
			stopped = true;
		}
		try {
			await Promise.all([breakThings(), ...acting]);
		} finally {
			stopped = true;
			t.log(
				`acknowledged: ${done()} (${list(history.counts)}); 503: ${history.unavailable}; broken: ${history.broken}`,
			);
			t.log(`meanwhile: ${list(happened)}`);
			t.log(`violations: ${history.violations.length}`, ...history.violations.slice(0, 30));
		}
		t.deepEqual(history.violations.slice(0, 30), []);
	});
} else {
	test.skip(`no acknowledged operation is undone: ${noSharedStores}`, () => undefined);
}

/** A fault that does not come to its end is one of this spec's own. */
async function inTime(name: string, happening: Promise<void>, { redis, postgres }: SharedStores): Promise<void> {
	const late = sleep(90_000, 'late', { ref: false });
	if ((await Promise.race([happening, late])) !== 'late') return;
	throw new Error(`${name}: not done after 90 seconds\n${redis.printed()}\n${postgres.printed()}`);
}

function list(counts: Record<string, number>): string {
	return Object.entries(counts)
		.map(([name, count]) => `${name} ${count}`)
		.join(', ');
}
