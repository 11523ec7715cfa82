import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import test, { type ExecutionContext } from 'ava';
import type { Instant } from '../../src/core/clock.ts';
import type { Permission } from '../../src/core/identity.ts';
import type { CertificateDigest, ClientCertificate } from '../../src/core/session.ts';
import { createSqliteIdentities } from '../../src/store/sqlite/identities.ts';
import { createSqliteInvitations } from '../../src/store/sqlite/invitations.ts';
import { createSqliteNotes } from '../../src/store/sqlite/notes.ts';
import { openSqlite } from '../../src/store/sqlite/open.ts';
import { createSqliteSessions } from '../../src/store/sqlite/sessions.ts';
import { createClient } from '../_support/client.ts';
import { openWorkplace, serve } from '../_support/command-line.ts';
import { noSharedStores, type SharedStores, startSharedStores } from '../_support/shared-stores.ts';
import { newIdentity } from '../store/identity-store.contract.ts';
import { newInvitation } from '../store/invitation-store.contract.ts';
import { newSession } from '../store/session-store.contract.ts';

const password = 'four brown bears';
const launcher = fileURLToPath(new URL('../../src/launcher.js', import.meta.url));

let stores: SharedStores;

if (noSharedStores === undefined) {
	test.before(async () => {
		stores = await startSharedStores();
	});
	test.after.always(() => stores?.stop());
	allSpecs();
} else {
	test.skip(`identities and sessions move to other stores: ${noSharedStores}`, () => undefined);
}

test('what opened a session by certificate moves along, so that it can be judged there; so do permissions that were made, invitations, and what the installation was begun with', async (t) => {
	const place = await openWorkplace();
	t.teardown(() => place.remove());
	const at = (name: string) => openSqlite(join(place.folder, name));
	const now = Date.now() as Instant;
	const old = at('old.db');
	const [ids, sessions] = [createSqliteIdentities(old), createSqliteSessions(old)];
	const identity = newIdentity();
	await ids.insertFirst(identity);
	const made = 'site.north' as Permission;
	await ids.permissions.make(made);
	const session = newSession({
		identityId: identity.id,
		openedBy: 'certificate',
		boundTo: 'b0'.repeat(32) as CertificateDigest,
		openedAt: now,
		lastActivityAt: now,
	});
	const certificate = Buffer.from('a certificate').toString('base64') as ClientCertificate;
	await sessions.insert(session, 100, certificate);
	const invitation = newInvitation({ identityId: identity.id });
	await createSqliteInvitations(old).put(invitation);
	// As in an installation that was begun before there was such a default.
	await createSqliteNotes(old).put('min-length-alone', undefined);
	await sessions.close();
	await ids.close();
	const [from, to] = ['old.db', 'new.db'].map((name) => `sqlite:${join(place.folder, name)}`);
	const moved = await place.run(['store', 'move', '--from', String(from), '--to', String(to)]);
	t.is(moved.status, 0, moved.stderr);
	t.regex(moved.stderr, /^1 invitation moved, 0 were there$/m);
	const there = at('new.db');
	const anew = createSqliteSessions(there);
	const identities = createSqliteIdentities(there);
	t.deepEqual((await identities.permissions.find()).made, [made]);
	t.deepEqual(await createSqliteInvitations(there).list(), [invitation]);
	t.is(await createSqliteNotes(there).find('min-length-alone'), undefined);
	await identities.close();
	t.deepEqual(await anew.find(session.key), session);
	t.deepEqual(await anew.certified(10), { found: [{ key: session.key, certificate }] });
	await anew.close();
});

/** A move of 2000 sessions, and one that has expired, from a file to Redis, under way in a process of its own. */
async function startMove(t: ExecutionContext) {
	const place = await openWorkplace();
	t.teardown(() => place.remove());
	const path = join(place.folder, 'old.db');
	const file = openSqlite(path);
	const [ids, sessions] = [createSqliteIdentities(file), createSqliteSessions(file)];
	const identity = newIdentity();
	await ids.insertFirst(identity);
	const now = Date.now() as Instant;
	for (let number = 0; number < 2000; number += 1) {
		await sessions.insert(newSession({ identityId: identity.id, openedAt: now, lastActivityAt: now }), 10_000);
	}
	await sessions.insert(newSession({ openedAt: 0 as Instant, lastActivityAt: 0 as Instant }), 10);
	await sessions.close();
	await ids.close();

	const to = await stores.newSettings();
	const args = ['store', 'move', '--from', `sqlite:${path}`, '--to', to.identities, '--to', to.sessions];
	const child = spawn(process.execPath, [launcher, ...args], { cwd: place.folder, stdio: 'ignore' });
	return {
		place,
		args,
		child,
		ended: once(child, 'exit'),
		/** How many keys there are. */
		async arrived() {
			const [, database] = /\/(\d+)$/.exec(to.sessions) ?? [];
			const info = String(await stores.redis.command('INFO', 'keyspace'));
			return Number(new RegExp(`db${database}:keys=(\\d+)`).exec(info)?.[1] ?? 0);
		},
	};
}

