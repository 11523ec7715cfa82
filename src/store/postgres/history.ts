import type { Instant } from '../../core/clock.ts';
import type { HistoryEvent, HistoryStore } from '../../core/history.ts';
import type { PostgresConnection } from './connection.ts';

const sweptAtOnce = 250;

/** Bigints, which pg hands over as text. */
interface Row {
	readonly at: string;
	readonly facts: string;
}

interface Counts {
	readonly identity_id: string;
	readonly all: string;
	readonly refused: string;
}

/** Rows go with their identity, by the schema. Their order is that in which they were written. */
export function createPostgresHistory(postgres: PostgresConnection): HistoryStore {
	const put = postgres.prepare(
		'write history',
		`INSERT INTO latchkey.history (identity_id, at, is_refused, facts)
			SELECT id, at, is_refused, facts
			FROM unnest($1::text[], $2::bigint[], $3::boolean[], $4::text[]) WITH ORDINALITY
				AS event (name, at, is_refused, facts, number)
			JOIN latchkey.identity USING (name) ORDER BY number`,
	);
	const newest = postgres.prepare<Row>(
		'history',
		`SELECT at, facts FROM latchkey.history WHERE identity_id = $1 AND at < $2::bigint
			ORDER BY at DESC, id DESC LIMIT $3::integer`,
	);
	const counts = postgres.prepare<Counts>(
		'history counts',
		`SELECT identity_id, count(*) AS all, count(*) FILTER (WHERE is_refused) AS refused FROM latchkey.history
			WHERE identity_id = (SELECT id FROM latchkey.identity WHERE name = $1) GROUP BY identity_id`,
	);
	const forget = postgres.prepare(
		'forget history',
		`DELETE FROM latchkey.history WHERE id IN (
			SELECT id FROM latchkey.history WHERE identity_id = $1 AND (is_refused OR NOT $2::boolean)
			ORDER BY at, id LIMIT $3::integer)`,
	);
	const sweep = postgres.prepare(
		'sweep history',
		`DELETE FROM latchkey.history
			WHERE at < $1::bigint AND id IN (SELECT id FROM latchkey.history ORDER BY id LIMIT $2::integer) RETURNING id`,
	);

	return {
		async write(events) {
			const rows = events.map(({ identity, at, ...facts }) => ({ identity, at, facts }));
			await put(
				rows.map(({ identity }) => identity),
				rows.map(({ at }) => at),
				rows.map(({ facts }) => facts.outcome === 'refused'),
				rows.map(({ facts }) => JSON.stringify(facts)),
			);
		},
		list: async (of, limit, before = Number.MAX_SAFE_INTEGER as Instant) =>
			(await newest(of, before, limit)).map(
				({ at, facts }) => ({ at: Number(at) as Instant, ...JSON.parse(facts) }) as HistoryEvent,
			),
		async trim(of, limits) {
			const [found] = await counts(of);
			const [all, refused] = [Number(found?.all ?? 0), Number(found?.refused ?? 0)];
			if (found === undefined || all <= limits.all) return;
			const fromRefused = Math.max(0, Math.min(all - limits.all, refused - limits.refused));
			await forget(found.identity_id, true, fromRefused);
			await forget(found.identity_id, false, all - limits.all - fromRefused);
		},
		sweep: async (before) => (await sweep(before, sweptAtOnce)).length === sweptAtOnce,
	};
}
