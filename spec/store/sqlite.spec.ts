import { readdirSync, renameSync } from 'node:fs';
import { dirname } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import type { Instant } from '../../src/core/clock.ts';
import type { IdentityName } from '../../src/core/identity.ts';
import { identityOrders } from '../../src/core/identity-query.ts';
import { createSqliteApiTokens } from '../../src/store/sqlite/api-tokens.ts';
import { createSqliteAttempts } from '../../src/store/sqlite/attempts.ts';
import { createSqliteAudit } from '../../src/store/sqlite/audit.ts';
import { createSqliteIdentities } from '../../src/store/sqlite/identities.ts';
import { readPage } from '../../src/store/sqlite/identity-page.ts';
import { createSqliteInvitations } from '../../src/store/sqlite/invitations.ts';
import { openSqlite } from '../../src/store/sqlite/open.ts';
import { createSqliteSessions } from '../../src/store/sqlite/sessions.ts';
import { keepsApiTokens } from './api-token-store.contract.ts';
import { keepsAttempts } from './attempt-store.contract.ts';
import { keepsAudit } from './audit-table.contract.ts';
import { keepsAuthenticators } from './authenticator-store.contract.ts';
import { keepsCeremonies } from './ceremony-store.contract.ts';
import { keepsHandovers } from './handover-store.contract.ts';
import { pagesIdentities } from './identity-page.contract.ts';
import { keepsIdentities } from './identity-store.contract.ts';
import { keepsInvitations } from './invitation-store.contract.ts';
import { keepsPermissions } from './permission-store.contract.ts';
import { keepsRefreshTokens, sweepsRefreshTokens } from './refresh-token-store.contract.ts';
import { keepsSessions, newSession } from './session-store.contract.ts';
import { newPath, startProcess } from './sqlite-process.ts';

const elsewhere = startProcess();
test.after.always(() => elsewhere.end());

for (const keeps of [keepsSessions, keepsHandovers, keepsCeremonies, keepsRefreshTokens, sweepsRefreshTokens]) {
	keeps(test, 'SQLite in memory', async () => ({ store: createSqliteSessions(openSqlite(':memory:')) }));
	keeps(test, 'SQLite on disk', async (t) => {
		const path = await newPath(t);
		return {
			store: createSqliteSessions(openSqlite(path)),
			reopen: async () => (await elsewhere.open(path)).sessions,
		};
	});
}
for (const keeps of [keepsIdentities, pagesIdentities]) {
	keeps(test, 'SQLite in memory', async () => ({ store: createSqliteIdentities(openSqlite(':memory:')) }));
	keeps(test, 'SQLite on disk', async (t) => {
		const path = await newPath(t);
		return {
			store: createSqliteIdentities(openSqlite(path)),
			reopen: async () => (await elsewhere.open(path)).identities,
		};
	});
}
keepsApiTokens(test, 'SQLite in memory', async () => ({ store: createSqliteApiTokens(openSqlite(':memory:')) }));
keepsInvitations(test, 'SQLite in memory', async () => ({ store: createSqliteInvitations(openSqlite(':memory:')) }));

keepsAudit(test, 'SQLite on disk', async (t) => {
	const path = await newPath(t);
	const [file, again] = [openSqlite(path), openSqlite(path)];
	t.teardown(() => Promise.all([file.close(), again.close()]));
	return {
		...{ store: createSqliteAudit(file), other: createSqliteAudit(again) },
		identities: createSqliteIdentities(file),
	};
});

for (const keeps of [keepsPermissions, keepsAuthenticators]) {
	keeps(test, 'SQLite in memory', async () => {
		const store = createSqliteIdentities(openSqlite(':memory:'));
		return [store, store];
	});

	keeps(test, 'SQLite on disk', async (t) => {
		const path = await newPath(t);
		return [createSqliteIdentities(openSqlite(path)), createSqliteIdentities(openSqlite(path))];
	});
}

keepsInvitations(test, 'SQLite on disk', async (t) => {
	const path = await newPath(t);
	return {
		store: createSqliteInvitations(openSqlite(path)),
		reopen: async () => (await elsewhere.open(path)).invitations,
	};
});

keepsApiTokens(test, 'SQLite on disk', async (t) => {
	const path = await newPath(t);
	const file = openSqlite(path);
	t.teardown(() => file.close());
	return {
		store: createSqliteApiTokens(file),
		reopen: async () => (await elsewhere.open(path)).apiTokens,
	};
});

keepsAttempts(test, 'SQLite on disk', async (t) => {
	const path = await newPath(t);
	const file = openSqlite(path);
	t.teardown(() => file.close());
	let now = Date.now();
	return {
		store: createSqliteAttempts(file, { now: () => now as Instant }),
		reopen: async () => (await elsewhere.open(path)).attempts,
		pass: async (ms) => {
			now += ms;
		},
	};
});

test('every order of identities is read along an index, from wherever a page begins', (t) => {
	const file = openSqlite(':memory:');
	t.teardown(() => file.close());
	const after = { at: 5 as Instant, name: 'ada' as IdentityName };
	for (const order of identityOrders) {
		let sql = '';
		const prepare = (text: string) => {
			sql = text;
			return file.prepare(text);
		};
		const watched = { prepare, read: (work: () => unknown) => work() } as unknown as typeof file;
		t.deepEqual(readPage(watched, { order, descending: true, after, limit: 50 }), []);
		const plan = JSON.stringify(file.prepare(`EXPLAIN QUERY PLAN ${sql}`).all());
		t.regex(plan, /SEARCH identity USING INDEX/, order);
		t.notRegex(plan, /TEMP B-TREE/, order);
	}
});

/** Two, so far apart that there may be many. */
async function openFarApart(t: ExecutionContext) {
	const path = await newPath(t);
	const file = openSqlite(path);
	const sessions = createSqliteSessions(file);
	t.teardown(() => sessions.close());
	for (const session of [newSession(), newSession()]) await sessions.insert(session, 100);
	file.prepare('UPDATE session SET id = 10000000 WHERE id = 2').run();
	return { path, sessions };
}

test('where sessions may be many, a thread counts them, and the event loop goes on', async (t) => {
	const { path, sessions } = await openFarApart(t);
	let isOver = false;
	const counted = sessions.count().finally(() => {
		isOver = true;
	});
	// What the event loop counts itself is there without a turn of it; what a thread says is not.
	for (let times = 0; times < 20; times += 1) await undefined;
	t.false(isOver);
	t.deepEqual(await Promise.all([counted, sessions.count()]), [2, 2]);
	await sessions.insert(newSession(), 100);
	const last = sessions.count();
	await sessions.close();
	t.is(await last, 3);
	t.deepEqual(readdirSync(dirname(path)), ['latchkey.db']);
});

test('a count of many that cannot be made is a store that is away', async (t) => {
	const { path, sessions } = await openFarApart(t);
	renameSync(path, `${path}.away`);
	await t.throwsAsync(sessions.count(), { name: 'StoreUnavailable' });
	renameSync(`${path}.away`, path);
	t.is(await sessions.count(), 2);
});
