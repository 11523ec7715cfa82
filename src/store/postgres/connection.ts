import { Client, type ClientConfig, type PoolClient, type QueryResultRow } from 'pg';
import { isMistake, StoreUnavailable } from '../../core/stores.ts';
import { unlessWithin } from '../remote/heartbeat.ts';
import { channel, createFollower, cut, type Follower } from './follower.ts';
import { createSearch, findPrimary, hostsOf, type Search } from './hosts.ts';
import { createLineage, type Lineage } from './lineage.ts';
import { migrate } from './migrations.ts';
import { type ConnectionPool, openPool, type Run } from './pool.ts';
import { applicationName, connectionOf, PostgresUnfit, verifyConnection } from './settings.ts';

/** Milliseconds for a statement, its connection included: where it reads, since a check may read twice, and where it writes. */
const readMs = 450;
const writeMs = 750;
/** The same for the first connection, which may have to wait for another node that makes the tables. */
const startMs = 5000;
/** For a connection that follows changes: of one host, and of several, where nothing waits for those that do not answer. */
const followMs = 700;
const findMs = 3000;

/** SQLSTATE classes of a server that is not able to serve at this moment; another error is a mistake of ours. */
const passing = /^(08|53|57|58|25006|40|55P03)/;

export interface PostgresOptions {
	/** Told when PostgreSQL goes away and when it is there again, once each. */
	readonly onTransition?: (isThere: boolean, cause?: unknown) => void;
	/** Told where a connection is there on which no notifications arrive: then nothing is kept in memory. */
	readonly onDeaf?: () => void;
	/** Told where PostgreSQL has lost what it acknowledged to this node, and what that had ended has been ended. */
	readonly onLost?: () => void;
}

/** A prepared statement. Resolves to its rows. */
export type Statement<Row> = (...values: readonly unknown[]) => Promise<Row[]>;

export function sqlState(fault: unknown): string | undefined {
	const code = fault instanceof Error && 'code' in fault ? fault.code : undefined;
	return typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code) ? code : undefined;
}

function explained(fault: unknown): unknown {
	const state = sqlState(fault);
	const isPassing = state === undefined ? !(fault instanceof PostgresUnfit || isMistake(fault)) : passing.test(state);
	return isPassing ? new StoreUnavailable('PostgreSQL', { cause: fault }) : fault;
}

/** The server may be slow, or the connection dead: nobody knows. */
class TooLate extends Error {
	override readonly name = 'TooLate';
}

/**
 * A pool of connections, and one more that follows changes. The schema is brought up to date before the first
 * statement. Every statement ends within a second, one way or another; one that came too late may still have happened.
 * Of several hosts the pool uses the one that the follower has found, and none while it has found none.
 */
export class PostgresConnection {
	readonly #pool: ConnectionPool;
	readonly #lineage: Lineage;
	readonly #follower: Follower;
	readonly #search: Search;
	/** Which of the hosts is used. */
	#host = 0;
	#migrated: Promise<void> | undefined;
	#holders = 0;

