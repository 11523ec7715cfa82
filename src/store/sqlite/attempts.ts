import RateLimiterRes from 'rate-limiter-flexible/lib/RateLimiterRes.js';
import RateLimiterStoreAbstract from 'rate-limiter-flexible/lib/RateLimiterStoreAbstract.js';
import type { Clock } from '../../core/clock.ts';
import { createClock } from '../../core/clock.ts';
import type { AttemptStore, Count } from '../../core/stores.ts';
import type { SqliteFile, Statement } from './connection.ts';

type Row = [count: number, forgottenAt: number];

/** rate-limiter-flexible on node:sqlite, which its own SQLite limiter does not know; and with a clock that never goes back. */
class SqliteLimiter extends RateLimiterStoreAbstract {
	readonly #file: SqliteFile;
	readonly #clock: Clock;
	readonly #find: Statement<Row>;
	readonly #set: Statement<Row>;
	readonly #add: Statement<Row>;
	readonly #forget: Statement<[]>;
	readonly #purge: Statement<[]>;

	constructor(file: SqliteFile, clock: Clock) {
		super({ storeClient: file, points: Number.MAX_SAFE_INTEGER, duration: 0, keyPrefix: '' });
		this.#file = file;
		this.#clock = clock;
		this.#find = file.prepare('SELECT count, forgotten_at FROM attempt WHERE key = ? AND forgotten_at > ?');
		const insert = 'INSERT INTO attempt (key, count, forgotten_at) VALUES (?1, ?2, ?3) ON CONFLICT DO UPDATE SET';
		this.#set = file.prepare(
			`${insert} count = excluded.count, forgotten_at = excluded.forgotten_at RETURNING count, forgotten_at`,
		);
		this.#add = file.prepare(`${insert}
			count = iif(forgotten_at > ?4, count, 0) + excluded.count,
			forgotten_at = iif(forgotten_at > ?4, forgotten_at, excluded.forgotten_at) RETURNING count, forgotten_at`);
		this.#forget = file.prepare('DELETE FROM attempt WHERE key = ?');
		// Two go for each that comes: what was forgotten never piles up, and no attempt waits for it.
		this.#purge = file.prepare(
			'DELETE FROM attempt WHERE key IN (SELECT key FROM attempt WHERE forgotten_at <= ? ORDER BY forgotten_at LIMIT 2)',
		);
	}

	async _get(key: string): Promise<Row | null> {
		return this.#file.read(() => this.#find.get(key, this.#clock.now())) ?? null;
	}

	async _upsert(key: string, points: number, forMs: number, isSet: boolean): Promise<Row | undefined> {
		const now = this.#clock.now();
		const end = now + Math.round(forMs);
		return this.#file.write('written', () => {
			const row = isSet ? this.#set.get(key, points, end) : this.#add.get(key, points, end, now);
			this.#purge.run(now);
			return row;
		});
	}

	async _delete(key: string): Promise<boolean> {
		return this.#file.write('written', () => this.#forget.run(key) > 0);
	}

	_getRateLimiterRes(_key: string, _changed: number, [consumedPoints, forgottenAt]: Row) {
		return new RateLimiterRes(0, Math.max(0, forgottenAt - this.#clock.now()), consumedPoints);
	}
}

export function createSqliteAttempts(file: SqliteFile, clock: Clock = createClock()): AttemptStore {
	const limiter = new SqliteLimiter(file, clock);
	const toCount = ({ consumedPoints, msBeforeNext }: RateLimiterRes): Count => ({
		count: consumedPoints,
		forgottenInMs: msBeforeNext,
	});
	return {
		add: async (key, forMs) => toCount(await limiter.penalty(key, 1, { customDuration: forMs / 1000 })),
		async set(key, count, forMs) {
			await limiter.set(key, count, forMs / 1000);
		},
		async find(key) {
			const found = await limiter.get(key);
			return found === null ? undefined : toCount(found);
		},
		async forget(key) {
			await limiter.delete(key);
		},
	};
}
