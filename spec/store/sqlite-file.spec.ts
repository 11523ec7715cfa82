import {
	chmodSync,
	copyFileSync,
	existsSync,
	mkdirSync,
	readdirSync,
	readFileSync,
	rmSync,
	statSync,
	symlinkSync,
	writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import test, { type ExecutionContext } from 'ava';
import { newSetupToken } from '../../src/core/token.ts';
import { createSqliteAudit } from '../../src/store/sqlite/audit.ts';
import { fillFrom, readBackup, restoreSqlite, writeBackup } from '../../src/store/sqlite/backup.ts';
import { createSqliteIdentities } from '../../src/store/sqlite/identities.ts';
import { newestVersion, schemaVersion } from '../../src/store/sqlite/migrate.ts';
import { createSqliteNotes } from '../../src/store/sqlite/notes.ts';
import { openSqlite } from '../../src/store/sqlite/open.ts';
import { createSqliteSessions } from '../../src/store/sqlite/sessions.ts';
import { newIdentity } from './identity-store.contract.ts';
import { newSession } from './session-store.contract.ts';
import { newPath, openStores, startProcess } from './sqlite-process.ts';

/** An installation with people and sessions in it, stopped in good order. */
async function newInstallation(t: ExecutionContext): Promise<string> {
	const path = await newPath(t);
	const { sessions, identities } = openStores(path);
	await identities.insertFirst(newIdentity());
	for (let index = 0; index < 100; index += 1) {
		await identities.insert(newIdentity());
		await sessions.insert(newSession(), 100);
	}
	await identities.close();
	await sessions.close();
	return path;
}

function modeOf(path: string): string {
	return (statSync(path).mode & 0o777).toString(8);
}

test('the database, its companions and its marker are for nobody else, and so is the folder made for them', async (t) => {
	const path = await newPath(t);
	const { identities, sessions } = openStores(path);
	t.teardown(() => Promise.all([identities.close(), sessions.close()]));
	await identities.insertFirst(newIdentity());
	const names = readdirSync(dirname(path)).sort();
	t.deepEqual(names, ['latchkey.db', 'latchkey.db-shm', 'latchkey.db-wal', 'latchkey.db.set-up']);
	for (const name of names) t.is(modeOf(join(dirname(path), name)), '600', name);
	t.is(modeOf(dirname(path)), '700');
});

test('a file that is closed in good order stands alone, without a log beside it', async (t) => {
	const path = await newInstallation(t);
	t.deepEqual(readdirSync(dirname(path)).sort(), ['latchkey.db', 'latchkey.db.set-up']);
});

test('two stores share a file, and the last one to close closes it', async (t) => {
	const { sessions, identities } = openStores(await newPath(t));
	await sessions.close();
	await sessions.close();
	t.deepEqual(await identities.list(), []);
	await identities.close();
	await t.throwsAsync(identities.list());
});

test('several processes may make the same new database at once', async (t) => {
	const path = await newPath(t);
	const processes = Array.from({ length: 4 }, startProcess);
	t.teardown(() => Promise.all(processes.map((each) => each.end())));
	const opened = await Promise.all(processes.map((each) => each.open(path)));
	for (const { identities } of opened) t.is(await identities.insert(newIdentity()), 'inserted');
	t.is((await opened[0]!.identities.list()).length, 4);
});

test('a schema is brought up to date once, where several open it at the same time', async (t) => {
	const path = await newPath(t);
	await openSqlite(path).close();
	const db = new DatabaseSync(path);
	t.teardown(() => db.close());
	const tables = db.prepare(`SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name`).all();
	t.deepEqual(
		tables.map(({ name }) => name),
		[
			'api_token',
			'attempt',
			'audit',
			'authenticator',
			'ceremony',
			'child_session',
			'ended_session',
			'history',
			'identity',
			'invitation',
			'note',
			'recovery_code',
			'session',
			'setup',
			'ticket',
			'token_family',
		],
	);
	t.is(db.prepare('SELECT count(*) AS n FROM setup').get()?.n, 1);
});

test('what an installation is begun with stands in a new database, and not in an older one that is brought up to date', async (t) => {
	const path = await newPath(t);
	const found = async () => {
		const file = openSqlite(path);
		const kept = await createSqliteNotes(file).find('min-length-alone');
		await file.close();
		return kept;
	};
	t.is(await found(), '15');
	// As a version before the history left it.
	run(path, `DELETE FROM note; DROP TABLE history; DROP TABLE audit; PRAGMA user_version = ${newestVersion - 3}`);
	run(path, 'DROP INDEX identity_by_last_sign_in; DROP INDEX identity_by_creation');
	run(path, 'ALTER TABLE identity DROP COLUMN last_sign_in_at');
	t.is(await found(), undefined);
	const db = new DatabaseSync(path);
	t.teardown(() => db.close());
	t.is(schemaVersion(db), newestVersion);
	t.notThrows(() => db.exec('SELECT * FROM history'));
});

test('histories of the version before are a part of the audit', async (t) => {
	const path = await newPath(t);
	const file = openSqlite(path);
	const ada = newIdentity();
	await createSqliteIdentities(file).insert(ada);
	await file.close();
	run(path, `DROP TABLE audit; PRAGMA user_version = ${newestVersion - 1}`);
	const facts = '{"act":"login","outcome":"refused","reason":"bad-credentials","address":"192.0.2.1","device":"curl"}';
	run(path, `INSERT INTO history (identity, at, is_refused, facts) SELECT id, 17, 1, '${facts}' FROM identity`);
	const again = openSqlite(path);
	t.teardown(() => again.close());
	const audit = createSqliteAudit(again);
	const [row] = await audit.ofIdentity(ada.id, 10);
	t.like(row, { ...JSON.parse(facts), at: 17, identity: ada.name });
	t.is((await audit.find({ address: '192.0.2.1', act: 'login', outcome: 'refused' }, 10)).rows.length, 1);
});

const damages: [string, RegExp, (path: string) => void | Promise<void>][] = [
	['a text file', /is not an SQLite database$/, (path) => writeFileSync(path, 'users:\n- admin\n'.repeat(100))],
	['a database with a spoilt header', /is not an SQLite database$/, (path) => flip(path, 3)],
	['a database cut to its first half', /is damaged/, (path) => cut(path, 0.5)],
	['a database that lacks its last bytes', /is damaged|is truncated/, (path) => cut(path, 0.999)],
	[
		'a database cut to its first page',
		/is damaged/,
		(path) => writeFileSync(path, readFileSync(path).subarray(0, 4096)),
	],
	[
		'a database that was cut to a few bytes',
		/is not an SQLite database$/,
		(path) => writeFileSync(path, readFileSync(path).subarray(0, 20)),
	],
	['a database with a spoilt page of its schema', /is damaged/, (path) => flip(path, 100, 400)],
	['a database with spoilt pages in its middle', /is damaged/, (path) => flip(path, 4096 * 2, 4096 * 4)],
	['a database without its tables', /is damaged|cannot be opened/, (path) => run(path, 'DROP TABLE identity')],
	['the database of another program', /is the database of another program$/, (path) => foreign(path)],
	[
		'a database whose schema is newer',
		/was written by a newer Latchkey \(schema 99; this one works with up to \d+\): start that one, or/,
		(path) => run(path, 'PRAGMA user_version = 99'),
	],
	['an empty file where an installation was', /is missing or empty, but .*\.set-up says/, (path) => cut(path, 0)],
	[
		'a database that was never set up where an installation was',
		/was never set up, but .*\.set-up says/,
		async (path) => {
			rmSync(path);
			rmSync(`${path}.set-up`);
			await openSqlite(path).close();
			writeFileSync(`${path}.set-up`, '');
		},
	],
];

function flip(path: string, from: number, to = from + 1) {
	const bytes = readFileSync(path);
	for (let at = from; at < to; at += 1) bytes[at] = ~bytes[at]!;
	writeFileSync(path, bytes);
}

function cut(path: string, share: number) {
	const bytes = readFileSync(path);
	writeFileSync(path, bytes.subarray(0, Math.ceil(bytes.length * share)));
}

function run(path: string, sql: string) {
	const db = new DatabaseSync(path);
	db.exec(sql);
	db.close();
}

function foreign(path: string) {
	rmSync(path);
	run(path, 'PRAGMA journal_mode = WAL; CREATE TABLE address_book (name); PRAGMA user_version = 1');
}

for (const [what, why, damage] of damages) {
	test(`${what} is refused in one line, and left as it is`, async (t) => {
		const path = await newInstallation(t);
		await damage(path);
		const before = readFileSync(path);
		const error = t.throws(() => openSqlite(path), { message: why });
		t.false(error?.message.includes('\n'));
		t.true(error?.message.startsWith(path));
		t.true(readFileSync(path).equals(before));
		t.throws(() => openSqlite(path), { message: why });
	});
}

test('a newer schema that stands in the log only is refused all the same', async (t) => {
	const path = await newInstallation(t);
	const newer = new DatabaseSync(path);
	t.teardown(() => newer.close());
	newer.exec('PRAGMA user_version = 99');
	const before = readFileSync(path);
	t.throws(() => openSqlite(path), { message: /newer Latchkey/ });
	t.true(readFileSync(path).equals(before));
});

test('a database of the next schema, which only has more in it, is served, backed up and restored', async (t) => {
	const path = await newInstallation(t);
	run(path, 'ALTER TABLE identity ADD COLUMN nickname TEXT; CREATE TABLE badge (id INTEGER PRIMARY KEY) STRICT');
	run(path, `PRAGMA user_version = ${newestVersion + 1}`);
	const file = openSqlite(path);
	t.is(file.prepare<[number]>('SELECT count(*) FROM identity').get()?.[0], 101);
	const before = await newInstallation(t);
	await restoreSqlite(path, before, () => undefined);
	t.is(file.prepare<[number]>('SELECT count(*) FROM identity').get()?.[0], 101);
	const backup = join(dirname(path), 'backup');
	await writeBackup(backup, fillFrom(path));
	t.is(await readBackup(backup, join(dirname(path), 'copy'), (copy) => restoreSqlite(path, copy, () => undefined)), 0);
	await file.close();
});

test('where the database of an installation is missing, nobody can set it up anew', async (t) => {
	const path = await newInstallation(t);
	rmSync(path);
	t.throws(() => openSqlite(path), { message: /is missing or empty, but .*\.set-up says/ });
	t.false(existsSync(path));
	rmSync(`${path}.set-up`);
	const { identities, sessions } = openStores(path);
	const token = newSetupToken();
	t.is(await identities.offerSetup(token), token);
	await identities.close();
	await sessions.close();
});

test('there is no marker before somebody was set up', async (t) => {
	const path = await newPath(t);
	const { identities, sessions } = openStores(path);
	await identities.offerSetup(newSetupToken());
	await sessions.insert(newSession(), 100);
	t.false(existsSync(`${path}.set-up`));
	await identities.close();
	await sessions.close();
	rmSync(path);
	await t.notThrowsAsync(async () => openSqlite(path).close());
});

test('a marker that a crash has prevented is made up for at the next start', async (t) => {
	const path = await newInstallation(t);
	rmSync(`${path}.set-up`);
	await openSqlite(path).close();
	t.true(existsSync(`${path}.set-up`));
});

test('an identity is not acknowledged where the marker cannot be written, and the next start makes up for it', async (t) => {
	const path = await newPath(t);
	const { identities, sessions } = openStores(path);
	const obstacle = `${path}.set-up`;
	mkdirSync(obstacle);
	await t.throwsAsync(identities.insertFirst(newIdentity()), { name: 'StoreUnavailable' });
	rmSync(obstacle, { recursive: true });
	t.is(await identities.insertFirst(newIdentity()), 'already-set-up');
	t.true(existsSync(obstacle));
	await identities.close();
	await sessions.close();
});

test('a path that cannot be a database is refused in one line', async (t) => {
	const path = await newInstallation(t);
	t.throws(() => openSqlite(dirname(path)), { message: /cannot be opened/ });
});

test.serial('a Node whose SQLite may lose commits is refused before it touches the file', async (t) => {
	const path = await newInstallation(t);
	const { sqlite } = process.versions;
	const claim = (value: string | undefined) => Object.defineProperty(process.versions, 'sqlite', { value });
	t.teardown(() => claim(sqlite));
	const before = readFileSync(path);
	for (const old of ['3.51.2', '3.50.4', '3.9.0', undefined]) {
		claim(old);
		t.throws(() => openSqlite(path), { message: /may lose commits: 3\.51\.3 or later is needed$/ }, old);
	}
	t.true(readFileSync(path).equals(before));
	for (const sound of ['3.51.3', '3.53.0', '4.0.0']) {
		claim(sound);
		await t.notThrowsAsync(async () => openSqlite(path).close(), sound);
	}
});

/** Opens an installation; `notices`: what it said meanwhile. */
function reopen(path: string) {
	const notices: string[] = [];
	const file = openSqlite(path, { onNotice: (notice) => notices.push(notice) });
	return { file, sessions: createSqliteSessions(file), identities: createSqliteIdentities(file), notices };
}

/** A copy as `sqlite3 .backup` makes it, put in place of the database. */
function putBack(path: string, copy: string) {
	for (const companion of ['-wal', '-shm']) rmSync(`${path}${companion}`, { force: true });
	copyFileSync(copy, path);
}

test('a copy of an earlier time has no session alive, no stamp of its past, and says so once', async (t) => {
	const path = await newInstallation(t);
	const copy = `${path}.copy`;
	const [living, ended] = [newSession(), newSession()];
	const before = reopen(path);
	await before.sessions.insert(living, 100);
	await before.sessions.insert(ended, 100);
	before.file.prepare('VACUUM INTO ?').run(copy);
	const stamps = (await before.identities.list()).map(({ credentialStamp }) => credentialStamp);
	await before.sessions.delete(ended.key);
	await before.file.close();

	for (const times of [1, 2]) {
		putBack(path, copy);
		const after = reopen(path);
		t.regex(
			after.notices.join(),
			/is a copy of an earlier time.*all sessions and API tokens have ended, and recovery codes are void$/,
			`${times}`,
		);
		t.is(await after.sessions.find(ended.key), undefined);
		t.is(await after.sessions.find(living.key), undefined);
		const identities = await after.identities.list();
		t.is(identities.length, stamps.length);
		for (const { credentialStamp } of identities) t.false(stamps.includes(credentialStamp));
		await after.sessions.insert(living, 100);
		await after.file.close();
		const again = reopen(path);
		t.deepEqual(again.notices, []);
		t.not(await again.sessions.find(living.key), undefined);
		await again.file.close();
	}
});

test('a database whose process was killed is no copy of an earlier time, nor is one that lacks what nobody ended', async (t) => {
	const path = await newPath(t);
	const child = startProcess();
	const there = await child.open(path);
	await there.identities.insertFirst(newIdentity());
	const [living, ended] = [newSession(), newSession()];
	await there.sessions.insert(living, 100);
	await there.sessions.insert(ended, 100);
	await there.sessions.delete(ended.key);
	await child.end();
	const after = reopen(path);
	t.deepEqual(after.notices, []);
	t.deepEqual(await after.sessions.find(living.key), living);
	await after.file.close();
});

test('several processes that end sessions at once leave a marker that none of them is behind', async (t) => {
	const path = await newInstallation(t);
	const processes = Array.from({ length: 3 }, startProcess);
	t.teardown(() => Promise.all(processes.map((each) => each.end())));
	const opened = await Promise.all(processes.map((each) => each.open(path)));
	await Promise.all(
		opened.map(async ({ sessions }) => {
			for (let times = 0; times < 30; times += 1) {
				const session = newSession();
				await sessions.insert(session, 100);
				await sessions.delete(session.key);
			}
		}),
	);
	const { file, notices } = reopen(path);
	t.deepEqual(notices, []);
	const generation = file.prepare<[number]>('SELECT generation FROM setup').get()?.[0] ?? 0;
	t.true(generation >= 90 + 101);
	t.is(Number(/^Generation (\d+)$/m.exec(readFileSync(`${path}.set-up`, 'utf8'))?.[1]), generation);
	await file.close();
});

test('a marker of an earlier version is no reason to end anything', async (t) => {
	const path = await newInstallation(t);
	writeFileSync(`${path}.set-up`, 'The installation beside this file was set up.\n');
	const { file, sessions, notices } = reopen(path);
	t.deepEqual(notices, []);
	t.is(await sessions.count(), 100);
	await file.close();
});

test('a database that others may read is closed to them, and that is said; so is a folder that anybody may write', async (t) => {
	const path = await newInstallation(t);
	chmodSync(path, 0o666);
	chmodSync(`${path}.set-up`, 0o644);
	chmodSync(dirname(path), 0o777);
	const { file, notices } = reopen(path);
	t.is(notices.length, 2, notices.join('\n'));
	t.regex(notices.join('\n'), /open to others until now, and no longer.*latchkey\.db,.*latchkey\.db\.set-up/);
	t.regex(notices.join('\n'), /chmod 700 /);
	for (const name of readdirSync(dirname(path))) t.is(modeOf(join(dirname(path), name)), '600', name);
	await file.close();
});

test('links that lead nowhere, or out of the folder, are not followed', async (t) => {
	const path = await newInstallation(t);
	const elsewhere = join(dirname(path), 'elsewhere');
	rmSync(`${path}.set-up`);
	symlinkSync(elsewhere, `${path}.set-up`);
	t.throws(() => openSqlite(path), { message: /latchkey\.db\.set-up is a link/ });
	rmSync(`${path}.set-up`);
	rmSync(path);
	symlinkSync(elsewhere, path);
	t.throws(() => openSqlite(path), { message: /latchkey\.db is a link to .*elsewhere, which does not exist/ });
	t.false(existsSync(elsewhere));
});

for (const [what, path, why] of [
	['below a plain file', join(import.meta.filename, 'data', 'latchkey.db'), /is no folder|ENOTDIR|not a directory/],
	['below /proc', '/proc/latchkey/data/latchkey.db', /ENOENT/],
] as const) {
	test(`a database ${what} is refused in one line that says what to do`, (t) => {
		const { message = '' } = t.throws(() => openSqlite(path)) ?? {};
		t.true(message.startsWith(path));
		t.regex(message, why);
		t.regex(message, /name a place that this process may write to$/);
		t.false(message.includes('\n'));
	});
}
