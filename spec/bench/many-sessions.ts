import { statSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { createClock, type Instant } from '../../src/core/clock.ts';
import type { IdentityName } from '../../src/core/identity.ts';
import type { DialectName, Session } from '../../src/core/session.ts';
import { keyOf, newSessionToken, newXsrfToken } from '../../src/core/token.ts';
import { createSqliteIdentities } from '../../src/store/sqlite/identities.ts';
import { openSqlite } from '../../src/store/sqlite/open.ts';
import { createSqliteSessions } from '../../src/store/sqlite/sessions.ts';
import type { Visitor } from './ask.ts';
import { person } from './latchkey.ts';

/** Opens sessions of somebody in a database that nobody serves, without the time that hashing would take. */
export async function openSessions(path: string, count: number, name = person): Promise<readonly Visitor[]> {
	const file = openSqlite(path);
	const identities = createSqliteIdentities(file);
	const sessions = createSqliteSessions(file);
	const identity = await identities.findByName(name as IdentityName);
	if (identity === undefined) throw new Error(`${name} is not there`);
	const dialect = 'kura' as DialectName;
	const visitors: Visitor[] = [];
	for (let at = 0; at < count; at += 1) {
		const token = newSessionToken();
		const now = createClock().now();
		const session: Session = {
			key: keyOf(token, { dialect, secure: false }),
			dialect,
			identityId: identity.id,
			xsrfToken: newXsrfToken(),
			openedAt: now,
			lastActivityAt: now,
			credentialStamp: identity.credentialStamp,
			...{ openedBy: 'password', methods: ['pwd'], level: 1, provedAt: now, leveledAt: now },
			address: '192.0.2.1',
			device: 'Firefox on Linux',
			state: 'open',
		};
		await sessions.insert(session, Number.MAX_SAFE_INTEGER);
		visitors.push({ headers: { Cookie: `JSESSIONID=${token}`, 'X-XSRF-Token': session.xsrfToken } });
	}
	await sessions.close();
	await identities.close();
	return visitors;
}

/** Copies of one session that is there, each with a key and an identity of its own. */
export function copySessions(path: string, count: number, at: Instant): void {
	const db = new DatabaseSync(path, { timeout: 30_000 });
	// Each copy goes to another place of two indexes. What this connection changes it keeps in memory, and writes once.
	db.exec('PRAGMA cache_size = -4000000; PRAGMA synchronous = OFF');
	db.prepare(
		`INSERT INTO session (key, identity, dialect, xsrf_token, opened_at, last_activity_at, credential_stamp,
			by_certificate, locked, number, address, device)
		WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?1),
			one AS (SELECT * FROM session ORDER BY id LIMIT 1)
		SELECT randomblob(32), randomblob(16), dialect, randomblob(16), ?2, ?2, randomblob(24), 0, 0, NULL, address, device
		FROM n, one`,
	).run(count, at);
	db.exec('PRAGMA wal_checkpoint(TRUNCATE)');
	db.close();
}

export function bytesOf(path: string): number {
	return statSync(path).size;
}
