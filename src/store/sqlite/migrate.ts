import type { DatabaseSync } from 'node:sqlite';
import { migrations } from './migrations.ts';

/** The schema that this Latchkey writes. */
export const newestVersion = migrations.length;

export function schemaVersion(db: DatabaseSync): number {
	return Number(db.prepare('PRAGMA user_version').get()?.user_version);
}

/** What an installation is begun with, and one of a version before has not. */
const ofNewInstallation = "INSERT INTO note VALUES ('min-length-alone', '15')";

/** A new database is made in one step, so that none is new by half; an older one takes a step for each version. */
export function migrate(db: DatabaseSync) {
	step(db, 0, [...migrations, ofNewInstallation].join(';\n'), newestVersion);
	for (const [from, sql] of migrations.entries()) step(db, from, sql, from + 1);
}

/** One transaction, which looks again once it is its turn: several processes may start at once. */
function step(db: DatabaseSync, from: number, sql: string, to: number) {
	if (schemaVersion(db) > from) return;
	db.exec('BEGIN IMMEDIATE');
	try {
		if (schemaVersion(db) === from) db.exec(`${sql}; PRAGMA user_version = ${to}`);
		db.exec('COMMIT');
	} finally {
		if (db.isTransaction) db.exec('ROLLBACK');
	}
}
