import { createClient } from 'redis';
import { unlessWithin } from '../remote/heartbeat.ts';
import type { Access, Node } from './address.ts';
import { discardable } from './discardable.ts';

/** Milliseconds for such a connection to come up. It may come later than the question that it was made for waits. */
const connectMs = 2000;

export type Send = (...words: string[]) => Promise<unknown>;

/** A connection beside the one that decides (`connection.ts`): made when it is needed, kept as long as it answers. */
export interface Side {
	/** Rejects where there is no answer within so many milliseconds. What `work` sends at once arrives with nothing in between. */
	ask<T>(work: (send: Send) => Promise<T>, withinMs: number): Promise<T>;
	close(): void;
}

export function createSide(node: Node, tls: boolean, { username, password }: Access): Side {
	let current: ReturnType<typeof connect> | undefined;

	function connect() {
		const client = createClient({
			RESP: 3,
			socket: { ...node, connectTimeout: connectMs, reconnectStrategy: false, ...(tls && { tls: true }) },
			...(username !== undefined && { username }),
			...(password !== undefined && { password }),
			disableOfflineQueue: true,
			disableClientInfo: true,
			maintNotifications: 'disabled',
		});
		const discard = discardable(client);
		const drop = () => {
			if (current?.drop === drop) current = undefined;
			discard();
		};
		client.on('error', drop);
		client.on('end', drop);
		const ready = client.connect();
		ready.catch(drop);
		return { ready, drop, send: ((...words) => client.sendCommand(words)) as Send };
	}

	return {
		async ask(work, withinMs) {
			current ??= connect();
			const { ready, drop, send } = current;
			const late = Promise.withResolvers<never>();
			let isConnected = false;
			const inTime = unlessWithin(withinMs, () => {
				late.reject(new Error(`${node.host}:${node.port} does not answer`));
				// One that is being made may be in time for the next question.
				if (isConnected) drop();
			});
			const answer = async () => {
				await ready;
				isConnected = true;
				return work(send);
			};
			try {
				return await Promise.race([answer(), late.promise]);
			} finally {
				inTime();
			}
		},
		close: () => current?.drop(),
	};
}
