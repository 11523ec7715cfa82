import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import test, { type ExecutionContext } from 'ava';
import type { Session } from '../../src/core/session.ts';
import type { SessionStore } from '../../src/core/stores.ts';
import { parseRedisAddress } from '../../src/store/redis/address.ts';
import { RedisConnection } from '../../src/store/redis/connection.ts';
import { createRedisSessions } from '../../src/store/redis/sessions.ts';
import { createSqliteEnds } from '../../src/store/sqlite/ends.ts';
import { openSqlite } from '../../src/store/sqlite/open.ts';
import { newCa, serverAuth } from '../_support/certificates.ts';
import { noRedis, type RedisServer, startRedis, startSentinel } from '../_support/redis.ts';
import { freePort } from '../_support/server.ts';
import { newSession } from './session-store.contract.ts';
import { soon } from './soon.ts';

/** Milliseconds for servers to find each other, or another master. */
const longMs = 50_000;

const server = { kind: 'server', tls: false, database: 0, master: '', sentinel: {} };
const cache = { host: 'cache', port: 6379 };
const [a, b] = [
	{ host: 'a', port: 6379 },
	{ host: 'b', port: 7001 },
];
const addresses: [string, object][] = [
	['redis://cache', { ...server, nodes: [cache] }],
	['redis://127.0.0.1:7000/3', { ...server, nodes: [{ host: '127.0.0.1', port: 7000 }], database: 3 }],
	['rediss://[::1]:7000', { ...server, tls: true, nodes: [{ host: '::1', port: 7000 }] }],
	['redis://:a%40b:c@cache', { ...server, nodes: [cache], password: 'a@b:c' }],
	['redis://jo:pw@cache/', { ...server, nodes: [cache], username: 'jo', password: 'pw' }],
	['redis+cluster://a,b:7001', { ...server, kind: 'cluster', nodes: [a, b] }],
	[
		'rediss+sentinel://:pw@a:6379,b:7001/main',
		{ ...server, kind: 'sentinel', tls: true, nodes: [a, b], password: 'pw', master: 'main' },
	],
	[
		'redis+sentinel://jo:pw@a,b:7001/main/2?sentinelUsername=s&sentinelPassword=p%2Bw%3D',
		{
			...server,
			kind: 'sentinel',
			nodes: [{ host: 'a', port: 26_379 }, b],
			...{ username: 'jo', password: 'pw', master: 'main', database: 2 },
			sentinel: { username: 's', password: 'p+w=' },
		},
	],
];
for (const [text, means] of addresses) {
	test(`${text} is understood`, (t) => {
		const address: object = parseRedisAddress(text);
		t.deepEqual(address, means);
	});
}

function openSessions(t: ExecutionContext, address: string) {
	const ends = createSqliteEnds(openSqlite(':memory:'));
	const store = createRedisSessions(new RedisConnection(address), ends, async () => sealingKey);
	t.teardown(() => store.close());
	return store;
}

function takes(store: SessionStore, session: Session): Promise<boolean> {
	return store.insert(session, 10).then(
		() => true,
		() => false,
	);
}

async function startServer(t: ExecutionContext, words: readonly string[] = []): Promise<RedisServer> {
	const redis = await startRedis(words);
	t.teardown(() => redis.stop());
	return redis;
}

const sealingKey = randomBytes(32);

