import test from 'ava';
import type { Instant } from '../../src/core/clock.ts';
import type { IdentityName } from '../../src/core/identity.ts';
import { identityOrders } from '../../src/core/identity-query.ts';
import { createSqliteApiTokens } from '../../src/store/sqlite/api-tokens.ts';
import { createSqliteAttempts } from '../../src/store/sqlite/attempts.ts';
import { createSqliteHistory } from '../../src/store/sqlite/history.ts';
import { createSqliteIdentities } from '../../src/store/sqlite/identities.ts';
import { readPage } from '../../src/store/sqlite/identity-page.ts';
import { createSqliteInvitations } from '../../src/store/sqlite/invitations.ts';
import { openSqlite } from '../../src/store/sqlite/open.ts';
import { createSqliteSessions } from '../../src/store/sqlite/sessions.ts';
import { keepsApiTokens } from './api-token-store.contract.ts';
import { keepsAttempts } from './attempt-store.contract.ts';
import { keepsAuthenticators } from './authenticator-store.contract.ts';
import { keepsCeremonies } from './ceremony-store.contract.ts';
import { keepsHandovers } from './handover-store.contract.ts';
import { keepsHistory } from './history-store.contract.ts';
import { pagesIdentities } from './identity-page.contract.ts';
import { keepsIdentities } from './identity-store.contract.ts';
import { keepsInvitations } from './invitation-store.contract.ts';
import { keepsPermissions } from './permission-store.contract.ts';
import { keepsRefreshTokens, sweepsRefreshTokens } from './refresh-token-store.contract.ts';
import { keepsSessions } from './session-store.contract.ts';
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

keepsHistory(test, 'SQLite on disk', async (t) => {
	const path = await newPath(t);
	const [file, again] = [openSqlite(path), openSqlite(path)];
	t.teardown(() => Promise.all([file.close(), again.close()]));
	return {
		...{ store: createSqliteHistory(file), other: createSqliteHistory(again) },
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
