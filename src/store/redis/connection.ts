import { setTimeout as sleep } from 'node:timers/promises';
import { createClient, ErrorReply } from 'redis';
import { isMistake, StoreUnavailable } from '../../core/stores.ts';
import { freshMs, type Heartbeat, startHeartbeat, unlessWithin } from '../remote/heartbeat.ts';
import { type Node, parseRedisAddress, type RedisAddress } from './address.ts';
import { discardable } from './discardable.ts';
import { createLocator, type Locator } from './locate.ts';
import { createMoving, type Moving } from './moving.ts';

/** All keys share this tag, and so the slot of a Cluster: a script may touch any of them. */
export const keyPrefix = '{latchkey}:';

/** Milliseconds for a whole connection to come up, and between two attempts. */
const connectMs = 700;
const retryMs = 150;

/** What a server says that is not able to serve at this moment; another answer of the kind is a mistake of ours. */
const passing =
	/^(LOADING|READONLY|MASTERDOWN|CLUSTERDOWN|MOVED|ASK|TRYAGAIN|BUSY|OOM|MISCONF|NOREPLICAS|NOAUTH|NOPERM|WRONGPASS|UNKILLABLE)\b/;

export interface RedisOptions {
	/** Told when Redis goes away and when it is there again, once each. */
	readonly onTransition?: (isThere: boolean, cause?: unknown) => void;
}

export type RedisClient = ReturnType<typeof newClient>;

function newClient({ host, port }: Node, address: Omit<RedisAddress, 'nodes'>) {
	return createClient({
		RESP: 3,
		socket: { host, port, connectTimeout: connectMs, reconnectStrategy: false, ...(address.tls && { tls: true }) },
		...(address.username !== undefined && { username: address.username }),
		...(address.password !== undefined && { password: address.password }),
		database: address.database,
		disableOfflineQueue: true,
		disableClientInfo: true,
		maintNotifications: 'disabled',
		// Redis tells of every change of a key that was read over this connection.
		emitInvalidate: true,
	});
}

export interface Script {
	readonly text: string;
	/** Set by the first use: what the server calls it. */
	sha?: string;
}

/**
 * One connection to the server that may be written to, found again whenever it is lost. A beat that is a write tells a
 * server that answers but was made a replica. Where a beat stays without an answer the connection is cut, so that all
 * that waits for it fails within a second; while there is none, everything fails at once.
 */
export class RedisConnection {
	readonly #address: RedisAddress;
	readonly #locator: Locator;
	readonly #moving: Moving;
	readonly #onTransition: (isThere: boolean, cause?: unknown) => void;
	readonly #listeners: ((key: string | undefined) => void)[] = [];
	readonly #closing = new AbortController();
	readonly #first = Promise.withResolvers<void>();
	readonly #running: Promise<void>;
	#client: RedisClient | undefined;
	#heartbeat: Heartbeat | undefined;
	#isThere = true;
	#cause: unknown;
	#holders = 0;

	constructor(address: string, { onTransition = () => undefined }: RedisOptions = {}) {
		this.#address = parseRedisAddress(address);
		this.#locator = createLocator(this.#address);
		this.#moving = createMoving(this.#address);
		this.#onTransition = onTransition;
		this.#running = this.#stayConnected();
	}

