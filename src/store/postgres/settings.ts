import type { ClientBase } from 'pg';

/**
 * What every connection is set to. What is acknowledged is on the disk, whatever the server does by default. A function
 * that another role makes in a schema of the search path must not be called in place of PostgreSQL's (CVE-2018-1058).
 * That a wait for a standby was cancelled is told by a warning.
 */
const settings = { synchronous_commit: 'on', search_path: 'pg_catalog', client_min_messages: 'warning' } as const;

/** What each connection of ours calls itself. */
export const applicationName = 'latchkey';

/** The server, or what stands before it, cannot serve us, and waiting does not help. The message says what to do. */
export class PostgresUnfit extends Error {
	override readonly name = 'PostgresUnfit';
}

/** A standby, or a primary that somebody has closed: what it says may be outdated. */
export class PostgresReadOnly extends Error {
	override readonly name = 'PostgresReadOnly';
	constructor() {
		super('the server can only be read: it is a standby, or default_transaction_read_only is on');
	}
}

/** `options` of the address stay; ours come behind them, and win. */
export function connectionOf(address: string): { connectionString: string; options: string } {
	const ours = Object.entries(settings).map(([name, value]) => `-c ${name}=${value}`);
	// Without a host it is a socket, which `URL` does not know: only the query is taken apart.
	const [base = '', query = ''] = address.split(/\?(.*)/s);
	const parameters = new URLSearchParams(query);
	const options = [...parameters.getAll('options'), ...ours].join(' ');
	parameters.delete('options');
	return { connectionString: parameters.size > 0 ? `${base}?${parameters}` : base, options };
}

/** Rejects with `PostgresUnfit` where a connection is not what we rely on, and with `PostgresReadOnly`. */
export async function verifyConnection(client: ClientBase): Promise<void> {
	const { rows } = await client.query<{ durable: string; path: string; encoding: string; read_only: string }>(
		`SELECT current_setting('synchronous_commit') AS durable, current_setting('search_path') AS path,
			current_setting('server_encoding') AS encoding, current_setting('transaction_read_only') AS read_only`,
	);
	const { durable, path, encoding, read_only: readOnly } = rows[0] ?? {};
	if (encoding !== 'UTF8') {
		throw new PostgresUnfit(`the database has the encoding ${encoding}: create one with ENCODING 'UTF8'`);
	}
	if (durable !== settings.synchronous_commit || path !== settings.search_path) {
		throw new PostgresUnfit(
			'a pooler in between ignores the options of the connection: connect to the server itself, or let the pooler pass options on',
		);
	}
	if (readOnly !== 'off') throw new PostgresReadOnly();
}
