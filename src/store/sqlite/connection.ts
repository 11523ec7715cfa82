import type { DatabaseSync, SQLInputValue, SQLOutputValue } from 'node:sqlite';
import { StoreUnavailable } from '../../core/stores.ts';
import type { Generation } from './generation.ts';
import type { Checkpoints } from './wal-flush.ts';

/** `synced`: on the disk before it returns. `written`: survives the death of this process, not that of the machine. */
export type Durability = 'synced' | 'written';

/** A prepared statement whose rows are arrays: reading them takes half the time of objects. */
export interface Statement<Row extends readonly SQLOutputValue[]> {
	get(...values: SQLInputValue[]): Row | undefined;
	all(...values: SQLInputValue[]): Row[];
	/** Returns how many rows it changed. */
	run(...values: SQLInputValue[]): number;
}

/**
 * Grows at the end of each turn of the event loop, and with each commit of this process: what one look at the file
 * has seen holds within a moment, for all that a request asks. A request that is sent after another process's answer
 * falls into a later one: libuv reads once from each connection that was ready when the turn began.
 */
let moment = 0;

function endMoment() {
	moment += 1;
}

/** SQLITE_IOERR, as where a file beside the database cannot grow; and SQLITE_FULL. */
const lacksRoom = new Set([10, 13]);
/** Milliseconds between two attempts to make room, and for other connections to let go of the log. */
const reliefEveryMs = 100;
const reliefBusyMs = 50;

/** SQLITE_ERROR, CONSTRAINT, MISMATCH, MISUSE, RANGE: mistakes of ours, which waiting does not mend. */
const mistakes = new Set([1, 19, 20, 21, 25]);

/** The primary SQLite result code of a fault, or `undefined` where SQLite did not speak. */
export function sqliteCode(fault: unknown): number | undefined {
	return fault instanceof Error && 'errcode' in fault && typeof fault.errcode === 'number'
		? fault.errcode & 0xff
		: undefined;
}

/**
 * One connection to one file, shared by all stores in it. One and not two, since `data_version` tells of commits by
 * other connections only: a second one of ours would empty our own caches all the time.
 */
export class SqliteFile {
	/** `undefined`: it is kept in memory. */
	readonly path: string | undefined;
	readonly #db: DatabaseSync;
	readonly #dataVersion: Statement<[number]>;
	readonly #begin: Statement<[]>;
	readonly #commit: Statement<[]>;
	readonly #changed: Statement<[number]>;
	readonly #busyMs: Statement<[number]>;
	readonly #cutLog: Statement<[isBusy: number]>;
	/** `undefined`, both: there is no disk. */
	readonly #generation: Generation | undefined;
	readonly #checkpoints: Checkpoints | undefined;
	/** Of this connection, since its last write. */
	#durability: Durability | undefined;
	/** How many this connection has changed, ever. */
	#rows: number;
	#relievedAt = Number.NEGATIVE_INFINITY;
	#version = 0;
	#lookedAt = -1;
	#holders = 0;

	constructor(db: DatabaseSync, generation?: Generation, checkpoints?: Checkpoints) {
		this.path = db.location() ?? undefined;
		this.#db = db;
		this.#generation = generation;
		this.#checkpoints = checkpoints;
		this.#dataVersion = this.prepare('PRAGMA data_version');
		this.#begin = this.prepare('BEGIN IMMEDIATE');
		this.#commit = this.prepare('COMMIT');
		this.#busyMs = this.prepare('PRAGMA busy_timeout');
		this.#cutLog = this.prepare('PRAGMA wal_checkpoint(TRUNCATE)');
		this.#changed = this.prepare('SELECT total_changes()');
		this.#rows = this.#changed.get()?.[0] ?? 0;
	}

	prepare<Row extends readonly SQLOutputValue[]>(sql: string): Statement<Row> {
		const statement = this.#db.prepare(sql, { returnArrays: true });
		return {
			get: (...values) => statement.get(...values) as unknown as Row | undefined,
			all: (...values) => statement.all(...values) as unknown as Row[],
			run: (...values) => Number(statement.run(...values).changes),
		};
	}

