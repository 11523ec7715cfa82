import { type Clock, createClock, type Instant } from '../../core/clock.ts';
import type { SessionKey } from '../../core/session.ts';
import type { EndRecord } from '../../core/stores.ts';
import type { SqliteFile } from './connection.ts';
import { packKey } from './row-codec.ts';

const purgedAtOnce = 250;

/** Which sessions were ended, for a session store elsewhere. Other processes on this machine hear of ends from that store. */
export function createSqliteEnds(file: SqliteFile, clock: Clock = createClock()): EndRecord {
	const put = file.prepare('INSERT INTO ended_session (key, ended_at) VALUES (?, ?) ON CONFLICT DO NOTHING');
	const byKey = file.prepare<[Instant]>('SELECT ended_at FROM ended_session WHERE key = ?');
	const forget = file.prepare(
		'DELETE FROM ended_session WHERE key IN (SELECT key FROM ended_session WHERE ended_at < ? ORDER BY ended_at LIMIT ?)',
	);
	const those = (keys: readonly SessionKey[], are: (key: SessionKey) => boolean) => new Set(keys.filter(are));

	return {
		write: async (keys) => file.write('synced', () => those(keys, (key) => put.run(packKey(key), clock.now()) > 0)),
		find: async (keys) => file.read(() => those(keys, (key) => byKey.get(packKey(key)) !== undefined)),
		async purge(before) {
			file.write('written', () => forget.run(before, purgedAtOnce));
		},
		follow: () => undefined,
		isFollowed: () => true,
	};
}
