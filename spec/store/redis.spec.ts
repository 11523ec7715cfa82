import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import { createClient } from 'redis';
import type { Ceremony } from '../../src/core/ceremony.ts';
import { completed, type Session } from '../../src/core/session.ts';
import { createRedisAttempts } from '../../src/store/redis/attempts.ts';
import { RedisConnection } from '../../src/store/redis/connection.ts';
import { createRedisSessions } from '../../src/store/redis/sessions.ts';
import { createSqliteEnds } from '../../src/store/sqlite/ends.ts';
import { openSqlite } from '../../src/store/sqlite/open.ts';
import { patient } from '../_support/patient.ts';
import { noRedis, type RedisDatabases } from '../_support/redis.ts';
import { until } from '../_support/server.ts';
import { sharedRedis } from '../_support/servers.ts';
import { keepsAttempts } from './attempt-store.contract.ts';
import { keepsCeremonies, newCeremony } from './ceremony-store.contract.ts';
import { keepsHandovers, newChild, newTicket } from './handover-store.contract.ts';
import { keepsRefreshTokens, newFamily } from './refresh-token-store.contract.ts';
import { after, keepsSessions, newSession } from './session-store.contract.ts';

const sealingKey = randomBytes(32);

if (noRedis === undefined) {
	const says = patient(test.serial);
	let server: RedisDatabases;
	test.before(async () => {
		server = await sharedRedis();
	});

	for (const keeps of [keepsSessions, keepsHandovers, keepsCeremonies, keepsRefreshTokens]) {
		keeps(says, 'Redis', async () => {
			const address = server.newDatabase();
			const ends = createSqliteEnds(openSqlite(':memory:'));
			const open = () => createRedisSessions(new RedisConnection(address), ends, async () => sealingKey);
			return { store: open(), reopen: async () => open() };
		});
	}

	keepsAttempts(says, 'Redis', async (t) => {
		const address = server.newDatabase();
		const open = () => {
			const redis = new RedisConnection(address);
			t.teardown(() => redis.close());
			return createRedisAttempts(redis);
		};
		return { store: open(), reopen: async () => open(), pass: (ms) => sleep(ms) };
	});

	/** A store on a database of its own, and what somebody else with access to that database may do. */
	async function besideOthers(t: ExecutionContext) {
		const address = server.newDatabase();
		const ends = createSqliteEnds(openSqlite(':memory:'));
		const store = createRedisSessions(new RedisConnection(address), ends, async () => sealingKey);
		t.teardown(() => store.close());
		// Connects while this process is busy with all the other tests of this file.
		const client = createClient({ url: address, socket: { connectTimeout: 60_000 } });
		await client.connect();
		t.teardown(() => client.destroy());
		return { store, ends, client, at: (key: string) => `{latchkey}:s:${key}` };
	}

	says('a reader of Redis learns no XSRF token, no credential stamp and no address', async (t) => {
		const { store, client, at } = await besideOthers(t);
		const session = newSession();
		await store.insert(session, 10);
		const text = (await client.get(at(session.key))) ?? '';
		t.true(text.length > 100);
		for (const secret of [session.xsrfToken, session.credentialStamp, session.address]) t.false(text.includes(secret));
		t.deepEqual(await store.find(session.key), session);
	});

	const forgeries: readonly (readonly [says: string, forge: (text: string, other: Session) => string])[] = [
		['nothing', () => ''],
		['no JSON', () => '0001790000000000{"key":'],
		['JSON of another kind', () => '0001790000000000[]'],
		['a session in clear', (text, other) => text.slice(0, 16) + JSON.stringify({ ...other, state: 'ajar' })],
		[
			'another identity',
			(text, { identityId }) => text.replace(/"identityId":"[^"]*"/, `"identityId":"${identityId}"`),
		],
		['another dialect', (text) => text.replace(/"dialect":"[^"]*"/, '"dialect":"insights"')],
		[
			'one bit of another',
			(text) => text.replace(/"sealed":"(.)/, (_, first) => `"sealed":"${first === 'A' ? 'B' : 'A'}`),
		],
		['a time that is none', (text) => `${'x'.repeat(16)}${text.slice(16)}`],
	];
	for (const [what, forge] of forgeries) {
		says(`what somebody has put in the place of a session is none, and in nobody’s way: ${what}`, async (t) => {
			const { store, client, at } = await besideOthers(t);
			const [forged, other] = [newSession(), newSession()];
			for (const session of [forged, other]) await store.insert(session, 10);
			const text = (await client.get(at(forged.key))) ?? '';
			await client.set(at(forged.key), forge(text, other));
			await until(async () => t.is(await store.find(forged.key), undefined));
			t.deepEqual(
				(await store.list(undefined, 10)).map(({ key }) => key),
				[other.key],
			);
			t.is(await client.get(at(forged.key)), null, 'it is gone');
			t.is((await store.deleteOf(forged.identityId)).length, 0);
			const next = { ...newSession(), identityId: forged.identityId };
			await store.insert(next, 'alone');
			t.deepEqual(
				(await store.deleteOf(forged.identityId)).map(({ key }) => key),
				[next.key],
			);
		});
	}

	says('nor in the way of one that comes at the limit, or takes the place of another', async (t) => {
		const { store, client, at } = await besideOthers(t);
		const [forged, locked] = [newSession(), newSession({ state: 'locked', needs: 'second-factor' })];
		const mine = { ...locked, identityId: forged.identityId };
		for (const session of [forged, mine]) await store.insert(session, 10);
		await client.set(at(forged.key), `${((await client.get(at(forged.key))) ?? '').slice(0, 16)}{}`);
		const next = { ...newSession(), identityId: forged.identityId };
		t.deepEqual(await store.insert(next, 1), []);
		t.deepEqual(await store.find(next.key), next);
		t.is(await client.get(at(forged.key)), null);
		await client.set(at(next.key), 'nothing');
		const raised = completed({ ...mine, key: newSession().key, state: 'open' });
		t.deepEqual(await store.replace(mine.key, raised, 1), { isDone: true, ended: [] });
		t.deepEqual(await store.find(raised.key), raised);
		t.deepEqual(await store.list(forged.identityId, 10), [raised]);
	});

	says('what was ended for one that takes a place is told, where that place is gone meanwhile', async (t) => {
		const { store, ends } = await besideOthers(t);
		const [open, locked] = [newSession(), newSession({ state: 'locked', needs: 'second-factor' })];
		const waiting = { ...locked, identityId: open.identityId };
		for (const session of [open, waiting]) await store.insert(session, 10);
		const { write } = ends;
		ends.write = async (keys) => {
			const fresh = await write(keys);
			// On record are the one that waits, then the one that there is no room for: somebody who ends all ends neither.
			if (keys.includes(open.key)) {
				ends.write = write;
				t.deepEqual(await store.deleteOf(open.identityId), []);
			}
			return fresh;
		};
		const raised = completed({ ...waiting, key: newSession().key, state: 'open' });
		t.deepEqual(await store.replace(waiting.key, raised, 1), { isDone: false, ended: [waiting, open] });
		for (const { key } of [open, waiting, raised]) t.is(await store.find(key), undefined);
	});

	says('a session that was moved to another key opens nothing there', async (t) => {
		const { store, client, at } = await besideOthers(t);
		const [session, thief] = [newSession(), newSession()];
		await store.insert(session, 10);
		await client.set(at(thief.key), (await client.get(at(session.key))) ?? '');
		t.is(await store.find(thief.key), undefined);
	});

	says('a reader of Redis learns nothing of tickets and child sessions, and a writer makes none', async (t) => {
		const { store, client } = await besideOthers(t);
		const [session, other] = [newSession(), newSession()];
		for (const each of [session, other]) await store.insert(each, 10);
		const [child, theirs, ticket] = [newChild(session), newChild(other), newTicket(session)];
		for (const each of [child, theirs]) await store.handover.insert(each, 10, 60_000);
		await store.handover.putTicket(ticket, 10, 60_000);
		const texts = [await client.get(`{latchkey}:h:${child.key}`), await client.get(`{latchkey}:t:${ticket.key}`)];
		for (const secret of [child.xsrfToken, child.host, ticket.url, ticket.browser]) {
			for (const text of texts) t.false(text?.includes(secret), secret);
		}
		await client.set(`{latchkey}:h:${child.key}`, (await client.get(`{latchkey}:h:${theirs.key}`)) ?? '');
		await until(async () => t.is(await store.handover.find(child.key), undefined));
		for (const forged of ['', 'x', JSON.stringify(child), JSON.stringify(ticket)]) {
			await client.set(`{latchkey}:h:${child.key}`, forged);
			await client.set(`{latchkey}:t:${ticket.key}`, forged);
			t.is(await store.handover.find(child.key), undefined, forged);
			t.is(await store.handover.takeTicket(ticket.key), undefined, forged);
			t.deepEqual([...(await store.handover.hostsOf([session.key]))], []);
		}
	});

	says('a ticket that comes back with an older Redis is not taken once more', async (t) => {
		const { store, client } = await besideOthers(t);
		const session = newSession();
		await store.insert(session, 10);
		const ticket = newTicket(session);
		await store.handover.putTicket(ticket, 10, 60_000);
		const text = (await client.get(`{latchkey}:t:${ticket.key}`)) ?? '';
		t.deepEqual(await store.handover.takeTicket(ticket.key), ticket);
		await client.set(`{latchkey}:t:${ticket.key}`, text);
		t.is(await store.handover.takeTicket(ticket.key), undefined);
	});

	says('a refresh token that comes back with an older Redis is not good once more', async (t) => {
		const { store, client } = await besideOthers(t);
		const family = newFamily();
		await store.refreshTokens.insert(family, 10);
		const place = `{latchkey}:f:${family.key}`;
		const old = (await client.get(place)) ?? '';
		for (const secret of [family.current, family.credentialStamp]) t.false(old.includes(secret));
		t.true((await client.pTTL(place)) > 0);
		const next = { ...family, current: newFamily().current };
		t.true(await store.refreshTokens.replace(next, family.current));
		await client.set(place, old);
		t.deepEqual(await store.refreshTokens.find(family.key), family);
		t.false(await store.refreshTokens.replace({ ...family, current: newFamily().current }, family.current));
		await store.refreshTokens.delete(family.key);
		await client.set(place, old);
		t.is(await store.refreshTokens.find(family.key), undefined, 'nor a family that was ended');
		const forged = newFamily();
		for (const text of ['', 'x', JSON.stringify(forged), old]) {
			await client.set(`{latchkey}:f:${forged.key}`, text);
			t.is(await store.refreshTokens.find(forged.key), undefined, text);
		}
	});

	says('a ceremony tells a reader of Redis nothing, cannot be made by a writer, and does not come back', async (t) => {
		const { store, client } = await besideOthers(t);
		const [one, other] = [newCeremony({ session: newSession().key }), newCeremony()];
		for (const each of [one, other]) await store.ceremonies.put(each, after(0), 10);
		const placeOf = ({ key }: Ceremony) => `{latchkey}:c:${key}`;
		const text = (await client.get(placeOf(one))) ?? '';
		t.true(text.length > 100);
		for (const fact of [one.session ?? '', one.purpose]) t.false(text.includes(fact), fact);
		await client.set(placeOf(other), text);
		t.is(await store.ceremonies.take(other.key), undefined, 'moved to another key');
		t.deepEqual(await store.ceremonies.take(one.key), one);
		await client.set(placeOf(one), text);
		t.is(await store.ceremonies.take(one.key), undefined, 'back from an older Redis');
	});

	says(
		'tickets and child sessions leave nothing behind, also where an older version ended their session',
		async (t) => {
			const { store, client } = await besideOthers(t);
			for (const isOld of [false, true]) {
				const session = newSession();
				await store.insert(session, 10);
				await store.handover.insert(newChild(session), 10, 60_000);
				await store.handover.putTicket(newTicket(session), 10, 60_000);
				const left = async () => (await client.keys('{latchkey}:*')).filter((key) => /:(h|hs|t|ts):/.test(key));
				t.is((await left()).length, 4);
				// A version before knows of none of them.
				if (isOld) await client.del(`{latchkey}:s:${session.key}`);
				else await store.delete(session.key);
				for (const key of await left()) t.true(isOld && (await client.pTTL(key)) > 0, key);
			}
		},
	);

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