	/** Another number than before where another connection has committed in between. */
	version(): number {
		if (this.#lookedAt !== moment) {
			this.#version = this.read(() => this.#dataVersion.get()?.[0] ?? 0);
			this.#lookedAt = moment;
			setImmediate(endMoment);
		}
		return this.#version;
	}

	read<T>(work: () => T): T {
		try {
			return work();
		} catch (fault) {
			throw this.#explained(fault);
		}
	}

	/**
	 * All of `work` or nothing of it. Waits its turn among the processes that write. Where the disk is full, the
	 * write-ahead log gives back what it takes, and `work` is done again.
	 */
	write<T>(durability: Durability, work: () => T): T {
		try {
			return this.#write(durability, work);
		} catch (fault) {
			if (!lacksRoom.has(sqliteCode(fault) ?? 0) || !this.#makeRoom()) throw this.#explained(fault);
		}
		return this.read(() => this.#write(durability, work));
	}

	#write<T>(durability: Durability, work: () => T): T {
		if (durability !== this.#durability) this.#setDurability(durability);
		this.#begin.run();
		try {
			const result = work();
			const rows = this.#changed.get()?.[0] ?? 0;
			const counts = durability === 'synced' && rows > this.#rows;
			this.#rows = rows;
			if (counts) this.#generation?.count();
			this.#commit.run();
			if (counts) this.#tellGeneration();
			this.#checkpoints?.committed(rows);
			return result;
		} finally {
			if (this.#db.isTransaction) this.#db.exec('ROLLBACK');
			endMoment();
		}
	}

	/** Moves all of the write-ahead log into the database, and cuts it off. Returns whether it may be worth to try again. */
	#makeRoom(): boolean {
		const now = performance.now();
		if (this.#checkpoints === undefined || now - this.#relievedAt < reliefEveryMs) return false;
		this.#relievedAt = now;
		const [busyMs = 0] = this.#busyMs.get() ?? [];
		try {
			this.#db.exec(`PRAGMA busy_timeout = ${reliefBusyMs}`);
			const [isBusy] = this.#cutLog.get() ?? [1];
			return isBusy === 0;
		} catch {
			return false;
		} finally {
			this.#db.exec(`PRAGMA busy_timeout = ${busyMs}`);
		}
	}

	/** Before each part of a work of many parts: resolves when the log may grow again. */
	async settled(): Promise<void> {
		await this.#checkpoints?.settled();
	}

	/** Only outside of a transaction. */
	#setDurability(durability: Durability) {
		this.#db.exec(durability === 'synced' ? 'PRAGMA synchronous = FULL' : 'PRAGMA synchronous = NORMAL');
		this.#durability = durability;
	}

	/** What is committed is committed: a marker that lags is caught up with by the next one, or at the next start. */
	#tellGeneration() {
		try {
			this.#generation?.told();
		} catch {}
	}

	/** To be told after the commit of the first identity, before it is acknowledged. */
	noteSetUp() {
		try {
			this.#generation?.setUp();
		} catch (fault) {
			throw this.#unavailable(fault);
		}
	}

	#explained(fault: unknown): unknown {
		const code = sqliteCode(fault);
		return code === undefined || mistakes.has(code) ? fault : this.#unavailable(fault);
	}

	/** Says which file: it is the one to make room for, or to look after. */
	#unavailable(cause: unknown): StoreUnavailable {
		return new StoreUnavailable(this.path === undefined ? 'SQLite' : `SQLite (${this.path})`, { cause });
	}

	/** For a store that lives here. Returns how it lets go; the last one to do so closes the file. */
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

	/** The last connection of all processes moves what stands in the write-ahead log into the database. */
	async close(): Promise<void> {
		await this.#checkpoints?.close();
		if (this.#db.isOpen) this.#db.close();
	}
}