function allSpecs() {
	test('who is signed in stays so when an installation moves from a file to Redis and PostgreSQL, and back', async (t) => {
		const place = await openWorkplace();
		t.teardown(() => place.remove());
		const add = ['identity', 'add', 'jo', '--password-stdin', '--no-policy', '--permission', 'rest.assets'];
		t.is((await place.run(add, { stdin: password })).status, 0);
		const before = await serve(place.folder);
		const browser = createClient(before);
		await browser.login('jo', password);
		const loggedOut = createClient(before);
		await loggedOut.login('jo', password);
		const tokenOfLoggedOut = new Map(loggedOut.jar);
		await loggedOut.logout();
		await before.stop();

		const { sessions, identities } = await stores.newSettings();
		const there = ['--from', 'sqlite:data/latchkey.db', '--to', identities, '--to', sessions];
		const moved = await place.run(['store', 'move', ...there]);
		t.is(moved.status, 0, moved.stderr);
		t.is(
			moved.stderr,
			'1 identity moved, 0 were there\n0 API tokens moved, 0 were there\nthe history of 1 identity moved\n1 session moved, 0 were there\n',
		);
		const again = await place.run(['store', 'move', ...there]);
		t.is(again.status, 1);
		t.regex(again.stderr, /a move to there has ended on .*would come back: --again/);
		const all = await place.run(['store', 'move', ...there, '--again']);
		t.is(
			all.stderr,
			'0 identities moved, 1 were there\n0 API tokens moved, 0 were there\n0 sessions moved, 1 were there\n',
		);
		const gone = await place.run(['serve']);
		t.is(gone.status, 1);
		t.regex(gone.stderr, /was moved to another store on/);

		const back = ['--from', identities, '--from', sessions, '--to', 'sqlite:data/other.db'];
		for (const store of [
			{ identities, sessions },
			{ identities: 'sqlite:data/other.db', sessions: 'sqlite:data/other.db' },
		]) {
			if (store.identities !== identities) t.is((await place.run(['store', 'move', ...back])).status, 0);
			await place.configure({ store });
			const after = await serve(place.folder);
			const same = createClient(after);
			for (const [name, value] of browser.jar) same.jar.set(name, value);
			await same.fetchXsrfToken();
			const { status, body } = await same.me();
			t.is(status, 200);
			t.deepEqual(body, { name: 'jo', passwordChangeNeeded: false, permissions: ['rest.assets'] });
			for (const [name, value] of tokenOfLoggedOut) same.jar.set(name, value);
			t.is((await same.me()).status, 401);
			t.is((await createClient(after).login('jo', password)).status, 200);
			await after.stop();
		}
	});

	test('a move that was killed is finished by another one', async (t) => {
		const { place, args, child, ended, arrived } = await startMove(t);
		while ((await arrived()) < 200 && child.exitCode === null) await sleep(2);
		child.kill('SIGKILL');
		await ended;
		const { status, stderr } = await place.run(args);
		t.is(status, 0, stderr);
		const [, moved, there] = /(\d+) sessions? moved, (\d+) were there/.exec(stderr) ?? [];
		t.log(`${there} had arrived, ${moved} followed`);
		t.is(Number(moved) + Number(there), 2000, 'and the one that had expired stayed behind');
		t.true(Number(there) > 0);
	});

	test.serial('a move waits for a store that is away for a moment', async (t) => {
		const { child, ended, arrived } = await startMove(t);
		while ((await arrived()) < 200 && child.exitCode === null) await sleep(2);
		stores.redis.signal('SIGSTOP');
		await sleep(1500);
		t.is(child.exitCode, null);
		stores.redis.signal('SIGCONT');
		t.deepEqual(await ended, [0, null]);
		t.true((await arrived()) >= 2000);
	});

	test('a move from nowhere, to where it came from, or over somebody else is refused', async (t) => {
		const place = await openWorkplace();
		t.teardown(() => place.remove());
		const move = (...args: string[]) => place.run(['store', 'move', ...args]);
		const nowhere = await move('--from', 'sqlite:nothing.db', '--to', 'sqlite:other.db');
		t.is(nowhere.status, 1);
		t.regex(nowhere.stderr, /there is no .*nothing\.db/);
		await place.run(['identity', 'add', 'jo', '--password-stdin', '--no-policy'], { stdin: password });
		const same = await move('--from', 'sqlite:data/latchkey.db', '--to', 'sqlite:data/latchkey.db');
		t.is(same.status, 1);
		t.regex(same.stderr, /same place/);
		const other = { store: { identities: 'sqlite:other.db', sessions: 'sqlite:other.db' } };
		await place.configure(other);
		await place.run(['identity', 'add', 'JO', '--password-stdin', '--no-policy'], { stdin: password });
		const over = await move('--from', 'sqlite:data/latchkey.db');
		t.is(over.status, 1);
		t.regex(over.stderr, /stay so: jo/);
	});
}
