import test from 'ava';
import { createSqliteEnds } from '../../src/store/sqlite/ends.ts';
import { openSqlite } from '../../src/store/sqlite/open.ts';
import { keepsEnds } from './end-record.contract.ts';
import { newPath } from './sqlite-process.ts';

keepsEnds(test, 'SQLite on disk', async (t) => {
	const path = await newPath(t);
	const open = () => {
		const file = openSqlite(path);
		t.teardown(() => file.close());
		return createSqliteEnds(file);
	};
	return { record: open(), reopen: async () => open() };
});
