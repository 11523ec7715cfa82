import type { Instant } from '../../core/clock.ts';
import type { HistoryEvent, HistoryStore } from '../../core/history.ts';
import type { SqliteFile } from './connection.ts';
import { type Packed, packUuid } from './row-codec.ts';

const sweptAtOnce = 250;

/** Rows go with their identity, by the schema. Their order is that in which they were written. */
export function createSqliteHistory(file: SqliteFile): HistoryStore {
	const put = file.prepare(
		`INSERT INTO history (identity, at, is_refused, facts)
			SELECT id, ?2, ?3, ?4 FROM identity WHERE name = ?1`,
	);
	const newest = file.prepare<[at: Instant, facts: string]>(
		'SELECT at, facts FROM history WHERE identity = ?1 AND at < ?2 ORDER BY at DESC, id DESC LIMIT ?3',
	);
	const counts = file.prepare<[identity: Packed, all: number, refused: number]>(
		`SELECT identity, count(*), sum(is_refused) FROM history
			WHERE identity = (SELECT id FROM identity WHERE name = ?) GROUP BY identity`,
	);
	const forget = file.prepare(
		`DELETE FROM history WHERE id IN (
			SELECT id FROM history WHERE identity = ?1 AND is_refused >= ?2 ORDER BY at, id LIMIT ?3)`,
	);
	const sweep = file.prepare(
		'DELETE FROM history WHERE at < ?1 AND id IN (SELECT id FROM history ORDER BY id LIMIT ?2)',
	);

	return {
		async write(events) {
			file.write('written', () => {
				for (const { identity, at, ...facts } of events) {
					put.run(identity, at, facts.outcome === 'refused' ? 1 : 0, JSON.stringify(facts));
				}
			});
		},
		list: async (of, limit, before = Number.MAX_SAFE_INTEGER as Instant) =>
			file
				.read(() => newest.all(packUuid(of), before, limit))
				.map(([at, facts]) => ({ at, ...JSON.parse(facts) }) as HistoryEvent),
		async trim(of, limits) {
			const [identity, all = 0, refused = 0] = file.read(() => counts.get(of)) ?? [];
			if (identity === undefined || all <= limits.all) return;
			const fromRefused = Math.max(0, Math.min(all - limits.all, refused - limits.refused));
			file.write('written', () => {
				forget.run(identity, 1, fromRefused);
				forget.run(identity, 0, all - limits.all - fromRefused);
			});
		},
		sweep: async (before) => file.write('written', () => sweep.run(before, sweptAtOnce) === sweptAtOnce),
	};
}