	constructor(address: string, options: PostgresOptions = {}) {
		const { onTransition = () => undefined, onDeaf = () => undefined, onLost = () => undefined } = options;
		const hosts = hostsOf(address);
		const isAlone = hosts.length === 1;
		this.#search = createSearch(isAlone);
		const configOf = (host: string): ClientConfig => ({
			...connectionOf(host),
			application_name: applicationName,
			// A connection that hangs in its beginning makes room for another one.
			connectionTimeoutMillis: 1000,
			statement_timeout: writeMs,
			keepAlive: true,
		});
		const lineage = createLineage(onLost);
		this.#lineage = lineage;
		this.#pool = openPool(
			() => configOf(hosts[this.#host] ?? hosts[0]),
			async (client) => {
				await verifyConnection(client);
				await lineage.verify(client);
			},
		);
		this.#follower = createFollower({
			connectMs: isAlone ? followMs : findMs,
			onTransition,
			onDeaf,
			newClients: () => hosts.map((host) => new Client(configOf(host))),
			find: async (clients) => {
				const found = await findPrimary(clients, async (client) => {
					await verifyConnection(client);
					return isAlone ? 0 : lineage.timelineOf(client);
				});
				if (found.at !== this.#host) this.#pool.cutAll();
				this.#host = found.at;
				if (isAlone) this.#search.found();
				return found.client;
			},
			judge: (client) => lineage.judge(client),
			beat: (client) => lineage.beat(client),
			onFound: this.#search.found,
			onLost: this.#search.failed,
			notify: (message) =>
				this.#inTime(writeMs, async (client) => {
					await client.query('SELECT pg_notify($1, $2)', [channel, message]);
				}),
		});
	}

	prepare<Row extends QueryResultRow>(name: string, text: string): Statement<Row> {
		return (...values) => this.query<Row>({ name, text, values });
	}

	/** Rejects with `StoreUnavailable` where PostgreSQL is away. */
	async query<Row extends QueryResultRow>(statement: {
		name?: string;
		text: string;
		values: readonly unknown[];
	}): Promise<Row[]> {
		try {
			await this.#upToDate();
			const isRead = statement.text.startsWith('SELECT');
			return await this.#inTime(isRead ? readMs : writeMs, async (client) => {
				const acknowledge = isRead ? undefined : this.#lineage.change();
				const { rows } = await client.query<Row>({ ...statement, values: [...statement.values] });
				await acknowledge?.(client);
				return rows;
			});
		} catch (fault) {
			throw explained(fault);
		}
	}

	/** Statements of which all happen or none; each sees what was committed before it. Rejects as `query` does. */
	async transaction<T>(work: (run: Run) => Promise<T>): Promise<T> {
		try {
			await this.#upToDate();
			return await this.#inTime(writeMs, async (client) => {
				const run: Run = async (text, values = []) => (await client.query(text, [...values])).rows;
				const acknowledge = this.#lineage.change();
				await client.query('BEGIN');
				let result: T;
				try {
					result = await work(run);
					await client.query('COMMIT');
				} catch (fault) {
					// Where the connection is gone, the server takes it back by itself.
					await client.query('ROLLBACK').catch(() => undefined);
					throw fault;
				}
				await acknowledge(client);
				return result;
			});
		} catch (fault) {
			throw explained(fault);
		}
	}

	/**
	 * A connection whose work came too late is cut. Where it is lost, or the follower hears nothing either, so are those
	 * at rest: they may be as dead, and would be tried next. A server that is slow has only the one to make anew.
	 */
	async #inTime<T>(patienceMs: number, work: (client: PoolClient) => Promise<T>): Promise<T> {
		const tooLate = Promise.withResolvers<never>();
		const inTime = unlessWithin(patienceMs, () => tooLate.reject(new TooLate(`no answer within ${patienceMs} ms`)));
		let client: PoolClient | undefined;
		let fault: unknown;
		const connected = this.#connect(() => fault !== undefined);
		try {
			client = await Promise.race([connected, tooLate.promise]);
			return await Promise.race([work(client), tooLate.promise]);
		} catch (cause) {
			fault = cause;
			throw cause;
		} finally {
			inTime();
			if (client === undefined) {
				connected.then(
					(late) => late.release(),
					() => undefined,
				);
			} else {
				const isUsable = fault === undefined || sqlState(fault) !== undefined;
				client.release(!isUsable);
				const isSlow = fault instanceof TooLate && this.#follower.isThere();
				if (!isUsable) for (const each of isSlow ? [client] : [client, ...this.#pool.idle]) cut(each);
			}
		}
	}

	/**
	 * While the follower looks for the server, none is made: a server that comes back sees to all that were made meanwhile
	 * first, also to those that nobody waits for. Of a single host, the connections that are there are used.
	 */
	#connect(isTooLate: () => boolean): Promise<PoolClient> {
		if (this.#search.isOfOne && this.#pool.hasOne()) return this.#pool.connect();
		return this.#search.whenFound().then(() => {
			if (isTooLate()) throw new Error('nobody waits for a connection any more');
			return this.#pool.connect();
		});
	}

	/** Where changes are told: `Follower`. */
	get changes(): Pick<Follower, 'follow' | 'isFollowed' | 'isThere' | 'ageMs'> {
		return this.#follower;
	}

	/** For a store that lives here. Returns how it lets go; the last one to do so closes all. */
	hold(): () => Promise<void> {
		this.#holders += 1;
		let held = true;
		return async () => {
			if (!held) return;
			held = false;
			this.#holders -= 1;
			if (this.#holders === 0) await this.close();
		};
	}

	async close() {
		await Promise.all([this.#follower.close(), this.#pool.close()]);
	}

	#upToDate(): Promise<void> {
		this.#migrated ??= this.#inTime(startMs, migrate).catch((fault) => {
			this.#migrated = undefined;
			throw fault;
		});
		return this.#migrated;
	}
}
