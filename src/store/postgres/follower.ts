import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client, type ClientBase, type ClientConfig } from 'pg';
import { feelPulse, freshMs, type Pulse, unlessWithin } from '../remote/heartbeat.ts';

/** The one channel of notifications; the first letter of a message says what it is about. */
export const channel = 'latchkey';

/** Milliseconds for the connection to come up, and between two attempts. */
const connectMs = 700;
const retryMs = 150;
/** Milliseconds for a notification that was sent to arrive. */
const proofMs = 2000;
/** A message that proves that messages arrive. */
const proofLetter = 'p';

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
	onTransition(isThere: boolean, cause?: unknown): void;
	/** No notifications arrive, though the server answers. */
	onDeaf(): void;
	/** Sends a notification over another connection. */
	notify(message: string): Promise<void>;
}

export function createFollower(config: ClientConfig, { onTransition, onDeaf, notify }: FollowerParts): Follower {
	const listeners: ((message: string | undefined) => void)[] = [];
	const closing = new AbortController();
	let pulse: Pulse | undefined;
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
		const client = new Client(config);
		const inTime = unlessWithin(connectMs, () => lost.reject(new Error(`no connection within ${connectMs} ms`)));
		try {
			client.on('error', lost.reject);
			client.on('end', () => lost.reject(new Error('the connection was closed')));
			const proof = `${proofLetter}${randomUUID()}`;
			const heard = Promise.withResolvers<boolean>();
			client.on('notification', ({ payload }) => {
				if (payload === proof) heard.resolve(true);
				else if (!payload?.startsWith(proofLetter)) changed(payload);
			});
			const listen = async () => {
				await client.connect();
				await client.query(`LISTEN ${channel}`);
			};
			await Promise.race([listen(), lost.promise]);
			inTime();
			// A pooler that hands connections out by the transaction answers everything, and passes no notifications on. So
			// one is sent, and awaited while this connection is at rest: with a statement under way it might come by chance.
			await Promise.race([notify(proof), lost.promise]);
			const late = sleep(proofMs, false, { ref: false });
			hears = await Promise.race([heard.promise, late, lost.promise]);
			if (!hears) onDeaf();
			// What changed before somebody listened was not told.
			changed(undefined);
			pulse = feelPulse(() => client.query('SELECT'), lost.reject);
			tell(true);
			await lost.promise;
		} finally {
			inTime();
			closing.signal.removeEventListener('abort', stop);
			pulse?.stop();
			hears = false;
			if (pulse !== undefined) changed(undefined);
			pulse = undefined;
			cut(client);
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

	const isThere = () => pulse !== undefined && pulse.ageMs() < freshMs;
	const running = stayConnected();
	return {
		follow: (listener) => void listeners.push(listener),
		isFollowed: () => hears && isThere(),
		isThere,
		ageMs: () => pulse?.ageMs() ?? Number.POSITIVE_INFINITY,
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
