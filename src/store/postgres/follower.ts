import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Client, ClientBase } from 'pg';
import { answerMs, freshMs, type Heartbeat, startHeartbeat, unlessWithin } from '../remote/heartbeat.ts';

/** The one channel of notifications; the first letter of a message says what it is about. */
export const channel = 'latchkey';

/** Milliseconds between two attempts to connect. */
const retryMs = 150;
/** Milliseconds for a notification that was sent to arrive. */
const proofMs = 2000;
/** Milliseconds for the server to be judged, in which much may have to be ended. */
const judgeMs = 60_000;
/** A message that proves that messages arrive. */
const proofLetter = 'p';
/** A message that everything changed. */
export const allLetter = 'a';

/** Hears of every change that anybody commits, over a connection of its own. */
export interface Follower {
	/** Tells every message; `undefined` where some may have been missed. */
	follow(listener: (message: string | undefined) => void): void;
	/** Whether followers hear of every change within a second. */
	isFollowed(): boolean;
	/** Whether the server has answered on this connection within a second. */
	isThere(): boolean;
	ageMs(): number;
	close(): Promise<void>;
}

export interface FollowerParts {
	/** Milliseconds for a connection to come up. */
	readonly connectMs: number;
	/** Clients that are not connected yet, one for each host. */
	newClients(): Client[];
	/** Connects them. Resolves to the one that is to be used. */
	find(clients: readonly Client[]): Promise<Client>;
	/** Whether all that was acknowledged is there. */
	judge(client: Client): Promise<void>;
	beat(client: Client): Promise<void>;
	/** It was judged, and answers: of several hosts, it is used from now on. */
	onFound(): void;
	/** It is used no more, or was not found. */
	onLost(cause: unknown): void;
	onTransition(isThere: boolean, cause?: unknown): void;
	/** No notifications arrive, though the server answers. */
	onDeaf(): void;
	/** Sends a notification over another connection. */
	notify(message: string): Promise<void>;
}

export function createFollower(parts: FollowerParts): Follower {
	const { connectMs, onTransition, onDeaf, notify } = parts;
	const listeners: ((message: string | undefined) => void)[] = [];
	const closing = new AbortController();
	let heartbeat: Heartbeat | undefined;
	let wasThere = true;
	/** What was sent by another connection has arrived on this one, while it was at rest. */
	let hears = false;

	const changed = (message: string | undefined) => {
		for (const listener of listeners) listener(message);
	};

	function tell(isThere: boolean, cause?: unknown) {
		if (isThere === wasThere) return;
		wasThere = isThere;
		onTransition(isThere, cause);
	}

	/** Rejects when the connection is lost, or does not come up in time. */
	async function connection() {
		const lost = Promise.withResolvers<never>();
		const stop = () => lost.reject(new Error('closed'));
		closing.signal.addEventListener('abort', stop);
		const clients = parts.newClients();
		for (const client of clients) client.on('error', () => undefined);
		/** Loses the connection where it takes longer. `what`: what has not come then. */
		const within = async <T>(ms: number, what: string, work: Promise<T>): Promise<T> => {
			const inTime = unlessWithin(ms, () => lost.reject(new Error(`${what} within ${ms} ms`)));
			return await Promise.race([work, lost.promise]).finally(inTime);
		};
		try {
			const client = await within(connectMs, 'no connection', parts.find(clients));
			client.on('error', lost.reject);
			client.on('end', () => lost.reject(new Error('the connection was closed')));
			const proof = `${proofLetter}${randomUUID()}`;
			const heard = Promise.withResolvers<boolean>();
			client.on('notification', ({ payload }) => {
				if (payload === proof) heard.resolve(true);
				else if (payload === allLetter) changed(undefined);
				else if (!payload?.startsWith(proofLetter)) changed(payload);
			});
			await within(answerMs, 'no answer', client.query(`LISTEN ${channel}`));
			await within(judgeMs, 'not judged', parts.judge(client));
			// Of several hosts, a primary whose standbys have to answer, and do not, is used for nothing: one may have its place.
			await within(answerMs, 'no answer', parts.beat(client));
			parts.onFound();
			// A pooler that hands connections out by the transaction answers everything, and passes no notifications on. So
			// one is sent, and awaited while this connection is at rest: with a statement under way it might come by chance.
			await Promise.race([notify(proof), lost.promise]);
			const late = sleep(proofMs, false, { ref: false });
			hears = await Promise.race([heard.promise, late, lost.promise]);
			if (!hears) onDeaf();
			// What changed before somebody listened was not told.
			changed(undefined);
			heartbeat = startHeartbeat(() => parts.beat(client), lost.reject);
			tell(true);
			await lost.promise;
		} catch (cause) {
			parts.onLost(cause);
			throw cause;
		} finally {
			closing.signal.removeEventListener('abort', stop);
			heartbeat?.stop();
			hears = false;
			if (heartbeat !== undefined) changed(undefined);
			heartbeat = undefined;
			for (const client of clients) cut(client);
		}
	}

	async function stayConnected() {
		while (!closing.signal.aborted) {
			await connection().catch((cause) => {
				if (!closing.signal.aborted) tell(false, cause);
			});
			await sleep(retryMs, undefined, { signal: closing.signal, ref: false }).catch(() => undefined);
		}
	}

	const isThere = () => heartbeat !== undefined && heartbeat.ageMs() < freshMs;
	const running = stayConnected();
	return {
		follow: (listener) => void listeners.push(listener),
		isFollowed: () => hears && isThere(),
		isThere,
		ageMs: () => heartbeat?.ageMs() ?? Number.POSITIVE_INFINITY,
		async close() {
			closing.abort();
			await running;
		},
	};
}

/** `end` waits for the server, which may be gone without a word. The maker of the client listens to its errors. */
export function cut(client: ClientBase) {
	const { connection } = client as unknown as { connection: { stream: { destroy(): void } } };
	connection.stream.destroy();
}
