import { setTimeout as sleep } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import { Client as PostgresClient } from 'pg';
import type { Permission } from '../../src/core/identity.ts';
import type { Password } from '../../src/core/password.ts';
import { StoreUnavailable } from '../../src/core/stores.ts';
import { PostgresConnection } from '../../src/store/postgres/connection.ts';
import { createPostgresIdentities } from '../../src/store/postgres/identities.ts';
import { createLineage } from '../../src/store/postgres/lineage.ts';
import { type Client, createClient } from '../_support/client.ts';
import { noPostgres, type PostgresServer, type PostgresStandby, startPostgres } from '../_support/postgres.ts';
import { noRedis, type RedisServer, startRedis } from '../_support/redis.ts';
import { until } from '../_support/server.ts';
import { startService, type TestService } from '../_support/service.ts';

/* A primary and its standby; one is lost, the other promoted. Two nodes have both in their address. */

const password = 'four brown bears';
const nextPassword = 'seven green frogs';
const treasure = 'treasure' as Permission;
const why = noRedis ?? noPostgres;

if (why === undefined) {
	let redis: RedisServer;
	let first: PostgresServer;
	let second: PostgresStandby;
	let third: PostgresStandby;
	let database: string;
	let sessions: string;

	const addressOf = (...servers: readonly PostgresServer[]) =>
		`postgres://latchkey@${servers.map(({ port }) => `127.0.0.1:${port}`).join(',')}/${database}`;
	const startNode = async (t: ExecutionContext, ...servers: readonly PostgresServer[]) => {
		const identities = `${addressOf(...servers)}?target_session_attrs=read-write`;
		const node = await until(() => startService({ store: { sessions, identities }, attempts: { limit: 1000 } }));
		t.teardown(node.close);
		await until(async () => {
			if ((await createClient(node).get('/health/ready')).status !== 200) throw new Error('it is not ready');
		});
		return node;
	};
	const answers = (client: Client, status: number) =>
		until(async () => {
			const got = await client.me();
			if (got.status !== status) throw new Error(`${got.status} ${got.text}`);
		});
	const signIn = (node: TestService, name: string) => {
		const client = createClient(node);
		return until(async () => {
			const { status } = await client.login(name, password);
			if (status !== 200) throw new Error(`a login is ${status}`);
			return client;
		});
	};
	const connect = async (t: ExecutionContext, server: PostgresServer) => {
		const client = new PostgresClient({ connectionString: addressOf(server) });
		client.on('error', () => undefined);
		await client.connect();
		t.teardown(() => client.end());
		return client;
	};
	/** Resolves as `waits` does, after somebody has cancelled the wait for the standby that its connection to `first` is in. */
	const cancelled = async <T>(client: PostgresClient, waits: Promise<T>) => {
		const { processID } = client as unknown as { processID: number };
		await until(async () => {
			const [{ number } = {}] = await first.query(
				addressOf(first),
				`SELECT count(pg_cancel_backend(pid))::int AS number FROM pg_stat_activity
					WHERE pid = ${processID} AND wait_event = 'SyncRep'`,
			);
			if (number !== 1) throw new Error('it does not wait');
		});
		return waits;
	};
	const aChange = "SELECT pg_logical_emit_message(true, 'a spec', 'a change')";
	const losses = ({ lines }: TestService) =>
		lines.filter((line) => /PostgreSQL has lost what it had acknowledged/.test(JSON.stringify(line))).length;

	test.before(async (t) => {
		t.timeout(240_000);
		redis = await startRedis();
		first = await startPostgres();
		database = (await first.newDatabase()).replace(/^.*\//, '');
		sessions = redis.newDatabase();
		second = await first.newStandby();
	});
	test.after.always(async () => {
		for (const server of [redis, first, second, third]) await server?.stop();
	});

	test.serial('a standby alone is not read: what it says may be outdated', async (t) => {
		const postgres = new PostgresConnection(addressOf(second));
		t.teardown(() => postgres.close());
		await until(async () => {
			const fault = await t.throwsAsync(() => postgres.query({ text: 'SELECT 1', values: [] }));
			t.true(fault instanceof StoreUnavailable);
			if (!/can only be read/.test(String(fault?.cause))) throw fault;
		});
	});

	test.serial(
		'what the synchronous standby does not have is not acknowledged, and then nothing is answered',
		async (t) => {
			t.timeout(240_000);
			await first.waitFor(second);
			const node = await startNode(t, second, first);
			await node.add('nobody', password);
			const client = await signIn(node, 'nobody');
			t.is((await client.me()).status, 200);
			second.signal('SIGSTOP');
			t.is((await client.changePassword(password, nextPassword)).status, 503);
			await answers(client, 503);
			for (let times = 0; times < 20; times += 1) {
				t.is((await client.me()).status, 503, 'not even what the primary alone could answer');
				await sleep(100);
			}
			const [{ waiting } = {}] = await first.query(
				addressOf(first),
				"SELECT count(*)::int AS waiting FROM pg_stat_activity WHERE wait_event = 'SyncRep'",
			);
			t.true(Number(waiting) < 8, `${waiting} connections are left that wait for the standby`);
			// The change stands on the primary: it may have happened by now.
			const goesOn = () =>
				until(async () => {
					const { status } = await client.me();
					if (status !== 200 && status !== 401) throw new Error(`${status}`);
				});
			await first.set('synchronous_standby_names', '');
			await goesOn();
			second.signal('SIGCONT');
			await first.waitFor(second);
			await goesOn();
			t.is(losses(node), 0);
		},
	);

	test.serial('where somebody cancels the wait for the standby, neither a change nor a beat is believed', async (t) => {
		t.timeout(240_000);
		const client = await connect(t, first);
		const lineage = createLineage(() => undefined);
		await lineage.judge(client);
		await lineage.beat(client);
		const message = /cancelled the wait/;
		second.signal('SIGSTOP');
		try {
			await t.throwsAsync(cancelled(client, lineage.beat(client)), { message });
			const acknowledge = lineage.change();
			await cancelled(client, client.query(aChange));
			await t.throwsAsync(acknowledge(client), { message });
		} finally {
			second.signal('SIGCONT');
		}
		await lineage.beat(client);
		const acknowledge = lineage.change();
		await client.query(aChange);
		await t.notThrowsAsync(acknowledge(client), 'the next one waits');
	});

	test.serial(
		'where no beat has heard yet of a standby that is waited for, what is kept in mind of a change waits for it, too',
		async (t) => {
			t.timeout(240_000);
			await first.set('synchronous_standby_names', '');
			const client = await connect(t, first);
			const lineage = createLineage(() => undefined);
			await lineage.judge(client);
			await lineage.beat(client);
			await first.waitFor(second);
			const acknowledge = lineage.change();
			await client.query(aChange);
			second.signal('SIGSTOP');
			try {
				// By another one, which the standby does not get.
				await first.query(addressOf(first), `SET synchronous_commit = local; ${aChange}`);
				await t.throwsAsync(cancelled(client, acknowledge(client)), { message: /cancelled the wait/ });
			} finally {
				second.signal('SIGCONT');
			}
		},
	);

	test.serial('a synchronous standby that is promoted has everything: 503 until then, and all goes on', async (t) => {
		t.timeout(240_000);
		const [one, other] = [await startNode(t, second, first), await startNode(t, first, second)];
		const ann = await one.add('ann', password, { permissions: [treasure] });
		const leaver = await signIn(one, 'ann');
		const stays = await signIn(other, 'ann');
		await one.service.core.identities.revoke(ann.id, [treasure], {});
		const { jar } = leaver;
		const cookies = [...jar];
		await leaver.logout();
		await first.kill();
		await answers(stays, 503);
		t.is((await createClient(one).login('ann', password)).status, 503);
		await second.promote();
		await answers(stays, 200);
		for (const [name, value] of cookies) jar.set(name, value);
		await answers(leaver, 401);
		const now = await until(() => one.service.core.identities.find(ann.id));
		t.false(now?.permissions.has(treasure));
		await until(() => one.service.core.identities.grant(ann.id, [treasure], {}));
		t.is(losses(one) + losses(other), 0);

		// The server of before comes back, and is a primary of its own.
		await first.restart();
		await first.set('synchronous_standby_names', '');
		await sleep(500);
		await until(() => other.service.core.identities.revoke(ann.id, [treasure], {}));
		const late = await startNode(t, first, second);
		t.false((await until(() => late.service.core.identities.find(ann.id)))?.permissions.has(treasure));
		const [there] = await second.query(
			addressOf(second),
			"SELECT permissions FROM latchkey.identity WHERE name = 'ann'",
		);
		t.deepEqual(there?.permissions, []);
		await first.stop();
	});

	for (const isWaiting of [false, true]) {
		const what = isWaiting
			? 'was let go when standbys were waited for no more'
			: 'came while no beat had heard of that';
		test.serial(`a promotion that loses an acknowledged change is noticed: one that ${what}`, async (t) => {
			t.timeout(240_000);
			const standby = await second.newStandby();
			t.teardown(() => standby.stop());
			await second.waitFor(standby);
			const client = await connect(t, second);
			let lost = 0;
			const lineage = createLineage(() => (lost += 1));
			await lineage.judge(client);
			await lineage.beat(client);
			await standby.detach();
			const change = async () => {
				const acknowledge = lineage.change();
				await client.query(aChange);
				await acknowledge(client);
			};
			const made = isWaiting ? change() : undefined;
			await sleep(1000);
			await second.set('synchronous_standby_names', '');
			await made;
			if (!isWaiting) {
				await until(async () => {
					const { rows } = await client.query("SELECT current_setting('synchronous_standby_names') AS names");
					if (rows[0].names !== '') throw new Error('it waits still');
				});
				await change();
				await lineage.beat(client);
			}
			await standby.promote();
			await lineage.judge(await connect(t, standby));
			t.is(lost, 1);
		});
	}

	test.serial('where the standby lagged, nothing that was ended or used opens anything', async (t) => {
		t.timeout(240_000);
		third = await second.newStandby();
		const node = await startNode(t, second, third);
		const ben = await node.add('ben', password);
		await node.add('cleo', password);
		const [client, gone] = [await signIn(node, 'cleo'), await signIn(node, 'ben')];
		const sql = (on: PostgresServer, text: string) => on.query(addressOf(on), text);
		await sql(
			second,
			`INSERT INTO latchkey.recovery_code (identity_id, verifier, batch) VALUES ('${ben.id}', 'a', 'b');
			INSERT INTO latchkey.api_token (id, key, identity_id, name, permissions, created_at, expires_at)
				VALUES ('t', 'k', '${ben.id}', 'job', '{}', 0, 9000000000000)`,
		);
		await until(async () => {
			if ((await sql(third, 'SELECT 1 FROM latchkey.api_token')).length === 0) throw new Error('it has not come yet');
		});
		await third.detach();
		const cookies = [...gone.jar];
		await gone.logout();
		await sql(second, 'UPDATE latchkey.recovery_code SET used_at = 1; UPDATE latchkey.api_token SET ended_at = 1');
		await until(() =>
			node.service.core.identities.setPassword(
				ben.id,
				nextPassword as Password,
				{ passwordChangeNeeded: false, policy: false },
				{},
			),
		);
		await second.kill();
		await third.promote();
		await until(async () => {
			if (losses(node) === 0) throw new Error('it has not noticed');
		});
		await answers(client, 401);
		for (const [name, value] of cookies) gone.jar.set(name, value);
		await answers(gone, 401);
		t.is(losses(node), 1);
		const [open] = await sql(
			third,
			`SELECT (SELECT count(*) FROM latchkey.recovery_code WHERE used_at IS NULL) AS codes,
				(SELECT count(*) FROM latchkey.api_token WHERE ended_at IS NULL) AS tokens`,
		);
		t.deepEqual(open, { codes: '0', tokens: '0' });
		// What is lost, and named in docs/several-nodes.md.
		await signIn(node, 'ben');
		await second.stop();
	});

	test.serial('a snapshot that was put back opens no session of its past, and only once', async (t) => {
		t.timeout(240_000);
		const postgres = new PostgresConnection(addressOf(third), { onLost: () => (lost += 1) });
		t.teardown(() => postgres.close());
		let lost = 0;
		const identities = createPostgresIdentities(postgres);
		const isFollowed = () =>
			until(async () => {
				if (!postgres.changes.isFollowed()) throw new Error('it is not followed');
			});
		await isFollowed();
		const [someone] = await identities.list();
		await third.shutDown();
		third.keepCopy();
		await third.restart();
		await isFollowed();
		t.is(lost, 0, 'a restart loses nothing');
		await until(() => identities.grant(someone!.id, [treasure]));
		const { credentialStamp } = (await until(() => identities.find(someone!.id)))!;
		await third.kill();
		third.putCopyBack();
		await third.restart();
		await isFollowed();
		const now = (await until(() => identities.find(someone!.id)))!;
		t.false(now.permissions.has(treasure));
		t.not(now.credentialStamp, credentialStamp);
		t.is(lost, 1);
	});
} else {
	test.skip(`PostgreSQL whose standby is promoted: ${why}`, () => undefined);
}
