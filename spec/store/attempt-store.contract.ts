import { randomBytes } from 'node:crypto';
import type { ExecutionContext } from 'ava';
import type { AttemptKey, AttemptStore } from '../../src/core/stores.ts';
import type { Test } from '../_support/patient.ts';

export interface OpenedAttempts {
	/** Fresh and empty. */
	readonly store: AttemptStore;
	/** Lets time pass for the store: winds its clock where it has one of ours, or waits. */
	readonly pass: (ms: number) => Promise<void>;
	/** Another connection to the same counters, best from another process. */
	readonly reopen?: () => Promise<AttemptStore>;
}

function newKey(): AttemptKey {
	return randomBytes(18).toString('base64url') as AttemptKey;
}

/**
 * 200 attempts, 20 at once: all that ask at once are to be answered in the time of one. Resolves to their counts, the lowest
 * first.
 */
async function addMany(stores: readonly [AttemptStore, ...AttemptStore[]], key: AttemptKey): Promise<number[]> {
	const all: number[] = [];
	for (let round = 0; round < 10; round += 1) {
		const adds = Array.from({ length: 20 }, (_, at) => (stores[at % stores.length] ?? stores[0]).add(key, 60_000));
		for (const { count } of await Promise.all(adds)) all.push(count);
	}
	return all.sort((one, other) => one - other);
}

/** The promises of an AttemptStore. */
export function keepsAttempts(test: Test, name: string, open: (t: ExecutionContext) => Promise<OpenedAttempts>) {
	function says(sentence: string, check: (t: ExecutionContext, opened: OpenedAttempts) => Promise<void>) {
		test(`${name}: ${sentence}`, async (t) => check(t, await open(t)));
	}

	const isAbout = (t: ExecutionContext, forgottenInMs: number | undefined, expectedMs: number) =>
		t.true(
			forgottenInMs !== undefined && forgottenInMs > expectedMs - 5000 && forgottenInMs <= expectedMs,
			`${forgottenInMs} ms, about ${expectedMs} expected`,
		);

	says('a counter counts from one', async (t, { store }) => {
		const key = newKey();
		t.is(await store.find(key), undefined);
		for (const count of [1, 2, 3]) t.is((await store.add(key, 60_000)).count, count);
		t.is((await store.find(key))?.count, 3);
		t.is(await store.find(newKey()), undefined);
	});

	says('of many attempts at once, each gets a count of its own', async (t, { store }) => {
		const key = newKey();
		t.deepEqual(
			await addMany([store], key),
			Array.from({ length: 200 }, (_, index) => index + 1),
		);
	});

	says('a counter is forgotten so long after it started, however often it is added to', async (t, { store, pass }) => {
		const key = newKey();
		const { forgottenInMs } = await store.add(key, 500);
		t.true(forgottenInMs > 0 && forgottenInMs <= 500);
		t.true((await store.add(key, 60_000)).forgottenInMs <= 500);
		await pass(501);
		t.is(await store.find(key), undefined);
		const anew = await store.add(key, 60_000);
		t.is(anew.count, 1);
		isAbout(t, anew.forgottenInMs, 60_000);
	});

	says('a counter is set, and then forgotten so long from then', async (t, { store, pass }) => {
		const key = newKey();
		await store.add(key, 200);
		await store.set(key, 12, 60_000);
		await pass(201);
		const found = await store.find(key);
		t.is(found?.count, 12);
		isAbout(t, found?.forgottenInMs, 60_000);
		t.is((await store.add(key, 1000)).count, 13);
		await store.set(key, 1, 200);
		await pass(201);
		t.is(await store.find(key), undefined);
	});

	says('what is taken back was never counted, and makes no counter last longer', async (t, { store, pass }) => {
		const key = newKey();
		await store.takeBack(key);
		t.is(await store.find(key), undefined);
		await store.add(key, 300);
		await store.add(key, 60_000);
		await store.takeBack(key);
		const found = await store.find(key);
		t.is(found?.count, 1);
		t.true((found?.forgottenInMs ?? 0) <= 300);
		await pass(301);
		t.is(await store.find(key), undefined);
		for (let time = 0; time < 3; time += 1) await store.takeBack(key);
		const again = await store.add(key, 60_000);
		t.is(again.count, 1);
		isAbout(t, again.forgottenInMs, 60_000);
		await store.takeBack(key);
		t.is(await store.find(key), undefined, 'nothing is left of one that was taken back');
	});

	says('many that are taken back at once are each taken back once', async (t, { store }) => {
		const key = newKey();
		for (let count = 0; count < 20; count += 1) await store.add(key, 60_000);
		await Promise.all(Array.from({ length: 15 }, () => store.takeBack(key)));
		t.is((await store.add(key, 60_000)).count, 6);
	});

	says('a counter may last for months', async (t, { store }) => {
		const key = newKey();
		const months = 90 * 86_400_000;
		await store.set(key, 1, months);
		isAbout(t, (await store.find(key))?.forgottenInMs, months);
	});

	says('a counter that is told to be forgotten is', async (t, { store }) => {
		const key = newKey();
		const other = newKey();
		await store.add(key, 60_000);
		await store.add(other, 60_000);
		await store.forget(key);
		await store.forget(newKey());
		t.is(await store.find(key), undefined);
		t.is((await store.add(key, 60_000)).count, 1);
		t.is((await store.find(other))?.count, 1);
	});

	says('two processes count together', async (t, { store, reopen }) => {
		if (reopen === undefined) {
			t.log('not asked: these counters belong to one process');
			t.pass();
			return;
		}
		const other = await reopen();
		const key = newKey();
		t.deepEqual(
			await addMany([store, other], key),
			Array.from({ length: 200 }, (_, index) => index + 1),
		);
		t.is((await other.find(key))?.count, 200);
		await other.forget(key);
		t.is(await store.find(key), undefined);
	});
}
