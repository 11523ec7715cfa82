import type { AttemptStore, Count } from '../../core/stores.ts';
import type { PostgresConnection } from './connection.ts';

interface Row {
	readonly points: number;
	/** A double precision: milliseconds until the counter is forgotten. */
	readonly left: number;
}

/** Milliseconds since 1970 by the clock of the server, the one clock that all nodes share. */
const now = "pg_catalog.date_part('epoch', pg_catalog.clock_timestamp()) * 1000";

/** For installations whose sessions are not shared. */
export function createPostgresAttempts(postgres: PostgresConnection): AttemptStore {
	const insert = `INSERT INTO latchkey.attempt AS kept (key, points, expire)
		SELECT $1::text, $2::integer, (${now} + $3::bigint)::bigint
		ON CONFLICT (key) DO UPDATE SET`;
	const returning = `RETURNING points, expire - ${now} AS left`;
	const add = postgres.prepare<Row>(
		'add attempt',
		`${insert}
			points = CASE WHEN kept.expire > ${now} THEN kept.points ELSE 0 END + excluded.points,
			expire = CASE WHEN kept.expire > ${now} THEN kept.expire ELSE excluded.expire END ${returning}`,
	);
	const set = postgres.prepare('set attempts', `${insert} points = excluded.points, expire = excluded.expire`);
	const takeBack = postgres.prepare(
		'take attempt back',
		'UPDATE latchkey.attempt SET points = points - 1 WHERE key = $1 AND points > 0',
	);
	const forgetEmpty = postgres.prepare(
		'forget no attempts',
		'DELETE FROM latchkey.attempt WHERE key = $1 AND points <= 0',
	);
	const find = postgres.prepare<Row>(
		'find attempts',
		`SELECT points, expire - ${now} AS left FROM latchkey.attempt WHERE key = $1 AND expire > ${now}`,
	);
	const forget = postgres.prepare('forget attempts', 'DELETE FROM latchkey.attempt WHERE key = $1');
	// Two go for each that comes: what was forgotten never piles up. Those that another node is at are skipped.
	const purge = postgres.prepare(
		'purge attempts',
		`DELETE FROM latchkey.attempt WHERE key IN (
			SELECT key FROM latchkey.attempt WHERE expire <= ${now} ORDER BY expire LIMIT 2 FOR UPDATE SKIP LOCKED)`,
	);

	const toCount = ({ points, left }: Row): Count => ({ count: points, forgottenInMs: Math.max(0, Math.floor(left)) });

	return {
		async add(key, forMs) {
			const [row] = await add(key, 1, Math.round(forMs));
			await purge();
			return toCount(row as Row);
		},
		async set(key, count, forMs) {
			await set(key, count, Math.round(forMs));
		},
		async takeBack(key) {
			await takeBack(key);
			await forgetEmpty(key);
		},
		async find(key) {
			const [row] = await find(key);
			return row && toCount(row);
		},
		async forget(key) {
			await forget(key);
		},
	};
}
