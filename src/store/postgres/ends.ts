import type { SessionKey } from '../../core/session.ts';
import type { EndRecord } from '../../core/stores.ts';
import type { PostgresConnection } from './connection.ts';
import { channel } from './follower.ts';

/** A message about a session that ended: this letter and its key. */
const letter = 'e';
const purgedAtOnce = 1000;

/** Which sessions were ended, for a session store elsewhere. */
export function createPostgresEnds(postgres: PostgresConnection): EndRecord {
	const write = postgres.prepare<{ key: SessionKey }>(
		'write ends',
		`WITH fresh AS (
			INSERT INTO latchkey.ended_session (key) SELECT decode(unnest($1::text[]), 'hex') ON CONFLICT DO NOTHING RETURNING key
		)
		SELECT encode(key, 'hex') AS key, pg_notify('${channel}', '${letter}' || encode(key, 'hex')) FROM fresh`,
	);
	const find = postgres.prepare<{ key: SessionKey }>(
		'find ends',
		`SELECT encode(key, 'hex') AS key FROM latchkey.ended_session
			WHERE key = ANY (SELECT decode(unnest($1::text[]), 'hex'))`,
	);
	const purge = postgres.prepare(
		'purge ends',
		`DELETE FROM latchkey.ended_session WHERE key IN (
			SELECT key FROM latchkey.ended_session WHERE ended_at < to_timestamp($1::float8 / 1000)
			ORDER BY ended_at LIMIT ${purgedAtOnce} FOR UPDATE SKIP LOCKED
		)`,
	);
	const keysOf = (rows: readonly { key: SessionKey }[]) => new Set(rows.map(({ key }) => key));

	return {
		write: async (keys) => keysOf(await write([...keys].sort())),
		find: async (keys) => keysOf(await find(keys)),
		async purge(before) {
			await purge(before);
		},
		follow(listener) {
			postgres.changes.follow((message) => {
				if (message === undefined) listener(undefined);
				else if (message.startsWith(letter)) listener(message.slice(letter.length) as SessionKey);
			});
		},
		isFollowed: () => postgres.changes.isFollowed(),
	};
}
