import { Client, type ClientBase, type ClientConfig, Pool, type PoolClient, type QueryResultRow } from 'pg';
import { cut } from './follower.ts';

const mostConnections = 10;
/** Connections that stay in a pause: the first statement after it does not wait for one to be made. */
const fewestConnections = 2;

/** A statement of a transaction. Resolves to its rows. */
export type Run = <Row extends QueryResultRow>(text: string, values?: readonly unknown[]) => Promise<Row[]>;

export interface ConnectionPool {
	connect(): Promise<PoolClient>;
	/** Whether `connect` takes one of those at rest, and makes none. */
	hasOne(): boolean;
	/** Those at rest. */
	readonly idle: ReadonlySet<PoolClient>;
	/** All, whatever they are doing. */
	cutAll(): void;
	close(): Promise<void>;
}

/** `configOf`: asked for each connection. `verify`: rejects where one is not to be used. */
export function openPool(configOf: () => ClientConfig, verify: (client: ClientBase) => Promise<void>): ConnectionPool {
	const all = new Set<PoolClient>();
	const idle = new Set<PoolClient>();
	class ConfiguredClient extends Client {
		constructor() {
			super(configOf());
		}
	}
	const { connectionTimeoutMillis } = configOf();
	const pool = new Pool({
		Client: ConfiguredClient,
		max: mostConnections,
		min: fewestConnections,
		allowExitOnIdle: true,
		onConnect: verify,
		...(connectionTimeoutMillis !== undefined && { connectionTimeoutMillis }),
	});
	// The user of a connection that is lost hears of it by its statement, and the pool makes another one: an error
	// event that nobody hears would end the process. The pool listens to the connections that nobody uses.
	pool.on('error', () => undefined);
	pool.on('connect', (client) => {
		all.add(client);
		client.on('error', () => undefined);
	});
	pool.on('acquire', (client) => idle.delete(client));
	pool.on('remove', (client) => {
		all.delete(client);
		idle.delete(client);
	});
	pool.on('release', (_, client) => idle.add(client));
	return {
		connect: () => pool.connect(),
		hasOne: () => pool.waitingCount < pool.idleCount,
		idle,
		cutAll() {
			for (const client of all) cut(client);
		},
		async close() {
			if (!pool.ended) await pool.end();
		},
	};
}