if (noRedis === undefined) {
	test.serial('behind Sentinels the master is found, and the next when it dies; what was ended stays so', async (t) => {
		const master = await startServer(t, ['--repl-diskless-sync-delay', '0']);
		const replica = await startServer(t, ['--replicaof', `127.0.0.1 ${master.port}`]);
		const isLinked = async () => String(await replica.command('INFO', 'replication')).includes('link_status:up');
		t.true(await soon(isLinked, longMs), String(await replica.command('INFO', 'replication')));
		const sentinel = await startSentinel('main', master.port);
		t.teardown(() => sentinel.stop());
		const store = openSessions(t, `redis+sentinel://127.0.0.1:${sentinel.port}/main`);
		const [stays, ended] = [newSession(), newSession()];
		t.true(await soon(() => takes(store, stays), longMs));
		await store.insert(ended, 10);
		t.deepEqual(await store.find(ended.key), ended);
		const isThere = async () => Number(await replica.command('EXISTS', `{latchkey}:s:${ended.key}`)) === 1;
		t.true(await soon(isThere, longMs));
		t.true(await soon(() => sentinel.knowsReplica(), longMs));
		// The replica hears nothing any more, and nobody makes it the master yet: the end dies with this one.
		sentinel.signal('SIGSTOP');
		await replica.command('REPLICAOF', '127.0.0.1', '1');
		t.true(await soon(() => store.delete(ended.key).catch(() => false), longMs));
		await master.kill();
		sentinel.signal('SIGCONT');
		const from = performance.now();
		const answers = async () => (await store.find(stays.key).catch(() => undefined)) !== undefined;
		t.true(await soon(answers, longMs));
		t.log(`answers again ${(performance.now() - from).toFixed(0)} ms after the master died`);
		t.is(await store.find(ended.key), undefined);
		t.true(await isThere(), 'though the new master knows nothing of its end');
		t.true(await takes(store, newSession()));

		// A Sentinel that is cut off from the others names a master of its own, with an epoch of before.
		const former = await startServer(t);
		const cutOff = await startSentinel('main', former.port);
		t.teardown(() => cutOff.stop());
		const both = `redis+sentinel://127.0.0.1:${cutOff.port},127.0.0.1:${sentinel.port}/main`;
		const misled = async () => (await former.command('EXISTS', '{latchkey}:beat')) === 1;
		sentinel.signal('SIGSTOP');
		const other = openSessions(t, both);
		t.true(await soon(misled, longMs), 'believed as long as nobody else answers');
		sentinel.signal('SIGCONT');
		const sees = async () => (await other.find(stays.key).catch(() => undefined)) !== undefined;
		t.true(await soon(sees, longMs), 'and left when somebody does');
	});

	test.serial('over TLS a server is believed whose certificate we trust, and no other', async (t) => {
		const folder = await mkdtemp(join(tmpdir(), 'latchkey-redis-tls-'));
		t.teardown(() => rm(folder, { recursive: true }));
		const ca = await newCa();
		const { cert, key } = await ca.issue({ hosts: ['localhost'], purposes: [serverAuth] });
		const files = { 'tls-cert-file': cert, 'tls-key-file': key, 'tls-ca-cert-file': ca.cert };
		const words: string[] = [];
		for (const [name, text] of Object.entries(files)) {
			await writeFile(join(folder, name), text);
			words.push(`--${name}`, join(folder, name));
		}
		const tlsPort = await freePort();
		await startServer(t, ['--tls-port', String(tlsPort), '--tls-auth-clients', 'no', ...words]);
		const address = `rediss://localhost:${tlsPort}/1`;
		const session = newSession();
		await t.throwsAsync(openSessions(t, address).find(session.key), { name: 'StoreUnavailable' });
		const trusted = getCACertificates('default');
		t.teardown(() => setDefaultCACertificates(trusted));
		setDefaultCACertificates([...trusted, ca.cert]);
		const [one, other] = [openSessions(t, address), openSessions(t, address)];
		await one.insert(session, 10);
		t.deepEqual(await other.find(session.key), session);
		t.true(await one.delete(session.key));
		t.true(await soon(async () => (await other.find(session.key)) === undefined));
		await t.throwsAsync(openSessions(t, address.replace('localhost', '127.0.0.1')).find(session.key));
	});

	test.serial('a server that was made a replica is left at once', async (t) => {
		const one = await startServer(t);
		const other = await startServer(t);
		const told: boolean[] = [];
		const onTransition = (isThere: boolean) => void told.push(isThere);
		const redis = new RedisConnection(`redis://127.0.0.1:${one.port}`, { onTransition });
		t.teardown(() => redis.close());
		const ping = () => redis.run((client) => client.ping());
		await ping();
		await one.command('REPLICAOF', '127.0.0.1', String(other.port));
		t.true(await soon(async () => told.includes(false), longMs));
		t.false(redis.isFollowed());
		await t.throwsAsync(ping(), { name: 'StoreUnavailable' });
		await one.command('REPLICAOF', 'NO', 'ONE');
		t.true(await soon(async () => redis.isFollowed(), longMs));
		t.deepEqual(told, [false, true]);
	});

	test.serial('in a Cluster the node is found that has our keys; while they move, sessions go on', async (t) => {
		const [busOfOne, busOfOther] = [await freePort(), await freePort()];
		const start = (bus: number) =>
			startServer(t, ['--cluster-enabled', 'yes', '--databases', '1', '--cluster-port', String(bus)]);
		const [one, other] = [await start(busOfOne), await start(busOfOther)];
		await one.command('CLUSTER', 'ADDSLOTSRANGE', '0', '8191');
		await other.command('CLUSTER', 'ADDSLOTSRANGE', '8192', '16383');
		await one.command('CLUSTER', 'MEET', '127.0.0.1', String(other.port), String(busOfOther));
		const isWhole = async (node: RedisServer) =>
			String(await node.command('CLUSTER', 'INFO')).includes('cluster_state:ok');
		t.true(await soon(async () => (await isWhole(one)) && (await isWhole(other)), longMs));
		for (const node of [one, other]) {
			const store = openSessions(t, `redis+cluster://127.0.0.1:${node.port}`);
			const session = newSession();
			t.true(await soon(() => takes(store, session), longMs));
			t.deepEqual(await store.find(session.key), session);
			t.deepEqual(await store.deleteOf(session.identityId), [session]);
		}
		const stays = newSession();
		const ends = createSqliteEnds(openSqlite(':memory:'));
		const address = `redis+cluster://127.0.0.1:${one.port},127.0.0.1:${other.port}`;
		const open = () => createRedisSessions(new RedisConnection(address), ends, async () => sealingKey);
		const store = open();
		t.teardown(() => store.close());
		t.true(await soon(() => takes(store, stays), longMs));
		const [idOfOne, idOfOther] = [await one.command('CLUSTER', 'MYID'), await other.command('CLUSTER', 'MYID')];
		const slot = String(await one.command('CLUSTER', 'KEYSLOT', '{latchkey}'));
		await other.command('CLUSTER', 'SETSLOT', slot, 'IMPORTING', String(idOfOne));
		await one.command('CLUSTER', 'SETSLOT', slot, 'MIGRATING', String(idOfOther));
		const move = (...keys: string[]) =>
			one.command('MIGRATE', '127.0.0.1', String(other.port), '', '0', '5000', 'KEYS', ...keys);
		await move(`{latchkey}:s:${stays.key}`, '{latchkey}:beat');
		const late = open();
		t.teardown(() => late.close());
		for (const each of [store, late]) {
			const isThere = async () => (await each.find(stays.key).catch(() => undefined))?.key === stays.key;
			t.true(await soon(isThere, longMs), 'a session that has moved already goes on');
			t.is(await each.find(newSession().key), undefined);
		}
		await t.throwsAsync(late.insert(newSession(), 10), { name: 'StoreUnavailable' }, 'nothing is written in between');
		await move(...((await one.command('CLUSTER', 'GETKEYSINSLOT', slot, '1000')) as string[]));
		for (const node of [other, one]) await node.command('CLUSTER', 'SETSLOT', slot, 'NODE', String(idOfOther));
		t.true(await soon(() => takes(late, newSession()), longMs));
		t.true(await soon(() => store.delete(stays.key).catch(() => false), longMs));
		t.is(await late.find(stays.key), undefined);
	});
} else {
	test.skip(`Sentinels and Clusters are followed: ${noRedis}`, () => undefined);
}
