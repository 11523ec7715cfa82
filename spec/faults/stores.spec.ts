import { setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import { createClient } from '../_support/client.ts';
import { startOwnTime } from '../_support/own-time.ts';
import { noSharedStores } from '../_support/shared-stores.ts';
import { load, msUntilOver, type Nodes, onto, signedIn, startNodes } from './nodes.ts';

/* Redis and PostgreSQL go away and come back, while nodes that share them are at work. */

const password = 'four brown bears';
const nextPassword = 'seven green frogs';

let nodes: Nodes;

if (noSharedStores === undefined) {
	test.before(async () => {
		nodes = await startNodes();
	});
	test.after.always(() => nodes?.close());
	allSpecs();
} else {
	test.skip(`stores that go away are survived: ${noSharedStores}`, () => undefined);
}

function allSpecs() {
	const ends: [string, (name: string) => Promise<unknown>][] = [
		['logs out', async () => undefined],
		[
			'has its password changed',
			(name) =>
				withIdentity(name, (identities, id) =>
					identities.setPassword(id, nextPassword as never, { passwordChangeNeeded: false, policy: false }, {}),
				),
		],
		['is disabled', (name) => withIdentity(name, (identities, id) => identities.setDisabled(id, true, {}))],
		['is removed', (name) => withIdentity(name, (identities, id) => identities.remove(id, {}))],
		[
			'has its sessions ended',
			(name) => withIdentity(name, (_, id) => nodes.all[0].service.core.sessions.endOf(id, {}, {})),
		],
	];
	for (const [what, end] of ends) {
		test.serial(`where somebody ${what} on one node, their session is over on the other within a second`, async (t) => {
			const [one, other] = nodes.all;
			const delays: number[] = [];
			for (let round = 0; round < 10; round += 1) {
				const name = `${what}-${round}`;
				await one.add(name, password);
				const browser = await signedIn(one, name, password);
				const elsewhere = await onto(other, browser);
				t.is((await elsewhere.me()).status, 200);
				if (what === 'logs out') await browser.logout();
				else await end(name);
				delays.push(await msUntilOver(elsewhere));
				t.is((await browser.me()).status, 401, 'and on this one at once');
			}
			delays.sort((a, b) => a - b);
			t.log(`over after ${delays[5]!.toFixed(1)} ms in the middle, ${delays[9]!.toFixed(1)} ms at the most`);
			t.true(delays[9]! < 1000);
		});
	}

	test.serial('a check of a session that this node has seen asks nobody', async (t) => {
		const [one] = nodes.all;
		await one.add('frequent', password);
		const browser = await signedIn(one, 'frequent', password);
		await browser.me();
		await sleep(300);
		await browser.me();
		const [before, asked] = [counts(), await commandsOfRedis()];
		for (let times = 0; times < 100; times += 1) t.is((await browser.me()).status, 200);
		const after = counts();
		t.is(after.misses - before.misses, 0);
		t.true(after.hits - before.hits >= 200, 'both its session and its identity');
		t.true((await commandsOfRedis()) - asked < 50, 'beats, and this question');
	});

	const { redis, postgres } = { redis: () => nodes.stores.redis, postgres: () => nodes.stores.postgres };
	const cut = (lines: 'toRedis' | 'toPostgres') => async () => nodes[lines].forEach((line) => void line.cut());
	const mend = (lines: 'toRedis' | 'toPostgres') => async () => nodes[lines].forEach((line) => void line.mend());
	const outages: [string, 'Redis' | 'PostgreSQL', () => Promise<void>, () => Promise<void>][] = [
		['Redis is stopped', 'Redis', async () => redis().signal('SIGSTOP'), async () => redis().signal('SIGCONT')],
		['Redis is cut off', 'Redis', cut('toRedis'), mend('toRedis')],
		['Redis is killed', 'Redis', async () => saveAndKillRedis(), () => redis().restart()],
		[
			'PostgreSQL is stopped',
			'PostgreSQL',
			async () => postgres().signal('SIGSTOP'),
			async () => postgres().signal('SIGCONT'),
		],
		['PostgreSQL is cut off', 'PostgreSQL', cut('toPostgres'), mend('toPostgres')],
		['PostgreSQL is killed', 'PostgreSQL', () => postgres().kill(), () => postgres().restart()],
	];
	for (const [what, store, goAway, comeBack] of outages) {
		test.serial(`while ${what}, answers are 503 within a second, and soon after all is as before`, async (t) => {
			const [one, other] = nodes.all;
			const name = what.replaceAll(' ', '-');
			await one.add(name, password);
			const browsers = await Promise.all(Array.from({ length: 4 }, () => signedIn(one, name, password)));
			const all = [...browsers, ...(await Promise.all(browsers.map((browser) => onto(other, browser))))];
			const audited = one.audit().length;
			const clients = load(all);
			await sleep(300);

			const awayFrom = clients.time.now();
			await goAway();
			await sleep(1000);
			const login = await createClient(one).login(name, password);
			t.is(login.status, 503);
			t.true(Number(login.headers['retry-after']) >= 1);
			t.is((await createClient(one).me()).status, 401, 'who shows no session is told so');
			t.is((await createClient(one).get('/health/live')).status, 200);
			t.is((await createClient(one).get('/health/ready')).status, 503);
			await sleep(1000);
			const returnsFrom = clients.time.now();
			await comeBack();
			const backFrom = clients.time.now();
			while (clients.time.now() - backFrom < 2000) await sleep(50);
			const answers = await clients.stop();

			t.deepEqual([...new Set(answers.map(({ status }) => status))].sort(), [200, 503], 'nobody is signed out');
			const away = answers.filter(({ status }) => status === 503);
			for (const { headers } of away) {
				t.true(Number(headers['retry-after']) >= 1);
				t.is(headers['set-cookie'], undefined);
			}
			const slowest = Math.max(...answers.map(({ own }) => own.to - own.from));
			const lastFailure = Math.max(...away.map(({ own }) => own.to)) - backFrom;
			const lastAnswer =
				Math.max(
					...answers.filter(({ status, own }) => status === 200 && own.to < returnsFrom).map(({ own }) => own.from),
				) - awayFrom;
			t.log(
				`${answers.length} answers, ${away.length} × 503, the slowest after ${slowest.toFixed(0)} ms, the last ${lastFailure.toFixed(0)} ms after the return; 200 up to ${lastAnswer.toFixed(0)} ms after it went`,
			);
			t.true(slowest < 1000, 'within a second');
			t.true(lastAnswer < 1000, 'no copy is believed for longer than a second');
			t.true(lastFailure < 2000, 'and it is over within two');
			for (const browser of all) t.is((await browser.me()).status, 200, 'the cookie is good as before');
			const told = one
				.audit()
				.slice(audited)
				.filter((event) => event.store === store);
			t.deepEqual(
				told.map(({ act }) => act),
				['store-outage', 'store-recovery'],
				'one line each',
			);
		});
	}

	const returns: [string, () => Promise<void>][] = [
		[
			'started again from an old snapshot',
			async () => {
				await redis().kill();
				await redis().restoreSnapshot();
				await redis().restart();
			},
		],
		[
			'made to load an old snapshot while nodes are connected',
			async () => {
				await redis().restoreSnapshot();
				await redis().command('DEBUG', 'RELOAD', 'NOSAVE');
			},
		],
		[
			'emptied, and fed an old snapshot',
			async () => {
				await redis().command('FLUSHALL');
				await redis().restoreSnapshot();
				await redis().command('DEBUG', 'RELOAD', 'NOSAVE');
			},
		],
	];
	for (const [what, goBack] of returns) {
		test.serial(
			`where Redis is ${what}, no session that was ended is alive again, nor an old password's`,
			async (t) => {
				const [one, other] = nodes.all;
				const name = what.replaceAll(' ', '-');
				const { id } = await one.add(`${name}-1`, password);
				await one.add(`${name}-2`, password);
				const stays = await signedIn(one, `${name}-1`, password);
				const loggedOut = await signedIn(one, `${name}-1`, password);
				const endedByKey = await signedIn(other, `${name}-1`, password);
				const changed = [await signedIn(one, `${name}-2`, password), await signedIn(other, `${name}-2`, password)];
				const presentedAtLogin = await signedIn(one, `${name}-1`, password);
				const over = [loggedOut, endedByKey, ...changed, presentedAtLogin];
				const stale = await Promise.all(over.flatMap((browser) => nodes.all.map((node) => onto(node, browser))));
				for (const browser of stale) t.is((await browser.me()).status, 200);
				await redis().snapshot();

				await loggedOut.logout();
				const keyOfAnother = (await one.service.core.sessions.list(id, 10)).find(({ openedAt }) => openedAt > 0);
				t.not(keyOfAnother, undefined);
				await endedByKey.logout();
				t.is((await changed[0]!.changePassword(password, nextPassword)).status, 204);
				await presentedAtLogin.login(`${name}-1`, password);

				await goBack();
				t.true(Number(await redis().command('EXISTS', 'nothing')) === 0);
				await until200(() => createClient(one).get('/health/ready'));
				await until200(() => createClient(other).get('/health/ready'));
				for (const browser of stale) t.is((await browser.me()).status, 401);
				for (const browser of await Promise.all(nodes.all.map((node) => onto(node, stays)))) {
					t.is((await browser.me()).status, 200, 'what was not ended is alive');
				}
				t.is((await createClient(one).login(`${name}-2`, password)).status, 401);
			},
		);
	}

	test.serial('where Redis is emptied, everybody is signed out, and can sign in at once', async (t) => {
		const [one] = nodes.all;
		await one.add('emptied', password);
		const browser = await signedIn(one, 'emptied', password);
		t.is((await browser.me()).status, 200);
		await redis().command('FLUSHALL');
		await msUntilOver(browser);
		t.is((await browser.login('emptied', password)).status, 200);
		t.is((await browser.me()).status, 200);
	});

	test.serial('a node that alone is cut off from Redis believes its copies for no longer than a second', async (t) => {
		const [one, other] = nodes.all;
		await one.add('lonely', password);
		const browser = await signedIn(one, 'lonely', password);
		const elsewhere = await onto(other, browser);
		t.is((await elsewhere.me()).status, 200);
		nodes.toRedis[1]!.cut();
		nodes.toPostgres[1]!.cut();
		const time = startOwnTime();
		t.teardown(time.stop);
		await browser.logout();
		let last = 0;
		while (time.now() < 2000) {
			const at = time.now();
			const { status } = await elsewhere.me();
			t.true(status === 200 || status === 503);
			if (status === 200) last = at;
			await sleep(20);
		}
		nodes.toRedis[1]!.mend();
		nodes.toPostgres[1]!.mend();
		t.log(`200 up to ${last.toFixed(0)} ms`);
		t.true(last < 1000);
		t.is((await until200(() => createClient(other).get('/health/ready'))).status, 200);
		t.is((await elsewhere.me()).status, 401);
	});
}

type Core = Nodes['all'][0]['service']['core'];

async function withIdentity(
	name: string,
	act: (
		identities: Core['identities'],
		id: NonNullable<Awaited<ReturnType<Core['identities']['findByName']>>>['id'],
	) => Promise<unknown>,
) {
	const { identities } = nodes.all[0].service.core;
	const identity = await identities.findByName(name as never);
	if (identity === undefined) throw new Error(name);
	await act(identities, identity.id);
}

function counts() {
	const all = nodes.all[0].service.core.copies.map((copies) => copies.counts);
	const sum = (of: 'hits' | 'misses') => all.reduce((total, each) => total + each[of], 0);
	return { hits: sum('hits'), misses: sum('misses') };
}

async function commandsOfRedis(): Promise<number> {
	return Number(/total_commands_processed:(\d+)/.exec(String(await nodes.stores.redis.command('INFO', 'stats')))?.[1]);
}

async function saveAndKillRedis() {
	await nodes.stores.redis.command('SAVE');
	await nodes.stores.redis.kill();
}

async function until200<T extends { status: number }>(ask: () => Promise<T>): Promise<T> {
	for (let times = 0; ; times += 1) {
		const answer = await ask();
		if (answer.status === 200 || times > 100) return answer;
		await sleep(50);
	}
}
