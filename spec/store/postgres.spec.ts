import { setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import pg from 'pg';
import { StoreUnavailable } from '../../src/core/stores.ts';
import { newSetupToken } from '../../src/core/token.ts';
import { createPostgresApiTokens } from '../../src/store/postgres/api-tokens.ts';
import { createPostgresAttempts } from '../../src/store/postgres/attempts.ts';
import { createPostgresAudit } from '../../src/store/postgres/audit.ts';
import { PostgresConnection } from '../../src/store/postgres/connection.ts';
import { createPostgresEnds } from '../../src/store/postgres/ends.ts';
import { createPostgresIdentities } from '../../src/store/postgres/identities.ts';
import { createPostgresInvitations } from '../../src/store/postgres/invitations.ts';
import { createPostgresNotes } from '../../src/store/postgres/notes.ts';
import { patient } from '../_support/patient.ts';
import { noPostgres, type PostgresDatabases } from '../_support/postgres.ts';
import { until } from '../_support/server.ts';
import { sharedPostgres } from '../_support/servers.ts';
import { keepsApiTokens } from './api-token-store.contract.ts';
import { keepsAttempts } from './attempt-store.contract.ts';
import { keepsAudit } from './audit-table.contract.ts';
import { keepsAuthenticators } from './authenticator-store.contract.ts';
import { keepsEnds } from './end-record.contract.ts';
import { pagesIdentities } from './identity-page.contract.ts';
import { keepsIdentities, newIdentity } from './identity-store.contract.ts';
import { keepsInvitations } from './invitation-store.contract.ts';
import { keepsPermissions } from './permission-store.contract.ts';

if (noPostgres === undefined) {
	const says = patient(test.serial);
	let server: PostgresDatabases;
	test.before(async () => {
		server = await sharedPostgres();
	});

	for (const keeps of [keepsIdentities, pagesIdentities]) {
		keeps(says, 'PostgreSQL', async () => {
			const address = await server.reusedDatabase();
			const open = () => createPostgresIdentities(new PostgresConnection(address));
			return { store: open(), reopen: async () => open() };
		});
	}

	for (const keeps of [keepsPermissions, keepsAuthenticators]) {
		keeps(says, 'PostgreSQL', async () => {
			const address = await server.reusedDatabase();
			const open = () => createPostgresIdentities(new PostgresConnection(address));
			return [open(), open()];
		});
	}

	says('PostgreSQL: what an installation is begun with stands in a new schema, and in no older one', async (t) => {
		const address = await server.reusedDatabase();
		const found = async () => {
			const postgres = new PostgresConnection(address);
			const kept = await createPostgresNotes(postgres).find('min-length-alone');
			await postgres.close();
			return kept;
		};
		t.is(await found(), '15');
		const client = new pg.Client(address);
		await client.connect();
		// As a version before the history left it.
		await client.query('DELETE FROM latchkey.note; DROP TABLE latchkey.history; DROP TABLE latchkey.audit');
		await client.query('DROP INDEX latchkey.identity_by_creation; UPDATE latchkey.schema SET version = version - 3');
		await client.query('ALTER TABLE latchkey.identity DROP COLUMN last_sign_in_at');
		t.is(await found(), undefined);
		t.is((await client.query('SELECT * FROM latchkey.history')).rowCount, 0);
		await client.end();
	});

	says('PostgreSQL: histories of the version before are a part of the audit', async (t) => {
		const address = await server.reusedDatabase();
		const ada = newIdentity();
		const first = new PostgresConnection(address);
		await createPostgresIdentities(first).insert(ada);
		await first.close();
		const client = new pg.Client(address);
		await client.connect();
		await client.query('DROP TABLE latchkey.audit; UPDATE latchkey.schema SET version = version - 1');
		const facts = { act: 'login', outcome: 'refused', reason: 'bad-credentials', address: '192.0.2.1', device: 'curl' };
		await client.query(
			'INSERT INTO latchkey.history (identity_id, at, is_refused, facts) SELECT id, 17, true, $1 FROM latchkey.identity',
			[JSON.stringify(facts)],
		);
		await client.end();
		const postgres = new PostgresConnection(address);
		t.teardown(() => postgres.close());
		const audit = createPostgresAudit(postgres);
		const [row] = await audit.ofIdentity(ada.id, 10);
		t.like(row, { ...facts, identity: ada.name });
		t.is(Number(row?.at), 17);
		t.is((await audit.find({ address: '192.0.2.1', act: 'login', outcome: 'refused' }, 10)).rows.length, 1);
	});

	keepsApiTokens(says, 'PostgreSQL', async (t) => {
		const address = await server.reusedDatabase();
		const open = () => {
			const postgres = new PostgresConnection(address);
			t.teardown(() => postgres.close());
			return createPostgresApiTokens(postgres);
		};
		return { store: open(), reopen: async () => open() };
	});

	keepsInvitations(says, 'PostgreSQL', async (t) => {
		const address = await server.reusedDatabase();
		const open = () => {
			const postgres = new PostgresConnection(address);
			t.teardown(() => postgres.close());
			return createPostgresInvitations(postgres);
		};
		return { store: open(), reopen: async () => open() };
	});

	keepsAudit(says, 'PostgreSQL', async (t) => {
		const address = await server.reusedDatabase();
		const [one, other] = [new PostgresConnection(address), new PostgresConnection(address)];
		t.teardown(() => Promise.all([one.close(), other.close()]));
		return {
			...{ store: createPostgresAudit(one), other: createPostgresAudit(other) },
			identities: createPostgresIdentities(one),
		};
	});

	keepsAttempts(says, 'PostgreSQL', async (t) => {
		const address = await server.reusedDatabase();
		const open = () => {
			const postgres = new PostgresConnection(address);
			t.teardown(() => postgres.close());
			return createPostgresAttempts(postgres);
		};
		return { store: open(), reopen: async () => open(), pass: (ms) => sleep(ms) };
	});

	keepsEnds(says, 'PostgreSQL', async (t) => {
		const address = await server.reusedDatabase();
		const open = () => {
			const postgres = new PostgresConnection(address);
			t.teardown(() => postgres.close());
			return createPostgresEnds(postgres);
		};
		return { record: open(), reopen: async () => open() };
	});

	test('of nodes that start at once with an empty PostgreSQL, one makes the tables and all can work', async (t) => {
		const address = await server.newDatabase();
		const nodes = Array.from({ length: 8 }, () => createPostgresIdentities(new PostgresConnection(address)));
		t.teardown(() => Promise.all(nodes.map((node) => node.close())));
		const identities = nodes.map(() => newIdentity());
		const answers = await Promise.all(nodes.map((node, index) => node.insert(identities[index]!)));
		t.deepEqual(new Set(answers), new Set(['inserted']));
		t.is((await nodes[0]!.list()).length, 8);
	});

	test('whether a first setup is needed is told while somebody else holds the lock, before it and ever after', async (t) => {
		const address = await server.newDatabase();
		const postgres = new PostgresConnection(address);
		const identities = createPostgresIdentities(postgres);
		t.teardown(() => identities.close());
		const other = new pg.Client(address);
		await other.connect();
		t.teardown(() => other.end());
		const token = await identities.offerSetup(newSetupToken());
		await other.query('BEGIN; SELECT * FROM latchkey.setup FOR UPDATE');
		t.is(await identities.offerSetup(newSetupToken()), token);
		await other.query('COMMIT');
		await identities.insert(newIdentity());
		await other.query('BEGIN; SELECT * FROM latchkey.setup FOR UPDATE');
		t.is(await identities.offerSetup(newSetupToken()), undefined);
		await other.query('COMMIT');
	});

	const losses: [string, string][] = [
		['while a statement runs', 'SELECT pg_sleep(0.3)'],
		['between two statements', 'SELECT 1'],
	];
	for (const [when, text] of losses) {
		test.serial(`a connection that is lost ${when} ends that statement at most, and not the process`, async (t) => {
			const address = await server.newDatabase();
			const postgres = new PostgresConnection(address);
			t.teardown(() => postgres.close());
			const ask = () => postgres.query({ text, values: [] });
			await ask();
			for (let round = 0; round < 10; round += 1) {
				const asked = Promise.allSettled(Array.from({ length: 5 }, ask));
				await sleep(round * 2);
				await server.query(
					address,
					'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()',
				);
				for (const answer of await asked) {
					if (answer.status === 'rejected') t.true(answer.reason instanceof StoreUnavailable);
				}
			}
			await t.notThrowsAsync(until(ask));
		});
	}
} else {
	test.skip(`PostgreSQL keeps identities, attempts and ends: ${noPostgres}`, () => undefined);
}
