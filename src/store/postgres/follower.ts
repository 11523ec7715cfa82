import { setTimeout as sleep } from 'node:timers/promises';
import { Client, type ClientBase, type ClientConfig } from 'pg';
import { feelPulse, freshMs, type Pulse, unlessWithin } from '../../core/pulse.ts';

/** The one channel of notifications; the first letter of a message says what it is about. */
export const channel = 'latchkey';

/** Milliseconds for the connection to come up, and between two attempts. */
const connectMs = 700;
const retryMs = 150;

/** Hears of every change that anybody commits, over a connection of its own. */
export interface Follower {
	/** Tells every message; `undefined` where some may have been missed. */
	follow(listener: (message: string | undefined) => void): void;
	/** Whether followers hear of every change within a second. */
	isFollowed(): boolean;
	ageMs(): number;
	close(): Promise<void>;
}

export function createFollower(
	config: ClientConfig,
	onTransition: (isThere: boolean, cause?: unknown) => void,
): Follower {
	const listeners: ((message: string | undefined) => void)[] = [];
	const closing = new AbortController();
	let pulse: Pulse | undefined;
	let wasThere = true;

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
			client.on('notification', ({ payload }) => changed(payload));
			const listen = async () => {
				await client.connect();
				await client.query(`LISTEN ${channel}`);
			};
			await Promise.race([listen(), lost.promise]);
			inTime();
			// What changed before somebody listened was not told.
			changed(undefined);
			pulse = feelPulse(() => client.query('SELECT'), lost.reject);
			tell(true);
			await lost.promise;
		} finally {
			inTime();
			closing.signal.removeEventListener('abort', stop);
			pulse?.stop();
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

	const running = stayConnected();
	return {
		follow: (listener) => void listeners.push(listener),
		isFollowed: () => pulse !== undefined && pulse.ageMs() < freshMs,
		ageMs: () => pulse?.ageMs() ?? Number.POSITIVE_INFINITY,
		async close() {
			closing.abort();
			await running;
		},
	};
}

/** `end` waits for the server, which may be gone without a word. Whoever made the client listens to its errors. */
export function cut(client: ClientBase) {
	const { connection } = client as unknown as { connection: { stream: { destroy(): void } } };
	connection.stream.destroy();
}
