import { once } from 'node:events';
import { readdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import test from 'ava';
import type { Instant } from '../../src/core/clock.ts';
import type { Session } from '../../src/core/session.ts';
import { openSqlite } from '../../src/store/sqlite/open.ts';
import { createSqliteSessions } from '../../src/store/sqlite/sessions.ts';
import { createCheckpoints } from '../../src/store/sqlite/wal-flush.ts';
import { isSync, startChild, stepIn, traceChild } from './child.ts';
import { after, newSession } from './session-store.contract.ts';
import { newPath, openStores, startProcess } from './sqlite-process.ts';

const everything = { silentSince: after(1), openedBefore: 0 as Instant };

test('a sweep of many leaves a short log behind, at every moment', async (t) => {
	const path = await newPath(t);
	const file = openSqlite(path);
	const sessions = createSqliteSessions(file);
	t.teardown(() => sessions.close());
	for (let index = 0; index < 12_000; index += 1) await sessions.insert(newSession(), 100);
	await file.settled();
	file.prepare('PRAGMA wal_checkpoint(TRUNCATE)').get();
	let longest = 0;
	while ((await sessions.sweep(everything, 25)).length > 0) {
		longest = Math.max(longest, statSync(`${path}-wal`).size);
	}
	const pages = Math.round(longest / 4096);
	t.log(`${pages} pages`);
	t.true(pages < 5000);
});

test('a sweep leaves the waiting for the disk to another thread', async (t) => {
	const lines = await traceChild(t, await newPath(t), 'write much');
	if (lines === undefined) {
		t.pass();
		return;
	}
	const steps = lines.map(stepIn);
	const [from, to] = [steps.indexOf('sweep'), steps.indexOf('swept')];
	t.true(from > 0 && to > from);
	const main = lines[from]?.split(' ')[0];
	const syncs = lines.slice(from, to).filter(isSync);
	const ofMain = syncs.filter((line) => line.split(' ')[0] === main).length;
	t.log(`${ofMain} of ${syncs.length} by the thread that sweeps`);
	t.true(syncs.length >= 20, 'there was something to wait for');
	// It syncs the head of the log when that begins anew, after what stood in it is on the disk.
	t.true(ofMain <= 3);
});

test('a process that closes nothing ends, although it has such a thread', async (t) => {
	const path = await newPath(t);
	const child = startChild(path, 'write much');
	child.stdout.resume();
	t.deepEqual(await once(child, 'exit'), [0, null]);
	const sessions = createSqliteSessions(openSqlite(path));
	t.is(await sessions.count(), 0);
	await sessions.close();
});

test('a file that is closed while its log is being moved stands alone', async (t) => {
	const path = await newPath(t);
	const sessions = createSqliteSessions(openSqlite(path));
	for (let index = 0; index < 150; index += 1) await sessions.insert(newSession(), 100);
	await sessions.close();
	t.deepEqual(readdirSync(dirname(path)), ['latchkey.db']);
});

test('what is kept in memory stays there while the log is moved, and begins anew', async (t) => {
	const file = openSqlite(await newPath(t));
	const sessions = createSqliteSessions(file);
	t.teardown(() => sessions.close());
	const session = newSession();
	await sessions.insert(session, 100);
	const found = await sessions.find(session.key);
	const version = file.version();
	for (let index = 0; index < 1000; index += 1) {
		await sessions.insert(newSession(), 100);
		await file.settled();
	}
	t.is(file.version(), version);
	t.is(await sessions.find(session.key), found);
});

test('several processes that write and move at once lose nothing', async (t) => {
	const path = await newPath(t);
	const here = openStores(path);
	t.teardown(() => Promise.all([here.sessions.close(), here.identities.close()]));
	const elsewhere = [startProcess(), startProcess()];
	t.teardown(() => Promise.all(elsewhere.map((each) => each.end())));
	const there = await Promise.all(elsewhere.map((each) => each.open(path)));
	const kept: Session[] = [];
	await Promise.all(
		[here, ...there].map(async ({ sessions }) => {
			for (let index = 0; index < 600; index += 1) {
				const [stays, ends] = [newSession(), newSession()];
				await sessions.insert(stays, 100);
				await sessions.insert(ends, 100);
				await sessions.delete(ends.key);
				kept.push(stays);
			}
		}),
	);
	const db = new DatabaseSync(path);
	t.teardown(() => db.close());
	t.deepEqual(db.prepare('PRAGMA integrity_check').all(), [{ integrity_check: 'ok' }]);
	t.is(await here.sessions.count(), kept.length);
	for (const session of kept) t.deepEqual(await there[0]?.sessions.find(session.key), session);
});

test('a thread that cannot open the file says why, keeps nobody waiting, and is tried again', async (t) => {
	const faults: unknown[] = [];
	const checkpoints = createCheckpoints('/nowhere/latchkey.db', (cause) => faults.push(cause));
	for (const times of [1, 2]) {
		checkpoints.committed(1000 * times);
		await checkpoints.settled();
		t.is(faults.length, times);
		t.regex(String(faults.at(-1)), /unable to open database file/);
	}
	await checkpoints.close();
});
