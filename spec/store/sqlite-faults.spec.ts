import { statSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import test from 'ava';
import type { Instant } from '../../src/core/clock.ts';
import type { Session } from '../../src/core/session.ts';
import { type AttemptKey, StoreUnavailable } from '../../src/core/stores.ts';
import { createSqliteAttempts } from '../../src/store/sqlite/attempts.ts';
import { createSqliteIdentities } from '../../src/store/sqlite/identities.ts';
import { openSqlite } from '../../src/store/sqlite/open.ts';
import { createSqliteSessions } from '../../src/store/sqlite/sessions.ts';
import { newIdentity } from './identity-store.contract.ts';
import { after, newSession } from './session-store.contract.ts';
import { newPath } from './sqlite-process.ts';

test('keys and stamps are kept as bytes, and a session takes less than 300', async (t) => {
	const path = await newPath(t);
	const file = openSqlite(path);
	const sessions = createSqliteSessions(file);
	const many = 10_000;
	const empty = statSync(path).size;
	const device = 'Mobile Safari on iPhone';
	for (let index = 0; index < many; index += 1) await sessions.insert(newSession({ device }), 100);
	await sessions.close();
	const each = (statSync(path).size - empty) / many;
	t.log(`${Math.round(each)} bytes`);
	t.true(each < 300);
});

test('a full disk refuses what is new, keeps what is there, and leaves nothing half done', async (t) => {
	const file = openSqlite(await newPath(t));
	const sessions = createSqliteSessions(file);
	const identities = createSqliteIdentities(file);
	t.teardown(() => Promise.all([sessions.close(), identities.close()]));
	const pages = file.prepare<[number]>('PRAGMA page_count').get()?.[0] ?? 0;
	file.prepare(`PRAGMA max_page_count = ${pages + 8}`).get();
	const kept: Session[] = [];
	const { identityId } = newSession();
	const error = await t.throwsAsync(
		async () => {
			for (let index = 0; index < 1000; index += 1) {
				const session = newSession({ identityId });
				await sessions.insert(session, 1000);
				kept.push(session);
			}
		},
		{ instanceOf: StoreUnavailable },
	);
	t.regex(String(error?.cause), /full/);
	t.is(await sessions.count(), kept.length);
	for (const session of kept) t.deepEqual(await sessions.find(session.key), session);
	await t.throwsAsync(sessions.insert(newSession({ device: 'x'.repeat(9000) }), 1000), {
		instanceOf: StoreUnavailable,
	});
	await t.throwsAsync(
		async () => {
			for (let index = 0; index < 1000; index += 1) await identities.insert(newIdentity());
		},
		{ instanceOf: StoreUnavailable },
	);
	t.is(await sessions.count(), kept.length);
	file.prepare('PRAGMA max_page_count = 100000').get();
	const later = newSession();
	await sessions.insert(later, 100);
	t.deepEqual(await sessions.find(later.key), later);
	t.is((await sessions.deleteOf(identityId)).length, kept.length);
});

test('a store that another process blocks is unavailable for writing, and still read', async (t) => {
	const path = await newPath(t);
	const file = openSqlite(path, { busyMs: 50 });
	const sessions = createSqliteSessions(file);
	const attempts = createSqliteAttempts(file);
	t.teardown(() => sessions.close());
	const session = newSession();
	await sessions.insert(session, 100);
	const blocker = new DatabaseSync(path);
	blocker.exec('BEGIN IMMEDIATE');
	for (const write of [
		() => sessions.insert(newSession(), 100),
		() => sessions.delete(session.key),
		() => sessions.touch(new Map([[session.key, after(1000)]])),
		() => attempts.add('x' as AttemptKey, 1000),
	]) {
		const error = await t.throwsAsync(write(), { instanceOf: StoreUnavailable });
		t.regex(String(error?.cause), /locked/);
		t.deepEqual(await sessions.find(session.key), session);
	}
	blocker.exec('ROLLBACK');
	blocker.close();
	t.true(await sessions.delete(session.key));
});

test('a file that may not be written any more is unavailable, and a mistake of ours is not', async (t) => {
	const file = openSqlite(await newPath(t));
	const sessions = createSqliteSessions(file);
	t.teardown(() => sessions.close());
	const session = newSession();
	await sessions.insert(session, 100);
	await t.throwsAsync(sessions.insert(session, 100), { message: /UNIQUE/, code: 'ERR_SQLITE_ERROR' });
	file.prepare('PRAGMA query_only = ON').run();
	await t.throwsAsync(sessions.delete(session.key), { instanceOf: StoreUnavailable });
	t.deepEqual(await sessions.find(session.key), session);
});

test('counters survive a restart, and those that are over leave the file', async (t) => {
	const path = await newPath(t);
	let now = Date.now();
	const clock = { now: () => now as Instant };
	const key = (text: string) => text as AttemptKey;
	let file = openSqlite(path);
	let attempts = createSqliteAttempts(file, clock);
	for (let index = 0; index < 100; index += 1) await attempts.add(key(`short-${index}`), 1000);
	await attempts.add(key('long'), 60_000);
	await file.close();
	file = openSqlite(path);
	attempts = createSqliteAttempts(file, clock);
	t.is((await attempts.add(key('long'), 60_000)).count, 2);
	now += 1001;
	for (let index = 0; index < 60; index += 1) await attempts.add(key('long'), 60_000);
	t.is(file.prepare<[number]>('SELECT count(*) FROM attempt').get()?.[0], 1);
	await file.close();
});
