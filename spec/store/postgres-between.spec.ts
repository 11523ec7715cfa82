import { once } from 'node:events';
import { chmodSync, chownSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer, connect as dial, type Socket } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import type { Permission } from '../../src/core/identity.ts';
import { StoreUnavailable } from '../../src/core/stores.ts';
import { PostgresConnection } from '../../src/store/postgres/connection.ts';
import { createPostgresEnds } from '../../src/store/postgres/ends.ts';
import { createPostgresIdentities } from '../../src/store/postgres/identities.ts';
import { openLine } from '../_support/line.ts';
import { patient } from '../_support/patient.ts';
import { asOwner, noPostgres, type PostgresServer, postgresOwner, startPostgres } from '../_support/postgres.ts';
import { end, freePort, start, until } from '../_support/server.ts';
import { newIdentity } from './identity-store.contract.ts';

/*
 * What stands between us and the tables: poolers, the options of the address, schemas that others make, roles of the same
 * database.
 */

const admin = 'kura.admin' as Permission;

if (noPostgres === undefined) {
	const says = patient(test);
	let server: PostgresServer;
	test.before(async () => {
		server = await startPostgres();
	});
	test.after.always(() => server?.stop());

	const open = (t: ExecutionContext, address: string, options = {}) => {
		const postgres = new PostgresConnection(address, options);
		t.teardown(() => postgres.close());
		return postgres;
	};
	const show = async (postgres: PostgresConnection, setting: string) =>
		(await postgres.query<{ value: string }>({ text: `SELECT current_setting('${setting}') AS value`, values: [] }))[0]
			?.value;

	says(
		'where notifications do not arrive nothing is kept in memory: what is revoked is gone with the next read',
		async (t) => {
			const address = await server.newDatabase();
			const between = await withoutNotifications(t, server.port);
			let deaf = 0;
			const near = createPostgresIdentities(open(t, address));
			const behind = open(t, address.replace(`:${server.port}`, `:${between}`), { onDeaf: () => (deaf += 1) });
			const far = createPostgresIdentities(behind);
			const identity = newIdentity({ permissions: new Set([admin]) });
			await near.insert(identity);
			await until(async () => {
				if (deaf !== 1 || !behind.changes.isThere()) throw new Error('not there yet');
			});
			t.true((await far.find(identity.id))?.permissions.has(admin));
			await near.revoke(identity.id, [admin]);
			t.false((await far.find(identity.id))?.permissions.has(admin));
			t.false(behind.changes.isFollowed());
		},
	);

	test('a server that does not answer is not asked for connections which it would have to see to when it does', async (t) => {
		const line = await openLine(server.port);
		t.teardown(() => line.close());
		const address = await server.newDatabase();
		const told: boolean[] = [];
		const through = address.replace(`:${server.port}`, `:${line.port}`);
		const postgres = open(t, through, { onTransition: (isThere: boolean) => void told.push(isThere) });
		const ask = () => show(postgres, 'application_name').catch((fault) => t.true(fault instanceof StoreUnavailable));
		const askOften = async () => {
			for (let round = 0; round < 5; round += 1) await Promise.all(Array.from({ length: 50 }, ask));
		};
		await until(async () => {
			await askOften();
			if (!postgres.changes.isThere()) throw new Error('not there yet');
		});
		line.cut();
		await until(async () => {
			await ask();
			if (told.at(-1) !== false) throw new Error('still there');
		});
		const before = line.connections();
		await askOften();
		const made = line.connections() - before;
		t.true(made < 10, `those of the follower only: ${made}`);
		line.mend();
		await until(async () => void t.is(await show(postgres, 'application_name'), 'latchkey'));
	});

	says('a pooler of transactions that drops our options is refused in clear words, and not waited for', async (t) => {
		const address = await server.newDatabase();
		const pooler = await startPooler(t, server.port);
		const postgres = open(t, address.replace(`:${server.port}`, `:${pooler}`));
		const fault = await t.throwsAsync(() => postgres.query({ text: 'SELECT 1', values: [] }));
		t.false(fault instanceof StoreUnavailable);
		t.regex(String(fault?.message), /a pooler in between ignores the options of the connection/);
	});

	says('options of the address are kept, and ours win', async (t) => {
		const address = await server.newDatabase();
		const theirs = '-c search_path=public -c synchronous_commit=off -c work_mem=8MB';
		const postgres = open(t, `${address}?application_name=mine&options=${encodeURIComponent(theirs)}`);
		t.is(await show(postgres, 'search_path'), 'pg_catalog');
		t.is(await show(postgres, 'synchronous_commit'), 'on');
		t.is(await show(postgres, 'work_mem'), '8MB');
	});

	says('a function that another role has put in the way is not called', async (t) => {
		const address = await server.newDatabase();
		await server.query(
			address,
			`CREATE FUNCTION public.unnest(text[]) RETURNS SETOF text LANGUAGE plpgsql AS
				$$ BEGIN RAISE EXCEPTION 'called as %', current_user; END $$`,
		);
		const postgres = open(t, address);
		const identities = createPostgresIdentities(postgres);
		const ends = createPostgresEnds(postgres);
		const identity = newIdentity({ permissions: new Set([admin]) });
		await identities.insert(identity);
		t.is(await identities.revoke(identity.id, [admin]), 'done');
		t.true(await identities.grant(identity.id, [admin]));
		const key = 'ab'.repeat(32) as never;
		t.is((await ends.write([key])).size, 1);
		t.is((await ends.find([key])).size, 1);
	});

	says('a database that cannot hold every name is refused in one line', async (t) => {
		const address = await server.newDatabase();
		await server.query(
			address,
			`CREATE DATABASE latin ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0`,
		);
		const postgres = open(t, address.replace(/[^/]+$/, 'latin'));
		const fault = await t.throwsAsync(() => postgres.query({ text: 'SELECT 1', values: [] }));
		t.is(fault?.message, "the database has the encoding LATIN1: create one with ENCODING 'UTF8'");
	});

	says('a schema that somebody else has made for our role is used; no right on the database is needed', async (t) => {
		const address = await server.newDatabase();
		const name = address.replace(/^.*\//, '');
		await server.query(
			address,
			`REVOKE ALL ON DATABASE ${name} FROM PUBLIC; CREATE ROLE app LOGIN; GRANT CONNECT ON DATABASE ${name} TO app;
				CREATE SCHEMA latchkey AUTHORIZATION app`,
		);
		const identities = createPostgresIdentities(open(t, address.replace('//latchkey@', '//app@')));
		t.is(await identities.insert(newIdentity()), 'inserted');
		t.is((await identities.list()).length, 1);
	});

	says('a mistake of ours is no store that is away', async (t) => {
		const postgres = open(t, await server.newDatabase());
		const values = [{ toPostgres: () => (undefined as unknown as { x: { y: string } }).x.y }];
		const fault = await t.throwsAsync(() => postgres.query({ text: 'SELECT $1::text', values }));
		t.false(fault instanceof StoreUnavailable);
		t.true(fault instanceof TypeError);
	});

	says('a read that takes too long costs its own connection, and none of those at rest', async (t) => {
		const address = await server.newDatabase();
		const postgres = open(t, address);
		const ask = (text: string) => postgres.query({ text, values: [] });
		await until(async () => {
			if (!postgres.changes.isFollowed()) throw new Error('not there yet');
		});
		await Promise.all(Array.from({ length: 6 }, () => ask('SELECT pg_sleep(0.1)')));
		const pids = async () =>
			(
				await server.query(
					address,
					"SELECT pid FROM pg_stat_activity WHERE application_name = 'latchkey' AND datname = current_database()",
				)
			).map(({ pid }) => pid);
		const before = await pids();
		await t.throwsAsync(() => ask('SELECT pg_sleep(5)'), { instanceOf: StoreUnavailable });
		const after = new Set(await pids());
		t.true(before.filter((pid) => after.has(pid)).length >= before.length - 1);
	});
} else {
	test.skip(`what stands between PostgreSQL and us: ${noPostgres}`, () => undefined);
}

/** A way to a server on which everything passes but notifications. Returns its port. */
async function withoutNotifications(t: ExecutionContext, port: number): Promise<number> {
	const sockets = new Set<Socket>();
	const proxy = createServer((client) => {
		const upstream = dial(port, '127.0.0.1');
		let kept = Buffer.alloc(0);
		for (const socket of [client, upstream]) sockets.add(socket.on('error', () => undefined));
		client.pipe(upstream);
		upstream.on('data', (chunk) => {
			kept = Buffer.concat([kept, chunk]);
			for (;;) {
				const length = kept.length < 5 ? Number.POSITIVE_INFINITY : kept.readUInt32BE(1) + 1;
				if (kept.length < length) return;
				// A: NotificationResponse.
				if (kept[0] !== 'A'.charCodeAt(0)) client.write(kept.subarray(0, length));
				kept = kept.subarray(length);
			}
		});
		upstream.on('close', () => client.destroy());
		client.on('close', () => upstream.destroy());
	});
	t.teardown(() => {
		for (const socket of sockets) socket.destroy();
		proxy.close();
	});
	proxy.listen(0, '127.0.0.1');
	await once(proxy, 'listening');
	return (proxy.address() as AddressInfo).port;
}

/** The real PgBouncer, as people set it up where a program sends options that it does not know. */
async function startPooler(t: ExecutionContext, port: number): Promise<number> {
	const folder = mkdtempSync(join(tmpdir(), 'latchkey-pgbouncer-'));
	t.teardown(() => rmSync(folder, { recursive: true }));
	const at = await freePort();
	const file = join(folder, 'pgbouncer.ini');
	const lines = [
		'[databases]',
		`* = host=127.0.0.1 port=${port}`,
		'[pgbouncer]',
		`listen_addr = 127.0.0.1`,
		`listen_port = ${at}`,
		'unix_socket_dir =',
		'auth_type = any',
		'pool_mode = transaction',
		'ignore_startup_parameters = options,statement_timeout,extra_float_digits',
	];
	writeFileSync(file, `${lines.join('\n')}\n`.replace('* = host', `* = user=latchkey host`));
	chmodSync(folder, 0o755);
	if (userInfo().uid === 0 && postgresOwner) chownSync(folder, postgresOwner.uid, postgresOwner.gid);
	const [program, args] = asOwner('/usr/sbin/pgbouncer', [file]);
	const child = start(program, args);
	t.teardown(() => end(child, 'SIGKILL'));
	await until(async () => {
		await new Promise<void>((resolve, reject) => {
			const socket = dial(at, '127.0.0.1', () => resolve(void socket.destroy()));
			socket.on('error', reject);
		});
	});
	return at;
}
