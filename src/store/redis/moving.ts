import { ErrorReply } from 'redis';
import { StoreUnavailable } from '../../core/stores.ts';
import type { RedisAddress } from './address.ts';
import { createSide, type Side } from './side.ts';

/*
 * While our slot moves to another node of a Cluster, keys are here and there, and no script may run. What is asked for is
 * read from where it is: a session that lives goes on. Writes are refused until the slot has arrived, by its node and by us.
 */

const patienceMs = 500;
/** The node that has a key by now. */
const shape = /^ASK \d+ (.*):(\d+)$/;

export interface Moving {
	/** The value of a key that a server did not have any more; rejects with its answer where that named nobody. */
	get(key: string, answer: unknown): Promise<string | null>;
	close(): void;
}

export function createMoving(address: RedisAddress): Moving {
	/** The node that the slot goes to. */
	let to: { readonly name: string; readonly side: Side } | undefined;

	return {
		async get(key, answer) {
			const { cause } = answer as Error;
			const [, host, port] = (cause instanceof ErrorReply && shape.exec(cause.message)) || [];
			if (!host) throw answer;
			const name = `${host}:${port}`;
			if (to?.name !== name) {
				to?.side.close();
				to = { name, side: createSide({ host, port: Number(port) }, address.tls, address) };
			}
			try {
				// `ASKING` counts for the next command.
				const both = await to.side.ask((send) => Promise.all([send('ASKING'), send('GET', key)]), patienceMs);
				return both[1] as string | null;
			} catch (fault) {
				throw new StoreUnavailable('Redis', { cause: fault });
			}
		},
		close: () => to?.side.close(),
	};
}
