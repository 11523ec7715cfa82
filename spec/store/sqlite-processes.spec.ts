import { once } from 'node:events';
import { createInterface } from 'node:readline';
import test from 'ava';
import type { SessionKey } from '../../src/core/session.ts';
import { openSqlite } from '../../src/store/sqlite/open.ts';
import { createSqliteSessions } from '../../src/store/sqlite/sessions.ts';
import { isSync, startChild, stepIn, traceChild } from './child.ts';
import { newIdentity } from './identity-store.contract.ts';
import { after, newSession } from './session-store.contract.ts';
import { newPath, openStores, startProcess } from './sqlite-process.ts';

test('a session that another process ended is not found once more, although it was just in use here', async (t) => {
	const path = await newPath(t);
	const { sessions, identities } = openStores(path);
	t.teardown(() => Promise.all([sessions.close(), identities.close()]));
	const elsewhere = startProcess();
	t.teardown(() => elsewhere.end());
	const other = await elsewhere.open(path);
	for (let round = 0; round < 200; round += 1) {
		const session = newSession();
		await sessions.insert(session, 100);
		t.deepEqual(await sessions.find(session.key), session);
		await other.sessions.delete(session.key);
		t.is(await sessions.find(session.key), undefined);
	}
	const identity = newIdentity();
	await identities.insert(identity);
	for (let round = 0; round < 200; round += 1) {
		await identities.find(identity.id);
		await other.identities.setDisabled(identity.id, round % 2 === 0);
		t.is((await identities.find(identity.id))?.disabled, round % 2 === 0);
	}
});

test('a second connection of the same process sees an end at once as well', async (t) => {
	const path = await newPath(t);
	const one = openStores(path);
	const other = openStores(path);
	t.teardown(() => Promise.all([one, other].flatMap((stores) => [stores.sessions.close(), stores.identities.close()])));
	const session = newSession();
	await one.sessions.insert(session, 100);
	t.deepEqual(await other.sessions.find(session.key), session);
	await one.sessions.delete(session.key);
	t.is(await other.sessions.find(session.key), undefined);
});

test('a check of a session that did not change reads nothing and makes nothing', async (t) => {
	const { sessions, identities } = openStores(await newPath(t));
	t.teardown(() => Promise.all([sessions.close(), identities.close()]));
	const session = newSession();
	await sessions.insert(session, 100);
	t.is(await sessions.find(session.key), await sessions.find(session.key));
});

test('more sessions than are kept in memory are all found', async (t) => {
	const sessions = createSqliteSessions(openSqlite(':memory:'));
	const all = Array.from({ length: 25_000 }, () => newSession());
	for (const session of all) await sessions.insert(session, 100);
	const lost = [];
	for (const { key } of all) if ((await sessions.find(key))?.key !== key) lost.push(key);
	t.deepEqual(lost, []);
	await sessions.touch(new Map(all.map(({ key }) => [key, after(1000)])));
	for (const { key } of all) if ((await sessions.find(key))?.lastActivityAt !== after(1000)) lost.push(key);
	t.deepEqual(lost, []);
});

for (const afterMs of [50, 120, 250, 400]) {
	test(`what was acknowledged before a kill -9 holds (${afterMs} ms under load)`, async (t) => {
		const path = await newPath(t);
		const child = startChild(path, 'load');
		const told: string[] = [];
		child.stdout.once('data', () => setTimeout(() => child.kill('SIGKILL'), afterMs));
		for await (const line of createInterface(child.stdout)) told.push(line);
		if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
		t.is(child.signalCode, 'SIGKILL');
		const { sessions, identities } = openStores(path);
		t.teardown(() => Promise.all([sessions.close(), identities.close()]));
		const toldOf = (word: string) =>
			told.flatMap((line) => (line.startsWith(`${word} `) ? line.slice(word.length + 1) : []));
		const ended = new Set(toldOf('ended'));
		const ending = new Set(toldOf('ending'));
		t.log(`${toldOf('opened').length} opened, ${ended.size} ended`);
		t.true(ended.size > 0);
		for (const key of toldOf('opened')) {
			const isThere = (await sessions.find(key as SessionKey)) !== undefined;
			if (ended.has(key)) t.false(isThere, `${key} came back`);
			else if (!ending.has(key)) t.true(isThere, `${key} was lost`);
		}
		const [identity] = await identities.list();
		t.false(toldOf('changed').slice(0, -1).includes(String(identity?.credentialStamp)), 'an old password came back');
	});
}

test('an end and a change of credentials are on the disk before they are told; a touch and a login wait for no disk', async (t) => {
	const lines = await traceChild(t, await newPath(t), 'steps');
	if (lines === undefined) {
		t.pass();
		return;
	}
	const synced = new Map<string, boolean>();
	let seen = false;
	for (const line of lines) {
		if (isSync(line)) seen = true;
		const step = stepIn(line);
		if (step !== undefined) {
			synced.set(step, seen);
			seen = false;
		}
	}
	t.deepEqual(Object.fromEntries(synced), {
		ready: true,
		'insert a session': false,
		'insert one that leaves no room for another': true,
		'insert one that is to be alone': true,
		'touch it': false,
		'find it': false,
		'end it': true,
		'end all of an identity': true,
		'count an attempt': false,
		'insert an identity': true,
		'change credentials': true,
		grant: true,
		revoke: true,
		disable: true,
		remove: true,
	});
});
