import type { DatabaseSync } from 'node:sqlite';
import { createClock } from '../../core/clock.ts';
import { mark, markedGeneration, markerOf, moveMark } from './setup-marker.ts';
import { endPast } from './tables.ts';

/*
 * How a database is told from a copy of an earlier time that took its place: each commit that ends something, or changes
 * who may come in, counts the database's generation up, and then writes it to the marker. A database that has counted
 * less than its marker knows sessions that were ended since, and none of the ends.
 */

/** In a transaction. */
const count = 'UPDATE setup SET generation = generation + 1';

export interface Generation {
	/** In each transaction that must be on the disk before it is told. */
	count(): void;
	/** After its commit. */
	told(): void;
	/** After the commit of the first identity, before that is acknowledged. Throws where the marker cannot be made. */
	setUp(): void;
}

export function createGeneration(db: DatabaseSync, path: string): Generation {
	const increment = db.prepare(count);
	let isMarked = markedGeneration(path) !== undefined;
	return {
		count: () => void increment.run(),
		told() {
			if (markedGeneration(path) !== undefined) underLock(db, () => moveMark(path, generationOf(db)));
		},
		setUp() {
			if (!isMarked) underLock(db, () => mark(path, generationOf(db)));
			isMarked = true;
		},
	};
}

/**
 * The marker is written after the first identity is committed and before that is acknowledged. A crash in between
 * leaves an identity without a marker, which is made up for here; so a marker always has a database with a setup
 * behind it, and where it has not, the database was lost or swapped. (The other way round, a crash would leave a
 * marker and no identity: an installation that nobody can start.)
 *
 * Returns whether the database is a copy of an earlier time. What it would open has ended then (`endPast`). Throws where the database was never set up.
 */
export function settleMarker(db: DatabaseSync, path: string): boolean {
	// The marker first: others may commit meanwhile, and move it on after that.
	const marked = markedGeneration(path);
	const isOver = db.prepare('SELECT is_over FROM setup').get()?.is_over === 1;
	if (!isOver && marked !== undefined) throw lost(path, 'was never set up');
	if (!isOver) return false;
	if (marked === undefined) {
		underLock(db, () => mark(path, generationOf(db)));
		return false;
	}
	const isOld = marked > generationOf(db) && endCopied(db, marked);
	if (marked < generationOf(db)) underLock(db, () => mark(path, generationOf(db)));
	return isOld;
}

/** API tokens, too: here they are those of the copy. */
function endCopied(db: DatabaseSync, marked: number): boolean {
	return underLock(db, () => {
		const generation = generationOf(db);
		if (marked <= generation) return false;
		endPast((sql, ...values) => Number(db.prepare(sql).run(...values).changes), createClock().now());
		db.exec('DELETE FROM api_token');
		db.prepare('UPDATE setup SET generation = ?').run(marked + 1);
		return true;
	});
}

export function lost(path: string, how: string): Error {
	return new Error(
		`${path} ${how}, but ${markerOf(path)} says that this installation was set up: restore the database (latchkey store restore FILE), or remove that file to begin from nothing`,
	);
}

function generationOf(db: DatabaseSync): number {
	return Number(db.prepare('SELECT generation FROM setup').get()?.generation);
}

/** Of several processes one at a time, so that the marker never goes back. */
function underLock<T>(db: DatabaseSync, work: () => T): T {
	db.exec('BEGIN IMMEDIATE');
	try {
		const result = work();
		db.exec('COMMIT');
		return result;
	} finally {
		if (db.isTransaction) db.exec('ROLLBACK');
	}
}
