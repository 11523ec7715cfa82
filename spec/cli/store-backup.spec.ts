import {
	chmodSync,
	copyFileSync,
	existsSync,
	readdirSync,
	readFileSync,
	rmSync,
	statSync,
	writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import test, { type ExecutionContext } from 'ava';
import { setUpApp } from '../_support/authenticator-app.ts';
import { type Client, createClient } from '../_support/client.ts';
import { openWorkplace, serve } from '../_support/command-line.ts';
import { newSharedSettings } from '../_support/servers.ts';
import type { Settings } from '../_support/service.ts';
import { noSharedStores } from '../_support/shared-stores.ts';

const base = '/services/session/v1';
const password = 'four brown bears';
const changed = 'seven green frogs';

async function workplace(t: ExecutionContext, settings: Settings = {}) {
	const place = await openWorkplace(settings);
	t.teardown(() => place.remove());
	const done = async (args: string[], stdin = '') => {
		const { status, stdout, stderr } = await place.run(args, { stdin });
		t.is(status, 0, `${args.join(' ')}: ${stderr}`);
		return `${stdout}${stderr}`;
	};
	const add = (name: string) =>
		done(['identity', 'add', name, '--password-stdin', '--permission', 'rest.assets'], password);
	return { ...place, done, add };
}

/** Asks again where a store on a busy machine has not answered in time. */
async function served<Answer extends { status: number }>(ask: () => Promise<Answer>): Promise<Answer> {
	for (;;) {
		const answer = await ask();
		if (answer.status !== 503) return answer;
	}
}

const signIn = async (browser: Client, secret: string, name = 'ann') =>
	(await served(() => browser.login(name, secret))).status;
const look = (browser: Client) => served(() => browser.me());

/** Backup, everything changes, restore, all under the running service: what there was is there, and no session is. */
async function comesBackWithoutSessions(t: ExecutionContext, settings: Settings = {}) {
	const place = await workplace(t, settings);
	await place.add('ann');
	const service = await serve(place.folder);
	t.teardown(() => service.stop());
	const [loggedOut, living] = [createClient(service), createClient(service)];
	for (const each of [loggedOut, living]) t.is(await signIn(each, password), 200);
	const tokenOfLoggedOut = new Map(loggedOut.jar);
	const file = join(place.folder, 'night.backup');
	t.regex(await place.done(['store', 'backup', file]), /1 identity backed up/);
	t.is(statSync(file).mode & 0o777, 0o600);
	t.is((await look(living)).status, 200, 'a backup ends nothing');
	t.is((await served(() => loggedOut.logout())).status, 204);
	await place.done(['identity', 'set-password', 'ann', '--password-stdin'], changed);
	await place.add('eve');
	const later = createClient(service);
	t.is(await signIn(later, changed), 200);

	t.regex(await place.done(['store', 'restore', file]), /1 identity restored .*; all sessions have ended/);
	for (const [name, value] of tokenOfLoggedOut) loggedOut.jar.set(name, value);
	for (const each of [loggedOut, living, later]) t.is((await look(each)).status, 401);
	t.is(await signIn(createClient(service), changed), 401);
	t.is(await signIn(createClient(service), password, 'eve'), 401);
	const after = createClient(service);
	t.is(await signIn(after, password), 200);
	t.deepEqual((await look(after)).body, { name: 'ann', passwordChangeNeeded: false, permissions: ['rest.assets'] });
	return { ...place, file };
}

test.serial('a backup is taken and restored under the running service, and no session comes back', async (t) => {
	const place = await comesBackWithoutSessions(t);
	const db = new DatabaseSync(place.file, { readOnly: true });
	for (const table of ['session', 'attempt', 'ended_session']) {
		t.is(db.prepare(`SELECT count(*) AS n FROM ${table}`).get()?.n, 0, table);
	}
	db.close();
	t.false(readFileSync(place.file).includes('JSESSIONID'));
	t.deepEqual(
		readdirSync(place.folder).filter((name) => name.startsWith('night')),
		['night.backup'],
	);
});

if (noSharedStores === undefined) {
	let newSettings: Awaited<ReturnType<typeof newSharedSettings>>;
	test.before(async () => {
		newSettings = await newSharedSettings();
	});
	test.serial('no session comes back where they are kept in Redis', async (t) => {
		const { sessions } = await newSettings();
		await comesBackWithoutSessions(t, { store: { sessions } });
	});
	test.serial('nor where identities are in PostgreSQL', async (t) => {
		await comesBackWithoutSessions(t, { store: await newSettings() });
	});
} else {
	test.skip(`no session comes back from a backup where they are kept elsewhere: ${noSharedStores}`, () => undefined);
}

test.serial('a code of an app, and one on paper, used after the backup, are used after the restore', async (t) => {
	const place = await workplace(t);
	await place.add('ann');
	const service = await serve(place.folder);
	t.teardown(() => service.stop());
	const owner = createClient(service);
	t.is(await signIn(owner, password), 200);
	const app = await setUpApp(owner);
	const [paper] = ((await owner.post(`${base}/recoveryCodes`)).body as { codes: string[] }).codes;
	await place.done(['store', 'backup', 'night.backup']);
	const show = async (path: string, code: string | undefined) => {
		const browser = createClient(service);
		t.is(await signIn(browser, password), 200);
		return browser.post(`${base}/login/${path}`, { code });
	};
	const code = app.code();
	t.is((await show('totp', code)).status, 200);
	t.is((await show('recoveryCode', paper)).status, 200);
	const said = await place.done(['store', 'restore', 'night.backup', '--yes']);
	t.regex(said, /^void from now on: 10 recovery codes, since some may have been used after the backup$/m);
	t.like((await show('totp', code)).body, { code: 'wrong-code' });
	t.like((await show('recoveryCode', paper)).body, { code: 'wrong-code' });
});

test.serial('an app whose key is not there is told of after a restore, and by reseal', async (t) => {
	const place = await workplace(t);
	await place.add('ann');
	const service = await serve(place.folder);
	const owner = createClient(service);
	t.is(await signIn(owner, password), 200);
	await setUpApp(owner);
	await place.done(['store', 'backup', 'night.backup']);
	await service.stop();
	const said = await place.done(['store', 'restore', 'night.backup', '--yes']);
	t.notRegex(said, /cannot be used/);
	rmSync(join(place.folder, 'data', 'latchkey.db.sealing-key'));
	const lost = await place.done(['store', 'restore', 'night.backup', '--yes']);
	t.regex(lost, /^1 app cannot be used, since no key here opens .*latchkey\.db\.sealing-key/m);
	const { status, stderr } = await place.run(['store', 'reseal']);
	t.is(status, 1);
	t.regex(stderr, /^latchkey: there is no sealing key, and 1 app cannot be used without it: put back/);
});

test.serial('where the audit cannot be written, nothing is backed up or restored', async (t) => {
	const place = await workplace(t);
	await place.add('ann');
	await place.done(['store', 'backup', 'night.backup']);
	await place.add('eve');
	await place.configure({ log: { auditFile: 'data' } });
	for (const args of [
		['store', 'backup', 'another.backup'],
		['store', 'restore', 'night.backup', '--yes'],
	]) {
		const { status, stderr } = await place.run(args);
		t.is(status, 1);
		t.regex(stderr, /^latchkey: log\.auditFile: /);
	}
	t.false(existsSync(join(place.folder, 'another.backup')));
	await place.configure({});
	t.regex((await place.run(['identity', 'list'])).stdout, /^.*eve /m);
});

test.serial('a backup is put in place of a database that is lost or damaged, or where there was none', async (t) => {
	const place = await workplace(t);
	await place.add('ann');
	await place.done(['store', 'backup', 'a.backup']);
	await place.done(['store', 'backup', 'a.backup']);
	const data = join(place.folder, 'data');
	const database = join(data, 'latchkey.db');
	const wrecks: [string, () => void][] = [
		['lost', () => rmSync(database)],
		['damaged', () => writeFileSync(database, 'x'.repeat(8192))],
		['never there', () => rmSync(data, { recursive: true })],
	];
	for (const [what, wreck] of wrecks) {
		wreck();
		const said = await place.done(['store', 'restore', 'a.backup', '--yes']);
		t.is(/the damaged database is now .*damaged-/.test(said), what === 'damaged', what);
		t.regex(await place.done(['identity', 'list']), /ann/);
		t.is(statSync(database).mode & 0o777, 0o600);
		t.true(existsSync(`${database}.set-up`));
	}
});

test.serial('what is no backup is refused in one line, and what is no backup is not replaced by one', async (t) => {
	const place = await workplace(t);
	const none = await place.run(['store', 'backup', 'a.backup']);
	t.is(none.status, 1);
	t.regex(none.stderr, /there are no identities yet/);
	await place.add('ann');
	writeFileSync(join(place.folder, 'letter.txt'), 'Dear Ann,\n');
	for (const args of [
		['backup', 'letter.txt'],
		['backup', 'data/latchkey.db'],
		['backup', 'nowhere/a.backup'],
		['restore', 'letter.txt'],
		['restore', 'nothing.backup'],
	]) {
		const { status, stderr } = await place.run(['store', ...args]);
		t.is(status, 1, args.join(' '));
		t.regex(stderr, /^latchkey: [^\n]+\n$/);
	}
	t.is(readFileSync(join(place.folder, 'letter.txt'), 'utf8'), 'Dear Ann,\n');
	t.deepEqual(readdirSync(place.folder).sort(), ['data', 'latchkey.yaml', 'letter.txt']);
	t.regex(await place.done(['identity', 'list']), /ann/);
});

test.serial(
	'a copy of the file that is put back by hand is found out at the start, and opens no session',
	async (t) => {
		const place = await workplace(t);
		await place.add('ann');
		const before = await serve(place.folder);
		const [loggedOut, living] = [createClient(before), createClient(before)];
		for (const each of [loggedOut, living]) await each.login('ann', password);
		const database = join(place.folder, 'data/latchkey.db');
		const copy = join(place.folder, 'copy.db');
		const db = new DatabaseSync(database, { readOnly: true });
		db.prepare('VACUUM INTO ?').run(copy);
		db.close();
		const tokenOfLoggedOut = new Map(loggedOut.jar);
		await loggedOut.logout();
		await before.stop();
		for (const companion of ['-wal', '-shm']) rmSync(`${database}${companion}`, { force: true });
		copyFileSync(copy, database);
		chmodSync(database, 0o644);
		const after = await serve(place.folder);
		t.teardown(() => after.stop());
		for (const said of [after.said.stdout, after.said.stderr]) {
			t.regex(said, /is a copy of an earlier time.*all sessions and API tokens have ended/);
			t.regex(said, /open to others until now/);
		}
		for (const [name, value] of tokenOfLoggedOut) loggedOut.jar.set(name, value);
		for (const each of [loggedOut, living]) {
			const same = createClient(after);
			for (const [name, value] of each.jar) same.jar.set(name, value);
			t.is((await same.me()).status, 401);
		}
		t.is((await createClient(after).login('ann', password)).status, 200);
	},
);

test.serial('session end --all ends the sessions of everybody, and says how many', async (t) => {
	const place = await workplace(t);
	for (const name of ['ann', 'eve']) await place.add(name);
	const service = await serve(place.folder);
	t.teardown(() => service.stop());
	const browsers = ['ann', 'ann', 'eve'].map((name) => ({ name, browser: createClient(service) }));
	for (const { name, browser } of browsers) t.is((await browser.login(name, password)).status, 200);
	t.regex(await place.done(['session', 'end', '--all']), /^3 sessions ended$/m);
	for (const { browser } of browsers) t.is((await browser.me()).status, 401);
	t.is((await place.run(['session', 'end', '--all', '--identity', 'ann'])).status, 2);
	await service.stop();
	await place.configure({ store: { sessions: 'memory:' } });
	for (const args of [['list', '--identity', 'ann'], ['list'], ['end', '--all']]) {
		const { status, stdout, stderr } = await place.run(['session', ...args]);
		t.is(status, 1, args.join(' '));
		t.is(stdout, '');
		t.regex(stderr, /^latchkey: sessions are in the memory of the service .*only it knows them/);
	}
});
