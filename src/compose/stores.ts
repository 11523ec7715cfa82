import type { Config } from '../config/schema.ts';
import type { Clock } from '../core/clock.ts';
import type { CopyCounts } from '../core/copies.ts';
import type { AttemptStore, EndRecord, IdentityStore, SessionStore } from '../core/stores.ts';
import { createMemorySessions } from '../store/memory/sessions.ts';
import { createPostgresAttempts } from '../store/postgres/attempts.ts';
import { PostgresConnection } from '../store/postgres/connection.ts';
import { createPostgresEnds } from '../store/postgres/ends.ts';
import { createPostgresIdentities } from '../store/postgres/identities.ts';
import { createRedisAttempts } from '../store/redis/attempts.ts';
import { RedisConnection } from '../store/redis/connection.ts';
import { createRedisSessions } from '../store/redis/sessions.ts';
import { createSqliteAttempts } from '../store/sqlite/attempts.ts';
import type { SqliteFile } from '../store/sqlite/connection.ts';
import { createSqliteEnds } from '../store/sqlite/ends.ts';
import { createSqliteIdentities } from '../store/sqlite/identities.ts';
import { openSqlite } from '../store/sqlite/open.ts';
import { createSqliteSessions } from '../store/sqlite/sessions.ts';

/** What this process keeps of a store on another machine, for `/metrics`. */
export interface CopiesOf {
	readonly store: 'sessions' | 'identities';
	readonly counts: Readonly<CopyCounts>;
	/** Milliseconds since the connection that tells of changes was last known to live; infinite while there is none. */
	ageMs(): number;
}

export interface Stores {
	readonly identities: IdentityStore;
	readonly sessions: SessionStore;
	readonly attempts: AttemptStore;
	/** Of stores on other machines. */
	readonly copies: readonly CopiesOf[];
}

/** Told when a store on another machine goes away, and when it is there again. */
export type OnTransition = (store: 'Redis' | 'PostgreSQL', isThere: boolean, cause?: unknown) => void;

/** Identities and the record of ended sessions live together; so do attempts, where sessions are not shared. */
interface Beside {
	readonly identities: IdentityStore;
	readonly ends: EndRecord;
	readonly attempts: AttemptStore;
	readonly copies: readonly CopiesOf[];
}

/** A store is a folder and a line here. */
export function openStores({ store }: Config, clock: Clock, onTransition: OnTransition): Stores {
	const files = new Map<string, SqliteFile>();
	const sqlite = (address: string) => {
		const path = address.slice('sqlite:'.length);
		const file = files.get(path) ?? openSqlite(path);
		files.set(path, file);
		return file;
	};
	const beside = store.identities.startsWith('postgres') ? besidePostgres(store.identities, onTransition) : undefined;
	const { ends, ...identities } = beside ?? besideSqlite(sqlite(store.identities), clock);
	if (store.sessions === 'memory:') return { ...identities, sessions: createMemorySessions() };
	if (store.sessions.startsWith('sqlite:')) {
		return { ...identities, sessions: createSqliteSessions(sqlite(store.sessions)) };
	}
	const redis = new RedisConnection(store.sessions, { onTransition: (...how) => onTransition('Redis', ...how) });
	const sessions = createRedisSessions(redis, ends);
	const copies: CopiesOf = { store: 'sessions', counts: sessions.copies, ageMs: () => redis.ageMs() };
	return { ...identities, attempts: createRedisAttempts(redis), sessions, copies: [copies, ...identities.copies] };
}

function besideSqlite(file: SqliteFile, clock: Clock): Beside {
	return {
		identities: createSqliteIdentities(file),
		ends: createSqliteEnds(file, clock),
		attempts: createSqliteAttempts(file, clock),
		copies: [],
	};
}

function besidePostgres(address: string, onTransition: OnTransition): Beside {
	const postgres = new PostgresConnection(address, { onTransition: (...how) => onTransition('PostgreSQL', ...how) });
	const identities = createPostgresIdentities(postgres);
	return {
		identities,
		ends: createPostgresEnds(postgres),
		attempts: createPostgresAttempts(postgres),
		copies: [{ store: 'identities', counts: identities.copies, ageMs: () => postgres.changes.ageMs() }],
	};
}
