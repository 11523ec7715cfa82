import type { Config } from '../config/schema.ts';
import type { Clock } from '../core/clock.ts';
import { messageOf } from '../files/open-or-make.ts';
import { createMemorySessions } from '../store/memory/sessions.ts';
import { createSqliteApiTokens } from '../store/sqlite/api-tokens.ts';
import { createSqliteAttempts } from '../store/sqlite/attempts.ts';
import { createSqliteAudit } from '../store/sqlite/audit.ts';
import type { SqliteFile } from '../store/sqlite/connection.ts';
import { createSqliteEnds } from '../store/sqlite/ends.ts';
import { createSqliteIdentities } from '../store/sqlite/identities.ts';
import { createSqliteInvitations } from '../store/sqlite/invitations.ts';
import { createSqliteNotes } from '../store/sqlite/notes.ts';
import { openSqlite } from '../store/sqlite/open.ts';
import { createSqliteSessions } from '../store/sqlite/sessions.ts';
import type { Beside, StoreListeners, Stores } from './store-types.ts';

/** The drivers of stores on other machines cost a start half its time: they are loaded where one is configured. */
const elsewhere = () => import('./remote-stores.ts');

/** A store is a folder and a line here, or there. */
export async function openStores({ store }: Config, clock: Clock, listeners: StoreListeners): Promise<Stores> {
	const { onTransition, onFault, onNotice } = listeners;
	const files = new Map<string, SqliteFile>();
	const sqlite = (key: keyof Config['store']) => {
		const path = store[key].slice('sqlite:'.length);
		const file = files.get(path) ?? openNamed(`store.${key}`, path);
		files.set(path, file);
		return file;
	};
	const openNamed = (setting: string, path: string) => {
		try {
			return openSqlite(path, { onFault, onNotice });
		} catch (cause) {
			throw new Error(`${setting}: ${messageOf(cause as Error)}`, { cause });
		}
	};
	const { ends, ...identities } = store.identities.startsWith('sqlite:')
		? besideSqlite(sqlite('identities'), clock)
		: (await elsewhere()).besidePostgres(store.identities, listeners);
	if (store.sessions === 'memory:') return { ...identities, sessions: createMemorySessions() };
	if (store.sessions.startsWith('sqlite:')) {
		return { ...identities, sessions: createSqliteSessions(sqlite('sessions')) };
	}
	const shared = (await elsewhere()).inRedis(store.sessions, { ends, notes: identities.notes }, onTransition);
	return { ...identities, ...shared, copies: [...shared.copies, ...identities.copies] };
}

function besideSqlite(file: SqliteFile, clock: Clock): Beside {
	return {
		identities: createSqliteIdentities(file),
		apiTokens: createSqliteApiTokens(file),
		invitations: createSqliteInvitations(file),
		auditTable: createSqliteAudit(file),
		ends: createSqliteEnds(file, clock),
		attempts: createSqliteAttempts(file, clock),
		notes: createSqliteNotes(file),
		copies: [],
	};
}
