import type { AuditEvent } from '../../core/audit.ts';
import type { AuditPosition, AuditRow, AuditTable } from '../../core/audit-table.ts';
import type { Instant } from '../../core/clock.ts';
import type { PostgresConnection } from './connection.ts';

const sweptAtOnce = 250;
/** Rows that one call looks at: well within the time that a statement has. */
const lookedAt = 20_000;

/** Bigints, which pg hands over as text. An absent field is NULL. */
interface Row {
	readonly id: string;
	readonly at: string;
	readonly name: string | null;
	readonly actor: string | null;
	readonly act: string;
	readonly is_refused: boolean;
	readonly reason: string | null;
	readonly address: string | null;
	readonly facts: string;
}

const columns = 'id, at, name, actor, act, is_refused, reason, address, facts';
const kind = "act || ' ' || coalesce(reason, '') || CASE WHEN name IS NULL THEN ' nobody' ELSE '' END";
const newestFirst = 'ORDER BY at DESC, id DESC';
const newest = { at: Number.MAX_SAFE_INTEGER as Instant, id: 0 };
const oldest = { at: Number.MIN_SAFE_INTEGER as Instant, id: 0 };

/** Rows stay when their identity goes: nobody finds its history any more, and the audit is as it was. */
export function createPostgresAudit(postgres: PostgresConnection): AuditTable {
	const put = postgres.prepare(
		'write audit',
		`INSERT INTO latchkey.audit (identity_id, at, name, actor, act, is_refused, reason, address, facts)
			SELECT identity.id, event.at, event.name, actor, act, is_refused, reason, address, facts
			FROM unnest($1::text[], $2::bigint[], $3::text[], $4::text[], $5::text[], $6::boolean[], $7::text[], $8::text[], $9::text[])
				WITH ORDINALITY AS event (owner, at, name, actor, act, is_refused, reason, address, facts, number)
			LEFT JOIN latchkey.identity ON identity.name = event.owner ORDER BY number`,
	);
	const skip = postgres.prepare<Pick<Row, 'at' | 'id'>>(
		'skip audit',
		`SELECT at, id FROM latchkey.audit WHERE (at, id) < ($1::bigint, $2::bigint) ${newestFirst}
			LIMIT 1 OFFSET ${lookedAt - 1}`,
	);
	const find = postgres.prepare<Row>(
		'find audit',
		`SELECT ${columns} FROM latchkey.audit
			WHERE (at, id) < ($1::bigint, $2::bigint) AND (at, id) >= ($3::bigint, $4::bigint)
			AND ($5::text IS NULL OR name = $5 OR actor = $5
				OR (act = 'identity-rename' AND facts::jsonb ->> 'newName' = $5))
			AND ($6::text IS NULL OR act = $6) AND ($7::boolean IS NULL OR is_refused = $7)
			AND ($8::text IS NULL OR address = $8) AND ($9::text IS NULL OR left(address, length($9)) = $9)
			${newestFirst} LIMIT $10::integer`,
	);
	const ofIdentity = postgres.prepare<Row>(
		'audit of identity',
		`SELECT ${columns} FROM latchkey.audit WHERE identity_id = $1 AND at < $2::bigint ${newestFirst} LIMIT $3::integer`,
	);
	const span = postgres.prepare<{ readonly first: string | null; readonly last: string | null }>(
		'audit span',
		'SELECT (SELECT min(id) FROM latchkey.audit) AS first, (SELECT max(id) FROM latchkey.audit) AS last',
	);
	const count = postgres.prepare<{ readonly kind: string; readonly count: string; readonly last: string }>(
		'count audit',
		`SELECT ${kind} AS kind, count(*) AS count, max(id) AS last
			FROM (SELECT * FROM latchkey.audit WHERE id > $1::bigint ORDER BY id LIMIT $2::integer) AS part GROUP BY 1`,
	);
	const forget = postgres.prepare(
		'forget audit',
		`DELETE FROM latchkey.audit WHERE id > $2::bigint AND id <= $3::bigint AND ${kind} = $1`,
	);
	const sweep = postgres.prepare(
		'sweep audit',
		`DELETE FROM latchkey.audit WHERE id IN (
			SELECT id FROM latchkey.audit WHERE at < $1::bigint ORDER BY at LIMIT $2::integer) RETURNING id`,
	);

	return {
		async write(rows) {
			const all = rows.map(({ at, event, owner = null }) => {
				const { identity = null, actor = null, act, outcome, reason = null, address = null, ...facts } = event;
				return [owner, at, identity, actor, act, outcome === 'refused', reason, address, JSON.stringify(facts)];
			});
			await put(...Array.from({ length: 9 }, (_, column) => all.map((row) => row[column])));
		},
		async find({ from, to, person = null, act = null, outcome, address }, limit, after = newest) {
			const start: AuditPosition = to !== undefined && to <= after.at ? { at: to, id: 0 } : after;
			const [skipped] = await skip(start.at, start.id);
			const end = skipped && { at: Number(skipped.at) as Instant, id: Number(skipped.id) };
			const stop = from !== undefined && from > (end?.at ?? oldest.at) ? { at: from, id: 0 } : (end ?? oldest);
			const refused = outcome === undefined ? null : outcome === 'refused';
			const [whole, beginning] = address?.endsWith('*') ? [null, address.slice(0, -1)] : [address ?? null, null];
			const asked = [person, act, refused, whole, beginning];
			const rows = (await find(start.at, start.id, stop.at, stop.id, ...asked, limit)).map(toRow);
			const last = rows.at(-1);
			const next = last !== undefined && rows.length === limit ? { at: last.at, id: last.id } : undefined;
			const goesOn = next ?? (stop === end ? end : undefined);
			return { rows, ...(goesOn && { next: goesOn }) };
		},
		ofIdentity: async (of, limit, before = newest.at) => (await ofIdentity(of, before, limit)).map(toRow),
		async span() {
			const [found] = await span();
			return found?.first && found.last ? { first: Number(found.first), last: Number(found.last) } : undefined;
		},
		async count(after, size) {
			const counts = await count(after, size);
			if (counts.length === 0) return undefined;
			return {
				last: Math.max(...counts.map(({ last }) => Number(last))),
				kinds: new Map(counts.map(({ kind, count }) => [kind, Number(count)])),
			};
		},
		forget: async (kind, after, last) => void (await forget(kind, after, last)),
		sweep: async (before) => (await sweep(before, sweptAtOnce)).length === sweptAtOnce,
	};
}

function toRow({ id, at, name, actor, act, is_refused, reason, address, facts }: Row): AuditRow {
	return {
		...(JSON.parse(facts) as object),
		...{ id: Number(id), at: Number(at) as Instant, act, outcome: is_refused ? 'refused' : 'ok' },
		...(name !== null && { identity: name }),
		...(actor !== null && { actor }),
		...(reason !== null && { reason }),
		...(address !== null && { address }),
	} as AuditEvent & Pick<AuditRow, 'id' | 'at'>;
}
