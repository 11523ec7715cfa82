import { setTimeout as sleep } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import { openLine } from '../_support/line.ts';
import { type PostgresServer, startPostgres } from '../_support/postgres.ts';
import { startRedis } from '../_support/redis.ts';
import { until } from '../_support/server.ts';
import { noSharedStores } from '../_support/shared-stores.ts';
import { newHistory } from './held.ts';
import { Person } from './history.ts';
import { nameOf, password, people, startChildren } from './history-nodes.ts';

/*
 * Two nodes under load whose PostgreSQL fails over again and again: no promise is broken, and where acknowledged changes are lost,
 * nothing that they ended or used up opens anything. The network between primary, standby and nodes is cut by lines that drop what
 * is sent.
 */

const isShort = process.env.LONG === 'short';
const wanted = isShort ? 1500 : 50_000;
/** Milliseconds of load between two failovers. */
const betweenMs = isShort ? 1500 : 4000;

interface Pair {
	primary: PostgresServer;
	/** Where nodes reach the first and the second server. */
	readonly ports: readonly [number, number];
}

interface Stage {
	/** Nobody acts, until `resume`. */
	pause(): Promise<void>;
	resume(): void;
	/** What was acknowledged of late may be undone, and nodes know that. */
	wentBack(): Promise<void>;
}

type FailOver = (pair: Pair, stage: Stage) => Promise<void>;

/** The server of before is gone; in its place there is a standby of the one that serves. */
async function swap(pair: Pair, next: PostgresServer): Promise<void> {
	await pair.primary.stop();
	pair.primary = next;
}

const freeOf = ({ primary, ports }: Pair) => (primary.port === ports[0] ? ports[1] : ports[0]);

const failovers: Record<string, FailOver> = {
	async 'a synchronous standby is promoted'(pair) {
		const standby = await pair.primary.newStandby({ at: freeOf(pair) });
		await pair.primary.waitFor(standby);
		await sleep(betweenMs);
		await pair.primary.kill();
		await sleep(300);
		await standby.promote();
		await swap(pair, standby);
	},
	async 'a standby that lags is promoted'(pair, stage) {
		const standby = await pair.primary.newStandby({ at: freeOf(pair) });
		await sleep(betweenMs);
		await standby.detach();
		await sleep(1000);
		await stage.pause();
		await pair.primary.kill();
		await standby.promote();
		await swap(pair, standby);
		await stage.wentBack();
	},
	async 'the primary is cut off from its synchronous standby, and that promoted'(pair) {
		const line = await openLine(pair.primary.port);
		try {
			const standby = await pair.primary.newStandby({ at: freeOf(pair), through: line.port });
			await pair.primary.waitFor(standby);
			await sleep(betweenMs);
			// Nodes reach it still: it answers, and cannot acknowledge.
			line.cut();
			await sleep(1500);
			await standby.promote();
			await sleep(1500);
			await swap(pair, standby);
		} finally {
			line.close();
		}
	},
	async 'an old snapshot is put back'(pair, stage) {
		await sleep(betweenMs);
		await pair.primary.shutDown();
		pair.primary.keepCopy();
		await pair.primary.restart();
		// Most of what is done is done here: after a snapshot everybody first looks where they stand.
		await sleep(2 * betweenMs);
		await stage.pause();
		await pair.primary.kill();
		pair.primary.putCopyBack();
		await pair.primary.restart();
		await stage.wentBack();
	},
};

async function history(t: ExecutionContext, failOver: FailOver): Promise<void> {
	t.timeout(1_800_000);
	const redis = await startRedis();
	t.teardown(() => redis.stop());
	const primary = await startPostgres();
	const database = (await primary.newDatabase()).replace(/^.*\//, '');
	const spare = await primary.newStandby();
	await spare.stop();
	const pair: Pair = { primary, ports: [primary.port, spare.port] };
	t.teardown(() => pair.primary.stop());
	const hosts = pair.ports.map((port) => `127.0.0.1:${port}`).join(',');
	const identities = `postgres://latchkey@${hosts}/${database}`;
	const { nodes, operator, close } = await startChildren({ sessions: redis.newDatabase(), identities });
	t.teardown(close);

	const told = newHistory();
	const urls = nodes.map(({ url }) => url);
	const all = Array.from({ length: people }, (_, number) => new Person(nameOf(number), password, urls, told, operator));
	const done = () => Object.values(told.counts).reduce((sum, count) => sum + count, 0);
	let isOver = false;
	let resumed = Promise.withResolvers<void>();
	resumed.resolve();
	let busy = 0;
	const acting = all.map(async (person) => {
		while (!isOver) {
			await resumed.promise;
			busy += 1;
			await person.act().finally(() => (busy -= 1));
			await sleep(5);
		}
	});
	const areReady = () =>
		until(async () => {
			for (const url of urls) {
				const { status } = await fetch(`${url}/health/ready`);
				if (status !== 200) throw new Error(`${url} is not ready: ${status}`);
			}
		}, 120_000);
	const stage: Stage = {
		async pause() {
			resumed = Promise.withResolvers();
			await until(async () => {
				if (busy > 0) throw new Error(`${busy} are busy`);
			});
		},
		resume: () => resumed.resolve(),
		async wentBack() {
			await areReady();
			await sleep(told.boundMs);
			for (const person of all) person.postgresWentBack();
		},
	};
	let times = 0;
	async function breakThings() {
		while (done() < wanted) {
			await failOver(pair, stage);
			await areReady();
			stage.resume();
			times += 1;
		}
		await sleep(1500);
		isOver = true;
	}
	try {
		await Promise.all([breakThings(), ...acting]);
	} finally {
		isOver = true;
		resumed.resolve();
		t.log(`acknowledged: ${done()}, failovers: ${times}; 503: ${told.unavailable}; broken: ${told.broken}`);
		t.log(`violations: ${told.violations.length}`, ...told.violations.slice(0, 30));
	}
	t.deepEqual(told.violations.slice(0, 30), []);
}

for (const [what, failOver] of Object.entries(failovers)) {
	const title = `of ${wanted} acknowledged operations while, again and again, ${what}, none opens what it must not`;
	if (noSharedStores === undefined) test.serial(title, (t) => history(t, failOver));
	else test.skip(`${title}: ${noSharedStores}`, () => undefined);
}
