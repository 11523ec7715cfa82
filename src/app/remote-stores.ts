import { randomBytes } from 'node:crypto';
import type { EndRecord, NoteStore } from '../core/stores.ts';
import { createPostgresApiTokens } from '../store/postgres/api-tokens.ts';
import { createPostgresAttempts } from '../store/postgres/attempts.ts';
import { createPostgresAudit } from '../store/postgres/audit.ts';
import { PostgresConnection } from '../store/postgres/connection.ts';
import { createPostgresEnds } from '../store/postgres/ends.ts';
import { createPostgresIdentities } from '../store/postgres/identities.ts';
import { createPostgresInvitations } from '../store/postgres/invitations.ts';
import { createPostgresNotes } from '../store/postgres/notes.ts';
import { createRedisAttempts } from '../store/redis/attempts.ts';
import { RedisConnection } from '../store/redis/connection.ts';
import { sealingKeyBytes } from '../store/redis/seal.ts';
import { createRedisSessions } from '../store/redis/sessions.ts';
import type { Beside, OnTransition, StoreListeners, Stores } from './store-types.ts';

const deaf =
	'PostgreSQL passes no notifications on, as behind a pooler of transactions: nothing of it is kept in memory, and every request reads it';

const lost =
	'PostgreSQL has lost what it had acknowledged, as where a standby that lags is promoted, or a snapshot is put back. All sessions, API tokens, invitations and recovery codes have ended. Changes of passwords, permissions, second factors and identities may be undone: compare with the audit';

/** Sessions and attempts in Redis; `ends` and `notes` are what survives it. */
export function inRedis(
	address: string,
	{ ends, notes }: { ends: EndRecord; notes: NoteStore },
	onTransition: OnTransition,
): Omit<Stores, 'identities' | 'apiTokens' | 'invitations' | 'auditTable' | 'notes'> {
	const redis = new RedisConnection(address, { onTransition: (...how) => onTransition('Redis', ...how) });
	const sessions = createRedisSessions(redis, ends, async () =>
		Buffer.from(await notes.offer('sealing-key', randomBytes(sealingKeyBytes).toString('base64')), 'base64'),
	);
	return {
		sessions,
		attempts: createRedisAttempts(redis),
		copies: [{ store: 'sessions', counts: sessions.copies, ageMs: () => redis.ageMs() }],
	};
}

export function besidePostgres(address: string, { onTransition, onNotice }: StoreListeners): Beside {
	const postgres = new PostgresConnection(address, {
		onTransition: (...how) => onTransition('PostgreSQL', ...how),
		onDeaf: () => onNotice(deaf),
		onLost: () => onNotice(lost),
	});
	const identities = createPostgresIdentities(postgres);
	const apiTokens = createPostgresApiTokens(postgres);
	const ageMs = () => postgres.changes.ageMs();
	return {
		identities,
		apiTokens,
		invitations: createPostgresInvitations(postgres),
		auditTable: createPostgresAudit(postgres),
		ends: createPostgresEnds(postgres),
		attempts: createPostgresAttempts(postgres),
		notes: createPostgresNotes(postgres),
		copies: [
			{ store: 'identities', counts: identities.copies, ageMs },
			{ store: 'tokens', counts: apiTokens.copies, ageMs },
		],
	};
}
