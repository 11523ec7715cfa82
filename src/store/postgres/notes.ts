import type { NoteStore } from '../../core/stores.ts';
import type { PostgresConnection } from './connection.ts';

export function createPostgresNotes(postgres: PostgresConnection): NoteStore {
	const find = postgres.prepare<{ value: string }>('find note', 'SELECT value FROM latchkey.note WHERE key = $1');
	const put = postgres.prepare(
		'put note',
		'INSERT INTO latchkey.note (key, value) VALUES ($1, $2) ON CONFLICT (key) DO UPDATE SET value = excluded.value',
	);
	const offer = postgres.prepare<{ value: string }>(
		'offer note',
		'INSERT INTO latchkey.note (key, value) VALUES ($1, $2) ON CONFLICT DO NOTHING RETURNING value',
	);
	const remove = postgres.prepare('remove note', 'DELETE FROM latchkey.note WHERE key = $1');
	return {
		find: async (key) => (await find(key))[0]?.value,
		async put(key, value) {
			if (value === undefined) await remove(key);
			else await put(key, value);
		},
		async offer(key, value) {
			// The one who was first has committed when we are told of the conflict: it can be read.
			const [kept] = [...(await find(key)), ...(await offer(key, value)), ...(await find(key))];
			return kept?.value ?? value;
		},
	};
}
