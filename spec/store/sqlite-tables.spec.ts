import { DatabaseSync } from 'node:sqlite';
import test from 'ava';
import { migrate } from '../../src/store/sqlite/migrate.ts';
import { fates } from '../../src/store/sqlite/tables.ts';

test('of each table of the schema it is said what becomes of it with a backup', (t) => {
	const db = new DatabaseSync(':memory:');
	t.teardown(() => db.close());
	migrate(db);
	const tables = db.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name").all();
	t.deepEqual(
		Object.keys(fates).sort(),
		tables.map(({ name }) => String(name)),
	);
});
