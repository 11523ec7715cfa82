import { chmodSync, closeSync, copyFileSync, existsSync, openSync, renameSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { createClock } from '../../core/clock.ts';
import { makeFolder } from '../../files/make-folder.ts';
import { SqliteFile } from './connection.ts';
import { migrate } from './migrate.ts';
import { applicationId, examine, openSqlite } from './open.ts';
import { markedGeneration, markerOf, syncFolderOf } from './setup-marker.ts';
import { endPast, keptNotes, tablesThat } from './tables.ts';

/*
 * A backup is a database of ours with what is `kept` in it (`tables.ts`). Nothing stands beside it. A copy of another making,
 * as of `sqlite3 .backup`, can be restored, too.
 */

const companions = ['-journal', '-wal', '-shm'];

/**
 * Writes a backup to `to`: whole, or not at all. `fill` puts into it what is to be kept. Throws where something else than
 * an earlier backup stands there.
 */
export async function writeBackup(to: string, fill: (backup: SqliteFile) => Promise<void>): Promise<void> {
	if (existsSync(to)) judgeReplaced(to);
	const part = `${to}.part`;
	remove(part);
	try {
		closeSync(openSync(part, 'wx', 0o600));
		const db = new DatabaseSync(part);
		db.exec(`PRAGMA synchronous = FULL; PRAGMA application_id = ${applicationId}`);
		migrate(db);
		const backup = new SqliteFile(db);
		try {
			await fill(backup);
		} finally {
			await backup.close();
		}
		renameSync(part, to);
		syncFolderOf(to);
	} catch (fault) {
		remove(part);
		throw fault;
	}
}

/** Everything that is to be kept of the database at `from`, as it is at one moment. */
export function fillFrom(from: string): (backup: SqliteFile) => Promise<void> {
	return async (backup) => copyTables(backup, from);
}

/** Whatever the backup at `from` is, it stays as it is: `use` gets a copy, which has the schema of today. */
export async function readBackup<T>(from: string, beside: string, use: (copy: string) => Promise<T>): Promise<T> {
	const copy = `${beside}.restoring`;
	remove(copy);
	try {
		makeFolder(dirname(copy));
		copyFileSync(from, copy);
		chmodSync(copy, 0o600);
		examine(copy);
		const db = new DatabaseSync(copy);
		try {
			migrate(db);
			if (db.prepare('SELECT is_over FROM setup').get()?.is_over !== 1) throw new Error(`${copy} was never set up`);
		} finally {
			db.close();
		}
		return await use(copy);
	} catch (fault) {
		if (fault instanceof Error) fault.message = fault.message.replaceAll(copy, from);
		throw fault;
	} finally {
		remove(copy);
	}
}

/**
 * Puts what is in `copy` in place of what is in the database at `path`, in one step, while others use it or not. What it would
 * open has ended then (`endPast`); API tokens that are there stay. Where there is no sound database, one is made, and `onNotice`
 * is told where the other one is. Returns how many recovery codes are void.
 */
export async function restoreSqlite(path: string, copy: string, onNotice: (notice: string) => void): Promise<number> {
	const marked = markedGeneration(path) ?? 0;
	const file = openAnyhow(path, onNotice);
	const run = (sql: string, ...values: number[]) => file.prepare(sql).run(...values);
	let voided = 0;
	try {
		copyTables(file, copy, () => {
			voided = endPast(run, createClock().now());
			run('DELETE FROM attempt');
			run(`DELETE FROM note WHERE key NOT IN ${keptNotes}`);
			run('UPDATE setup SET generation = max(generation, ?)', marked);
		});
		file.noteSetUp();
		return voided;
	} finally {
		await file.close();
	}
}

function openAnyhow(path: string, onNotice: (notice: string) => void): SqliteFile {
	try {
		return openSqlite(path, { isRestored: true, onNotice });
	} catch (fault) {
		// A database of another program, or of a newer Latchkey, is not ours to put aside.
		if (!/ is damaged| is truncated| is not an SQLite database$/.test((fault as Error).message)) throw fault;
	}
	const aside = `${path}.damaged-${new Date().toISOString().replace(/[:.]/g, '')}`;
	for (const companion of ['', ...companions]) {
		if (existsSync(`${path}${companion}`)) renameSync(`${path}${companion}`, `${aside}${companion}`);
	}
	onNotice(`the damaged database is now ${aside}`);
	return openSqlite(path, { isRestored: true, onNotice });
}

const inBoth = "SELECT name FROM pragma_table_info(?, 'main') INTERSECT SELECT name FROM pragma_table_info(?, 'other')";

function copyTables(into: SqliteFile, from: string, afterwards: () => void = () => undefined): void {
	into.prepare('ATTACH ? AS other').run(from);
	try {
		const generation = () => into.prepare<[number]>('SELECT generation FROM main.setup').get()?.[0] ?? 0;
		into.write('synced', () => {
			const before = generation();
			for (const table of tablesThat('kept')) {
				// One of the two may have been made by the next version, which has more columns.
				const columns = into.prepare<[string]>(inBoth).all(table, table).join(', ');
				into.prepare(`DELETE FROM main.${table}`).run();
				into.prepare(`INSERT INTO main.${table} (${columns}) SELECT ${columns} FROM other.${table}`).run();
			}
			into.prepare(`DELETE FROM main.note WHERE key IN ${keptNotes}`).run();
			into
				.prepare(`INSERT INTO main.note (key, value) SELECT key, value FROM other.note WHERE key IN ${keptNotes}`)
				.run();
			into.prepare('UPDATE main.setup SET token = NULL, generation = max(generation, ?)').run(before);
			afterwards();
		});
	} finally {
		into.prepare('DETACH other').run();
	}
}

function judgeReplaced(to: string): void {
	examine(to);
	if (existsSync(markerOf(to)) || companions.some((companion) => existsSync(`${to}${companion}`)))
		throw new Error(`${to} is the database of an installation, and no backup`);
}

function remove(path: string): void {
	for (const companion of ['', ...companions]) rmSync(`${path}${companion}`, { force: true });
}
