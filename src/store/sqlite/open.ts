import { closeSync, constants, lstatSync, readlinkSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { makeFolder } from '../../files/make-folder.ts';
import { makeFile } from '../../files/open-or-make.ts';
import { SqliteFile, sqliteCode } from './connection.ts';
import { closeToOthers } from './file-modes.ts';
import { createGeneration, lost, settleMarker } from './generation.ts';
import { migrate, newestVersion, schemaVersion } from './migrate.ts';
import { pagesByDisk } from './room.ts';
import { markedGeneration, markerOf, syncFolderOf } from './setup-marker.ts';
import { createCheckpoints } from './wal-flush.ts';

/** `Ltch`: says in the header of the file that it is ours. */
export const applicationId = 0x4c746368;

/** Up to this size a file is read whole before it is used: some milliseconds. */
const readWholeBytes = 4 * 1024 * 1024;

/** SQLITE_READONLY, _CORRUPT, _NOTADB. */
const readOnlyCode = 8;
const corruptCode = 11;
const notADatabaseCode = 26;

export interface SqliteOptions {
	/** Milliseconds to wait for another process that writes, before the store counts as unavailable. */
	readonly busyMs?: number;
	/** Told what went wrong where nobody waits for it: beside the work, in a thread. */
	readonly onFault?: (cause: unknown) => void;
	/** Told what an operator should know of the file. */
	readonly onNotice?: (notice: string) => void;
	/** What the marker says was lost is about to be put back. */
	readonly isRestored?: boolean;
}

/** Before it, what is committed during another connection's checkpoint may be lost (https://sqlite.org/wal.html#walresetbug). */
const oldestSqlite = '3.51.3';

/** In the log before a commit moves it into the database itself: where the thread that does it cannot, or is too slow. Fewer on a small disk. */
const mostPagesInLog = 8000;

/**
 * Opens the database at `path` (or `:memory:`), and makes it where there is none. Throws, with one line for the
 * operator, and leaves the file as it is, where that is not a sound database of this Latchkey or an older one.
 */
export function openSqlite(path: string, options: SqliteOptions = {}): SqliteFile {
	const { busyMs = 5000, onFault = () => undefined, onNotice = () => undefined, isRestored = false } = options;
	if (path === ':memory:') {
		const db = new DatabaseSync(path);
		migrate(db);
		return new SqliteFile(db);
	}
	judgeSqlite();
	if (sizeOf(path) > 0) examine(path, busyMs);
	else create(path, isRestored);
	closeToOthers(path, onNotice);
	const db = new DatabaseSync(path, { timeout: busyMs });
	try {
		return prepared(db, path, { onFault, onNotice, isRestored });
	} catch (fault) {
		db.close();
		throw sqliteCode(fault) === undefined ? fault : refusal(path, fault);
	}
}

/** Not by `localeCompare`: for the first of these, Node loads what it knows of languages, a quarter as long as its own start. */
function ordinalOf(version: string): number {
	return version.split('.').reduce((ordinal, part) => ordinal * 1000 + Number(part), 0);
}

function judgeSqlite() {
	const { sqlite = '', node } = process.versions;
	if (ordinalOf(sqlite) >= ordinalOf(oldestSqlite)) return;
	throw new Error(
		`Node ${node} comes with SQLite ${sqlite}, which may lose commits: ${oldestSqlite} or later is needed`,
	);
}

type Listeners = Required<Omit<SqliteOptions, 'busyMs'>>;

function prepared(db: DatabaseSync, path: string, { onFault, onNotice, isRestored }: Listeners): SqliteFile {
	db.exec('PRAGMA synchronous = FULL; PRAGMA fullfsync = ON');
	// The very first write, before there is a write-ahead log: from now on the header says whose file it is.
	if (idOf(db) === 0) db.exec(`PRAGMA application_id = ${applicationId}`);
	db.exec('PRAGMA journal_mode = WAL');
	db.exec(`PRAGMA wal_autocheckpoint = ${pagesByDisk(path, mostPagesInLog)}`);
	migrate(db);
	if (!isRestored && settleMarker(db, path)) {
		onNotice(
			`${path} is a copy of an earlier time, as ${markerOf(path)} shows: all sessions and API tokens have ended, and recovery codes are void`,
		);
	}
	return new SqliteFile(db, createGeneration(db, path), createCheckpoints(path, onFault));
}

function sizeOf(path: string): number {
	try {
		return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
	} catch (cause) {
		throw new Error(`${path} cannot be reached: ${(cause as Error).message}`, { cause });
	}
}

function idOf(db: DatabaseSync): number {
	return Number(db.prepare('PRAGMA application_id').get()?.application_id);
}

function create(path: string, isRestored: boolean) {
	makePlace(path, () => makeFolder(dirname(path)));
	if (!isRestored && markedGeneration(path) !== undefined) throw lost(path, 'is missing or empty');
	if (lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() && !statSync(path, { throwIfNoEntry: false })) {
		throw new Error(`${path} is a link to ${readlinkSync(path)}, which does not exist`);
	}
	makePlace(path, () => {
		// By us and not by SQLite, which would let others read it. Its companions (-wal, -shm) get the same mode.
		closeSync(makeFile(path, constants.O_WRONLY));
		syncFolderOf(path);
	});
}

function makePlace(path: string, make: () => void) {
	try {
		make();
	} catch (fault) {
		const { code, message } = fault as NodeJS.ErrnoException;
		if (code === 'EEXIST') return;
		throw new Error(`${path} cannot be made: ${message}; name a place that this process may write to`, {
			cause: fault,
		});
	}
}

/**
 * Looks before anything may write. Through SQLite and not through the file system: closing a file of our own would
 * take SQLite's locks away from other connections of this process, and the newest header may stand in the log.
 */
export function examine(path: string, busyMs = 5000) {
	let db: DatabaseSync | undefined;
	try {
		db = new DatabaseSync(path, { readOnly: true, timeout: busyMs });
		const version = schemaVersion(db);
		if (idOf(db) !== applicationId) throw new Error(`${path} is the database of another program`);
		// The next version only adds to the schema: an operator may go back one version (docs/operations.md, Upgrade).
		if (version > newestVersion + 1) {
			throw new Error(
				`${path} was written by a newer Latchkey (schema ${version}; this one works with up to ${newestVersion + 1}): ` +
					'start that one, or move the file away and restore a backup of this version',
			);
		}
		if (version > 0) look(db, path);
	} catch (fault) {
		// A transaction was interrupted before there was a log. SQLite takes it back when it may write.
		if (sqliteCode(fault) === readOnlyCode) return;
		throw sqliteCode(fault) === undefined ? fault : refusal(path, fault);
	} finally {
		db?.close();
	}
}

/** Not all of a big file, which would take seconds: its size, what decides who comes in, and the ends of every tree. */
function look(db: DatabaseSync, path: string) {
	const pageSize = Number(db.prepare('PRAGMA page_size').get()?.page_size);
	const size = sizeOf(path);
	if (sizeOf(`${path}-wal`) === 0 && size % pageSize !== 0) throw new Error(`${path} is truncated`);
	const tables = size <= readWholeBytes ? [''] : ['(setup)', '(identity)'];
	for (const table of tables) {
		const found = db.prepare(`PRAGMA quick_check${table}`).get()?.quick_check;
		if (found !== 'ok') throw new Error(`${path} is damaged: ${String(found).replaceAll('\n', ' ')}`);
	}
	db.exec(`
		SELECT is_over FROM setup;
		SELECT * FROM identity LIMIT 1;
		SELECT * FROM session WHERE id IN ((SELECT min(id) FROM session), (SELECT max(id) FROM session));
		SELECT (SELECT min(key) FROM session), (SELECT max(key) FROM session);
		SELECT (SELECT min(identity) FROM session), (SELECT min(last_activity_at) FROM session);
		SELECT * FROM attempt ORDER BY forgotten_at LIMIT 1;
	`);
}

function refusal(path: string, cause: unknown): Error {
	const code = sqliteCode(cause);
	if (code === notADatabaseCode) return new Error(`${path} is not an SQLite database`, { cause });
	const what = code === corruptCode ? 'is damaged' : 'cannot be opened';
	return new Error(`${path} ${what}: ${cause instanceof Error ? cause.message : cause}`, { cause });
}
