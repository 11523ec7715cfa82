import { Pool, type PoolClient, type PoolConfig, type QueryResultRow } from 'pg';
import { isMistake, StoreUnavailable } from '../../core/stores.ts';
import { unlessWithin } from '../remote/heartbeat.ts';
import { channel, createFollower, cut, type Follower } from './follower.ts';
import { migrate } from './migrations.ts';
import { connectionOf, PostgresUnfit, verifyConnection } from './settings.ts';

/** Milliseconds for a statement, its connection included: where it reads, since a check may read twice, and where it writes. */
const readMs = 450;
const writeMs = 750;
/** The same for the first connection, which may have to wait for another node that makes the tables. */
const startMs = 5000;
const mostConnections = 10;

/** SQLSTATE classes of a server that is not able to serve at this moment; another error is a mistake of ours. */
const passing = /^(08|53|57|58|25006|40|55P03)/;

export interface PostgresOptions {
	/** Told when PostgreSQL goes away and when it is there again, once each. */
	readonly onTransition?: (isThere: boolean, cause?: unknown) => void;
	/** Told where a connection is there on which no notifications arrive: then nothing is kept in memory. */
	readonly onDeaf?: () => void;
}

/** A prepared statement. Resolves to its rows. */
export type Statement<Row> = (...values: readonly unknown[]) => Promise<Row[]>;

/** A statement of a transaction. Resolves to its rows. */
export type Run = <Row extends QueryResultRow>(text: string, values?: readonly unknown[]) => Promise<Row[]>;

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
 */
export class PostgresConnection {
	readonly #pool: Pool;
	readonly #idle = new Set<PoolClient>();
	readonly #follower: Follower;
	#migrated: Promise<void> | undefined;
	#holders = 0;

	constructor(address: string, { onTransition = () => undefined, onDeaf = () => undefined }: PostgresOptions = {}) {
		const config: PoolConfig = {
			...connectionOf(address),
			application_name: 'latchkey',
			// A connection that hangs in its beginning makes room for another one.
			connectionTimeoutMillis: 1000,
			statement_timeout: writeMs,
			keepAlive: true,
		};
		this.#pool = new Pool({ ...config, max: mostConnections, allowExitOnIdle: true, onConnect: verifyConnection });
		// The user of a connection that is lost hears of it by its statement, and the pool makes another one: an error
		// event that nobody hears would end the process. The pool listens to the connections that nobody uses.
		this.#pool.on('error', () => undefined);
		this.#pool.on('connect', (client) => void client.on('error', () => undefined));
		this.#pool.on('acquire', (client) => this.#idle.delete(client));
		this.#pool.on('remove', (client) => this.#idle.delete(client));
		this.#pool.on('release', (_, client) => this.#idle.add(client));
		this.#follower = createFollower(config, {
			onTransition,
			onDeaf,
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
			const patienceMs = statement.text.startsWith('SELECT') ? readMs : writeMs;
			return await this.#inTime(patienceMs, async (client) => {
				const { rows } = await client.query<Row>({ ...statement, values: [...statement.values] });
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
				await client.query('BEGIN');
				try {
					const result = await work(run);
					await client.query('COMMIT');
					return result;
				} catch (fault) {
					// Where the connection is gone, the server takes it back by itself.
					await client.query('ROLLBACK').catch(() => undefined);
					throw fault;
				}
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
		const connected = this.#pool.connect();
		let client: PoolClient | undefined;
		let fault: unknown;
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
				if (!isUsable) for (const each of isSlow ? [client] : [client, ...this.#idle]) cut(each);
			}
		}
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
		await Promise.all([this.#follower.close(), this.#pool.ended ? undefined : this.#pool.end()]);
	}

	#upToDate(): Promise<void> {
		this.#migrated ??= this.#inTime(startMs, migrate).catch((fault) => {
			this.#migrated = undefined;
			throw fault;
		});
		return this.#migrated;
	}
}
