import type { AuditEvent } from '../../core/audit.ts';
import type { AuditPosition, AuditRow, AuditTable } from '../../core/audit-table.ts';
import type { Instant } from '../../core/clock.ts';
import type { SqliteFile } from './connection.ts';
import { packUuid } from './row-codec.ts';

const sweptAtOnce = 250;
/** Rows that one call looks at: some milliseconds, in which nobody else is answered. */
const lookedAt = 2000;

/** Of the columns. An absent field is NULL there. */
type Row = [
	id: number,
	at: Instant,
	name: string | null,
	actor: string | null,
	act: string,
	isRefused: number,
	reason: string | null,
	address: string | null,
	facts: string,
];

const columns = 'id, at, name, actor, act, is_refused, reason, address, facts';
const kind = "act || ' ' || coalesce(reason, '') || iif(name IS NULL, ' nobody', '')";
const isOlder = (at: string, id: string) => `at <= ${at} AND (at < ${at} OR id < ${id})`;
const newestFirst = 'ORDER BY at DESC, id DESC';
const newest = { at: Number.MAX_SAFE_INTEGER as Instant, id: 0 };
const oldest = { at: Number.MIN_SAFE_INTEGER as Instant, id: 0 };

/** Rows stay when their identity goes: nobody finds its history any more, and the audit is as it was. */
export function createSqliteAudit(file: SqliteFile): AuditTable {
	const put = file.prepare(
		`INSERT INTO audit (identity, at, name, actor, act, is_refused, reason, address, facts)
			VALUES ((SELECT id FROM identity WHERE name = ?1), ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)`,
	);
	const skip = file.prepare<[at: Instant, id: number]>(
		`SELECT at, id FROM audit WHERE ${isOlder('?1', '?2')} ${newestFirst} LIMIT 1 OFFSET ${lookedAt - 1}`,
	);
	const find = file.prepare<Row>(
		`SELECT ${columns} FROM audit WHERE ${isOlder('?1', '?2')} AND at >= ?3 AND NOT (${isOlder('?3', '?4')})
			AND (?5 IS NULL OR name = ?5 OR actor = ?5 OR (act = 'identity-rename' AND facts ->> 'newName' = ?5))
			AND (?6 IS NULL OR act = ?6) AND (?7 IS NULL OR is_refused = ?7)
			AND (?8 IS NULL OR address = ?8) AND (?9 IS NULL OR substr(address, 1, length(?9)) = ?9)
			${newestFirst} LIMIT ?10`,
	);
	const ofIdentity = file.prepare<Row>(
		`SELECT ${columns} FROM audit WHERE identity = ?1 AND at < ?2 ${newestFirst} LIMIT ?3`,
	);
	const span = file.prepare<[first: number | null, last: number | null]>(
		'SELECT (SELECT min(id) FROM audit), (SELECT max(id) FROM audit)',
	);
	const count = file.prepare<[kind: string, count: number, last: number]>(
		`SELECT ${kind}, count(*), max(id) FROM (SELECT * FROM audit WHERE id > ?1 ORDER BY id LIMIT ?2) GROUP BY 1`,
	);
	const forget = file.prepare(`DELETE FROM audit WHERE id > ?2 AND id <= ?3 AND ${kind} = ?1`);
	const sweep = file.prepare('DELETE FROM audit WHERE id IN (SELECT id FROM audit WHERE at < ?1 ORDER BY at LIMIT ?2)');

	return {
		async write(rows) {
			file.write('written', () => {
				for (const { at, event, owner } of rows) {
					const { identity = null, actor = null, act, outcome, reason = null, address = null, ...facts } = event;
					const refused = outcome === 'refused' ? 1 : 0;
					put.run(owner ?? null, at, identity, actor, act, refused, reason, address, JSON.stringify(facts));
				}
			});
		},
		async find({ from, to, person = null, act = null, outcome, address }, limit, after = newest) {
			const start: AuditPosition = to !== undefined && to <= after.at ? { at: to, id: 0 } : after;
			const isPrefix = address?.endsWith('*');
			const [found, end] = file.read(() => {
				const [at, id] = skip.get(start.at, start.id) ?? [];
				const end = at === undefined || id === undefined ? undefined : { at, id };
				const stop = from !== undefined && from > (end?.at ?? oldest.at) ? { at: from, id: 0 } : (end ?? oldest);
				const refused = outcome === undefined ? null : outcome === 'refused' ? 1 : 0;
				const [whole, beginning] = isPrefix ? [null, address?.slice(0, -1) ?? null] : [address ?? null, null];
				const asked = [person, act, refused, whole, beginning] as const;
				return [find.all(start.at, start.id, stop.at, stop.id, ...asked, limit), stop === end ? end : undefined];
			});
			const rows = found.map(toRow);
			const last = rows.at(-1);
			const next = last !== undefined && rows.length === limit ? { at: last.at, id: last.id } : end;
			return { rows, ...(next && { next }) };
		},
		ofIdentity: async (of, limit, before = newest.at) =>
			file.read(() => ofIdentity.all(packUuid(of), before, limit)).map(toRow),
		async span() {
			const [first, last] = file.read(() => span.get()) ?? [];
			return typeof first === 'number' && typeof last === 'number' ? { first, last } : undefined;
		},
		async count(after, size) {
			const counts = file.read(() => count.all(after, size));
			if (counts.length === 0) return undefined;
			return {
				last: Math.max(...counts.map(([, , last]) => last)),
				kinds: new Map(counts.map(([kind, count]) => [kind, count])),
			};
		},
		async forget(kind, after, last) {
			file.write('written', () => forget.run(kind, after, last));
		},
		sweep: async (before) => file.write('written', () => sweep.run(before, sweptAtOnce) === sweptAtOnce),
	};
}

function toRow([id, at, identity, actor, act, isRefused, reason, address, facts]: Row): AuditRow {
	return {
		...(JSON.parse(facts) as object),
		...{ id, at, act, outcome: isRefused === 1 ? 'refused' : 'ok' },
		...(identity !== null && { identity }),
		...(actor !== null && { actor }),
		...(reason !== null && { reason }),
		...(address !== null && { address }),
	} as AuditEvent & Pick<AuditRow, 'id' | 'at'>;
}