	/** Runs commands. Rejects with `StoreUnavailable` where Redis is away. */
	async run<T>(work: (client: RedisClient) => Promise<T>): Promise<T> {
		if (this.#client === undefined) await this.#first.promise;
		const client = this.#client;
		if (client === undefined) throw new StoreUnavailable('Redis', { cause: this.#cause });
		try {
			return await work(client);
		} catch (fault) {
			const isOurs = fault instanceof ErrorReply ? !passing.test(fault.message) : isMistake(fault);
			throw isOurs ? fault : new StoreUnavailable('Redis', { cause: fault });
		}
	}

	/** The value of a key; where the slot is moving and the key has gone already, from the node that it went to. */
	async get(key: string): Promise<string | null> {
		try {
			return await this.run((client) => client.get(key));
		} catch (fault) {
			return this.#moving.get(key, fault);
		}
	}

	/** Runs a Lua script, which is atomic. */
	script(script: Script, args: readonly string[]): Promise<unknown> {
		const options = { keys: [keyPrefix], arguments: [...args] };
		return this.run(async (client) => {
			if (script.sha !== undefined) {
				try {
					return await client.evalSha(script.sha, options);
				} catch (fault) {
					if (!(fault instanceof ErrorReply && fault.message.startsWith('NOSCRIPT'))) throw fault;
				}
			}
			script.sha = await client.scriptLoad(script.text);
			return client.evalSha(script.sha, options);
		});
	}

	/** Tells of every key that was read and has changed since; of `undefined` where that may have been missed. */
	follow(listener: (key: string | undefined) => void) {
		this.#listeners.push(listener);
	}

	/** Whether followers hear of every change within a second. */
	isFollowed(): boolean {
		return this.#heartbeat !== undefined && this.#heartbeat.ageMs() < freshMs;
	}

	ageMs(): number {
		return this.#heartbeat?.ageMs() ?? Number.POSITIVE_INFINITY;
	}

	/** For a store that lives here. Returns how it lets go; the last one to do so closes the connection. */
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
		this.#closing.abort();
		this.#lose();
		this.#locator.close();
		this.#moving.close();
		await this.#running;
	}

	async #stayConnected() {
		const { signal } = this.#closing;
		while (!signal.aborted) {
			try {
				await this.#connection();
			} catch (cause) {
				if (!signal.aborted) this.#tell(false, cause);
			}
			this.#first.resolve();
			await sleep(retryMs, undefined, { signal, ref: false }).catch(() => undefined);
		}
	}

	/** Rejects when the connection is lost, or does not come up in time. */
	async #connection() {
		const lost = Promise.withResolvers<never>();
		const { signal } = this.#closing;
		const stop = () => lost.reject(new Error('closed'));
		signal.addEventListener('abort', stop);
		let discard: (() => void) | undefined;
		let unwatch: (() => void) | undefined;
		const inTime = unlessWithin(connectMs, () => lost.reject(new Error(`no connection within ${connectMs} ms`)));
		try {
			const located = await Promise.race([this.#locator.locate(), lost.promise]);
			const client = newClient(located.node, this.#address);
			discard = discardable(client);
			client.on('error', lost.reject);
			client.on('end', () => lost.reject(new Error('the connection was closed')));
			client.on('invalidate', (key: Buffer | string | null) => this.#changed(key === null ? undefined : String(key)));
			const beat = createBeat(client);
			await Promise.race([client.connect().then(beat), lost.promise]);
			inTime();
			this.#changed(undefined);
			this.#client = client;
			this.#heartbeat = startHeartbeat(beat, lost.reject);
			unwatch = this.#locator.watch(located, lost.reject);
			this.#first.resolve();
			this.#tell(true);
			await lost.promise;
		} finally {
			unwatch?.();
			inTime();
			signal.removeEventListener('abort', stop);
			this.#lose();
			discard?.();
		}
	}

	#lose() {
		this.#heartbeat?.stop();
		this.#heartbeat = undefined;
		if (this.#client !== undefined) this.#changed(undefined);
		this.#client = undefined;
	}

	#changed(key: string | undefined) {
		for (const listener of this.#listeners) listener(key);
	}

	#tell(isThere: boolean, cause?: unknown) {
		this.#cause = cause;
		if (isThere === this.#isThere) return;
		this.#isThere = isThere;
		this.#onTransition(isThere, cause);
	}
}

/** A write that every server takes that may be written to; one that has no room, no disk or a slot to hand over still answers reads. */
function createBeat(client: RedisClient): () => Promise<void> {
	return async () => {
		try {
			await client.set(`${keyPrefix}beat`, '', { expiration: { type: 'EX', value: 60 } });
		} catch (fault) {
			if (!(fault instanceof ErrorReply && /^(OOM|MISCONF|NOREPLICAS|ASK|TRYAGAIN)\b/.test(fault.message))) throw fault;
		}
	};
}
