import type { Clock } from '../../core/clock.ts';
import { createClock } from '../../core/clock.ts';
import type { AttemptStore, Count } from '../../core/stores.ts';
import type { SqliteFile } from './connection.ts';

type Row = [count: number, forgottenAt: number];

/** Counters in the file. `clock`: one that never goes back, so that a clock set back forgets nothing later than told. */
export function createSqliteAttempts(file: SqliteFile, clock: Clock = createClock()): AttemptStore {
	const find = file.prepare<Row>('SELECT count, forgotten_at FROM attempt WHERE key = ? AND forgotten_at > ?');
	const insert = 'INSERT INTO attempt (key, count, forgotten_at) VALUES (?1, ?2, ?3) ON CONFLICT DO UPDATE SET';
	const set = file.prepare(`${insert} count = excluded.count, forgotten_at = excluded.forgotten_at`);
	const add = file.prepare<Row>(`${insert}
		count = iif(forgotten_at > ?4, count, 0) + excluded.count,
		forgotten_at = iif(forgotten_at > ?4, forgotten_at, excluded.forgotten_at) RETURNING count, forgotten_at`);
	const takeBack = file.prepare('UPDATE attempt SET count = count - 1 WHERE key = ? AND count > 1');
	const forget = file.prepare('DELETE FROM attempt WHERE key = ?');
	// Two go for each that comes: what was forgotten never piles up, and no attempt waits for it.
	const purge = file.prepare(
		'DELETE FROM attempt WHERE key IN (SELECT key FROM attempt WHERE forgotten_at <= ? ORDER BY forgotten_at LIMIT 2)',
	);

	const toCount = ([count, forgottenAt]: Row): Count => ({
		count,
		forgottenInMs: Math.max(0, forgottenAt - clock.now()),
	});

	return {
		async add(key, forMs) {
			const now = clock.now();
			const row = file.write('written', () => {
				const counted = add.get(key, 1, now + Math.round(forMs), now);
				purge.run(now);
				return counted;
			});
			return toCount(row as Row);
		},
		async set(key, count, forMs) {
			const now = clock.now();
			file.write('written', () => {
				set.run(key, count, now + Math.round(forMs));
				purge.run(now);
			});
		},
		async takeBack(key) {
			file.write('written', () => takeBack.run(key) || forget.run(key));
		},
		async find(key) {
			const row = file.read(() => find.get(key, clock.now()));
			return row && toCount(row);
		},
		async forget(key) {
			file.write('written', () => forget.run(key));
		},
	};
}
