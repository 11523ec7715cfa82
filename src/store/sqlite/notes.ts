import type { NoteStore } from '../../core/stores.ts';
import type { SqliteFile } from './connection.ts';

export function createSqliteNotes(file: SqliteFile): NoteStore {
	const byKey = file.prepare<[string]>('SELECT value FROM note WHERE key = ?');
	const put = file.prepare(
		'INSERT INTO note (key, value) VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value',
	);
	const offer = file.prepare('INSERT INTO note (key, value) VALUES (?, ?) ON CONFLICT DO NOTHING');
	const remove = file.prepare('DELETE FROM note WHERE key = ?');
	return {
		find: async (key) => file.read(() => byKey.get(key)?.[0]),
		async put(key, value) {
			file.write('synced', () => (value === undefined ? remove.run(key) : put.run(key, value)));
		},
		offer: async (key, value) =>
			file.write('synced', () => {
				offer.run(key, value);
				return byKey.get(key)?.[0] ?? value;
			}),
	};
}
