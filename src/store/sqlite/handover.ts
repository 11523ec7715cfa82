import type { Instant } from '../../core/clock.ts';
import type { ChildSession, HostName, SessionKey, XsrfToken } from '../../core/session.ts';
import type { HandoverStore } from '../../core/stores.ts';
import type { NonceDigest, Ticket, TicketKey } from '../../core/ticket.ts';
import type { SqliteFile } from './connection.ts';
import { createRecent } from './recent.ts';
import { type Packed, packKey, packUuid, unpackKey, unpackUuid } from './row-codec.ts';

/** Child sessions kept in memory besides: about 300 bytes each. */
const mostRecent = 20_000;

type TicketRow = [
	key: Packed,
	parent: Packed,
	host: HostName,
	browser: NonceDigest,
	url: Ticket['url'],
	issuedAt: Instant,
];

type ChildRow = [key: Packed, parent: Packed, host: HostName, xsrfToken: Packed, openedAt: Instant];

export interface SqliteHandover {
	readonly store: HandoverStore;
	/**
	 * For a session whose key changes, in the transaction where it does: takes away what belongs to it. Returns how its
	 * children come back, as those of another key.
	 */
	detach(parent: SessionKey): (to: SessionKey) => void;
}

/** Rows here go with their session, by the schema. */
export function createSqliteHandover(file: SqliteFile): SqliteHandover {
	const recent = createRecent<SessionKey, ChildSession>(mostRecent, () => file.version());

	const whereParent = 'WHERE EXISTS (SELECT 1 FROM session WHERE key = ?2)';
	const putTicket = file.prepare(
		`INSERT INTO ticket (key, parent, host, browser, url, issued_at) SELECT ?1, ?2, ?3, ?4, ?5, ?6 ${whereParent}`,
	);
	const takeTicket = file.prepare<TicketRow>(
		'DELETE FROM ticket WHERE key = ? RETURNING key, parent, host, browser, url, issued_at',
	);
	const dropStale = file.prepare('DELETE FROM ticket WHERE issued_at < ?');
	const beyond = (table: string) =>
		`DELETE FROM ${table} WHERE id IN (SELECT id FROM ${table} WHERE parent = ? ORDER BY id DESC LIMIT -1 OFFSET ?)`;
	const dropTickets = file.prepare(beyond('ticket'));
	const put = file.prepare(
		`INSERT INTO child_session (key, parent, host, xsrf_token, opened_at) SELECT ?1, ?2, ?3, ?4, ?5 ${whereParent}`,
	);
	const dropChildren = file.prepare<[key: Packed]>(`${beyond('child_session')} RETURNING key`);
	const byKey = file.prepare<ChildRow>(
		'SELECT key, parent, host, xsrf_token, opened_at FROM child_session WHERE key = ?',
	);
	const dropAllOf = (table: string) => file.prepare(`DELETE FROM ${table} WHERE parent = ?`);
	const [dropTicketsOf, dropChildrenOf] = [dropAllOf('ticket'), dropAllOf('child_session')];
	const childrenOf = file.prepare<ChildRow>(
		'SELECT key, parent, host, xsrf_token, opened_at FROM child_session WHERE parent = ? ORDER BY id',
	);
	const hosts = file.prepare<[HostName]>('SELECT DISTINCT host FROM child_session WHERE parent = ? ORDER BY host');

	const store: HandoverStore = {
		async putTicket({ key, parent, host, browser, url, issuedAt }, limit, forMs) {
			return file.write('written', () => {
				dropStale.run(issuedAt - forMs);
				if (putTicket.run(packKey(key), packKey(parent), host, browser, url, issuedAt) === 0) return false;
				dropTickets.run(packKey(parent), limit);
				return true;
			});
		},
		async takeTicket(ticketKey) {
			const [row] = file.write('written', () => takeTicket.all(packKey(ticketKey)));
			if (row === undefined) return undefined;
			const [key, parent, host, browser, url, issuedAt] = row;
			return {
				key: unpackKey(key) as TicketKey,
				parent: unpackKey(parent) as SessionKey,
				...{ host, browser, url, issuedAt },
			};
		},
		async insert({ key, parent, host, xsrfToken, openedAt }, limit) {
			const dropped = file.write('written', () => {
				if (put.run(packKey(key), packKey(parent), host, packUuid(xsrfToken), openedAt) === 0) return undefined;
				return dropChildren.all(packKey(parent), limit);
			});
			for (const [gone] of dropped ?? []) recent.delete(unpackKey(gone) as SessionKey);
			return dropped !== undefined;
		},
		async find(key) {
			const kept = recent.get(key);
			if (kept !== undefined) return kept;
			const row = file.read(() => byKey.get(packKey(key)));
			if (row === undefined) return undefined;
			const child = toChild(row);
			recent.set(key, child);
			return child;
		},
		async hostsOf(parents) {
			const found = file.read(() => parents.map((parent) => [parent, hosts.all(packKey(parent)).flat()] as const));
			return new Map(found.filter(([, names]) => names.length > 0));
		},
	};
	return {
		store,
		detach(parent) {
			const children = childrenOf.all(packKey(parent));
			dropTicketsOf.run(packKey(parent));
			dropChildrenOf.run(packKey(parent));
			for (const [key] of children) recent.delete(unpackKey(key) as SessionKey);
			return (to) => {
				for (const [key, , ...rest] of children) put.run(key, packKey(to), ...rest);
			};
		},
	};
}

function toChild([key, parent, host, xsrfToken, openedAt]: ChildRow): ChildSession {
	return {
		key: unpackKey(key) as SessionKey,
		parent: unpackKey(parent) as SessionKey,
		host,
		xsrfToken: unpackUuid(xsrfToken) as XsrfToken,
		openedAt,
	};
}
