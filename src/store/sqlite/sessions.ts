import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Instant } from '../../core/clock.ts';
import { type ClientCertificate, type Session, type SessionKey, waitsForFactor } from '../../core/session.ts';
import type { SessionStore } from '../../core/stores.ts';
import { createSqliteCeremonies } from './ceremonies.ts';
import type { Durability, SqliteFile, Statement } from './connection.ts';
import { createCount } from './count.ts';
import { createSqliteHandover } from './handover.ts';
import { createRecent } from './recent.ts';
import { createSqliteRefreshTokens } from './refresh-tokens.ts';
import type { Packed } from './row-codec.ts';
import { packKey, packUuid, unpackKey } from './row-codec.ts';
import { type SessionRow as Row, sessionColumns, toRow, toSession } from './session-row.ts';

/** Sessions kept in memory besides: about 600 bytes each. */
const mostRecent = 20_000;
/** How many rows one transaction touches or sweeps: some milliseconds even where every row is on another page. */
const touchedAtOnce = 250;
const sweptAtOnce = 25;

const columns = sessionColumns.join(', ');

export function createSqliteSessions(file: SqliteFile): SessionStore {
	const recent = createRecent<SessionKey, Session>(mostRecent, () => file.version());
	const release = file.hold();
	const handover = createSqliteHandover(file);

	const put = file.prepare(
		`INSERT INTO session (${columns}, certificate) VALUES (${'?, '.repeat(sessionColumns.length)}?)`,
	);
	// The row stays in its place: rows are in the order in which sessions were opened.
	const alter = file.prepare(
		`UPDATE session SET ${sessionColumns.map((name) => `${name} = ?`).join(', ')},
			certificate = coalesce(?, certificate) WHERE key = ?`,
	);
	const byKey = file.prepare<Row>(`SELECT ${columns} FROM session WHERE key = ?`);
	const newest = file.prepare<Row>(`SELECT ${columns} FROM session ORDER BY id DESC LIMIT ?`);
	const ofIdentity = `SELECT ${columns} FROM session WHERE identity = ? ORDER BY id DESC`;
	const newestOf = file.prepare<Row>(`${ofIdentity} LIMIT ?`);
	const allOf = file.prepare<Row>(ofIdentity);
	const rivalsOf = `SELECT ${columns} FROM session
		WHERE identity = ? AND key <> ? AND (needs IS 'second-factor') = ? ORDER BY id DESC`;
	/** By how many rows are skipped: with that as a parameter, SQLite would plan the statements anew for each login. */
	const behind = new Map<number, { readonly all: Statement<[1]>; readonly rivals: Statement<Row> }>();
	const byCertificate = file.prepare<[id: number, key: Packed, certificate: Uint8Array<ArrayBuffer> | null]>(
		'SELECT id, key, certificate FROM session WHERE by_certificate = 1 AND id > ? ORDER BY id LIMIT ?',
	);
	const moveOn = file.prepare('UPDATE session SET last_activity_at = ?1 WHERE key = ?2 AND last_activity_at < ?1');
	const remove = file.prepare('DELETE FROM session WHERE key = ?');
	const sweepSilent = file.prepare<Row>(
		`DELETE FROM session WHERE id IN
			(SELECT id FROM session WHERE last_activity_at < ? ORDER BY last_activity_at LIMIT ?) RETURNING ${columns}`,
	);
	// The first rows are the ones opened first: no index needed.
	const sweepOld = file.prepare<Row>(
		`DELETE FROM session WHERE id IN
			(SELECT id FROM (SELECT id, opened_at FROM session ORDER BY id LIMIT ?2) WHERE opened_at < ?1) RETURNING ${columns}`,
	);
	const counted = createCount(file, 'session');

	function newestBut(skipped: number) {
		const known = behind.get(skipped);
		if (known) return known;
		const prepared = {
			all: file.prepare<[1]>(`SELECT 1 FROM session WHERE identity = ? LIMIT 1 OFFSET ${skipped}`),
			rivals: file.prepare<Row>(`${rivalsOf} LIMIT -1 OFFSET ${skipped}`),
		};
		behind.set(skipped, prepared);
		return prepared;
	}

	/** What must end where `session` comes: in the place of the one at `old`, or of none. */
	function surplus(session: Session, keep: 'alone' | number, old = session.key): Session[] {
		const identity = packUuid(session.identityId);
		if (keep === 'alone') {
			return allOf
				.all(identity)
				.map(toSession)
				.filter(({ dialect }) => dialect === session.dialect);
		}
		const { all, rivals } = newestBut(Math.max(0, keep - 1));
		// Most have too few of any kind: the index says so alone.
		if (all.get(identity) === undefined) return [];
		return rivals.all(identity, packKey(old), waitsForFactor(session) ? 1 : 0).map(toSession);
	}

	function end(sessions: readonly Session[]) {
		for (const { key } of sessions) remove.run(packKey(key));
	}

	function forget(sessions: readonly Session[]) {
		for (const { key } of sessions) recent.delete(key);
	}

	type Insertion = Parameters<SessionStore['insert']>;

	function insert(durability: Durability, [session, keep, certificate]: Insertion): Session[] | undefined {
		const der = certificate === undefined ? null : Buffer.from(certificate, 'base64');
		return file.write(durability, () => {
			const ended = surplus(session, keep);
			if (ended.length > 0 && durability === 'written') return undefined;
			end(ended);
			put.run(...toRow(session), der);
			return ended;
		});
	}

	function touch(activity: readonly (readonly [SessionKey, Instant])[]) {
		const moved = file.write('written', () => activity.filter(([key, at]) => moveOn.run(at, packKey(key)) > 0));
		for (const [key, at] of moved) recent.alter(key, (session) => ({ ...session, lastActivityAt: at }));
	}

	return {
		async insert(...what) {
			const [session] = what;
			// An end must be on the disk, a new session need not: only a login that ends something waits for the disk.
			const ended = insert('written', what) ?? insert('synced', what) ?? [];
			forget(ended);
			recent.set(session.key, session);
			return ended;
		},
		async find(key) {
			const kept = recent.get(key);
			if (kept !== undefined) return kept;
			const row = file.read(() => byKey.get(packKey(key)));
			if (row === undefined) return undefined;
			const session = toSession(row);
			recent.set(key, session);
			return session;
		},
		async replace(key, next, keep, certificate) {
			const der = certificate === undefined ? null : Buffer.from(certificate, 'base64');
			const ended = file.write('synced', () => {
				const ending = surplus(next, keep, key);
				const attach = handover.detach(key);
				if (alter.run(...toRow(next), der, packKey(key)) === 0) return undefined;
				attach(next.key);
				end(ending);
				return ending;
			});
			recent.delete(key);
			if (ended === undefined) return { isDone: false, ended: [] };
			forget(ended);
			recent.set(next.key, next);
			return { isDone: true, ended };
		},
		async list(of, most) {
			const rows = file.read(() => (of === undefined ? newest.all(most) : newestOf.all(packUuid(of), most)));
			return rows.map(toSession);
		},
		async certified(most, from = '0') {
			const rows = file.read(() => byCertificate.all(Number(from), most));
			const found = rows.map(([, key, der]) => ({
				key: unpackKey(key) as SessionKey,
				...(der !== null && { certificate: Buffer.from(der).toString('base64') as ClientCertificate }),
			}));
			return rows.length < most ? { found } : { found, next: String(rows.at(-1)?.[0]) };
		},
		async touch(activity) {
			const waiting = [...activity];
			while (waiting.length > touchedAtOnce) {
				await file.settled();
				touch(waiting.splice(-touchedAtOnce));
				await nextTurn();
			}
			if (waiting.length > 0) touch(waiting);
		},
		async delete(key) {
			const ended = file.write('synced', () => remove.run(packKey(key)));
			recent.delete(key);
			return ended > 0;
		},
		async deleteOf(id, { except, exceptDialects = [] } = {}) {
			const ended = file.write('synced', () => {
				const ending = allOf
					.all(packUuid(id))
					.map(toSession)
					.filter(({ key, dialect }) => key !== except && !exceptDialects.includes(dialect));
				end(ending);
				return ending;
			});
			forget(ended);
			return ended;
		},
		async deleteMany(many) {
			const ended = file.write('synced', () => many.filter(({ key }) => remove.run(packKey(key)) > 0));
			forget(many);
			return ended;
		},
		async sweep({ silentSince, openedBefore }, most) {
			const swept: Session[] = [];
			for (;;) {
				await file.settled();
				const room = Math.min(sweptAtOnce, most - swept.length);
				const rows = file.write('written', () => {
					const silent = sweepSilent.all(silentSince, room);
					return silent.length < room ? [...silent, ...sweepOld.all(openedBefore, room - silent.length)] : silent;
				});
				const sessions = rows.map(toSession);
				forget(sessions);
				swept.push(...sessions);
				if (sessions.length < room || swept.length >= most) return swept;
				await nextTurn();
			}
		},
		count: counted.count,
		handover: handover.store,
		ceremonies: createSqliteCeremonies(file),
		refreshTokens: createSqliteRefreshTokens(file),
		async close() {
			await counted.settled();
			await release();
		},
	};
}
