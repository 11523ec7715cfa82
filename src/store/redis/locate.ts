import { unlessWithin } from '../remote/heartbeat.ts';
import type { Node, RedisAddress } from './address.ts';
import { createSide, type Send } from './side.ts';

/*
 * Sentinels, and nodes of a Cluster, may be cut off from the others and still answer, with what was so before. So all of
 * them are asked at once, and the highest epoch is believed: it grows with each failover. They are asked again as long as
 * a connection lasts, since a master that was cut off goes on as one and does not know of the other.
 *
 * Ours, and not the clients that `redis` has for Sentinels and Clusters: those hold several connections, and what this
 * process keeps of Redis needs one on which answers, beats and word of changes come in order (`connection.ts`).
 */

/** A server that may be written to. */
export interface Located {
	readonly node: Node;
	readonly epoch: number;
}

export interface Locator {
	/** As of now. Rejects where nobody says. */
	locate(): Promise<Located>;
	/** Tells once where another server has taken its place. Returns how to stop. */
	watch(located: Located, onMoved: (cause: Error) => void): () => void;
	close(): void;
}

/** Milliseconds for each to answer; for the others once one has; and until they are asked again. */
const patienceMs = 1000;
const othersMs = 300;
const watchMs = 1000;
/** Of `{latchkey}`, as `CLUSTER KEYSLOT` says. */
const slotOfKeys = 4013;

export function createLocator({ kind, tls, nodes, master, ...access }: RedisAddress): Locator {
	if (kind === 'server') {
		return {
			locate: async () => ({ node: nodes[0], epoch: 0 }),
			watch: () => () => undefined,
			close: () => undefined,
		};
	}
	const sides = nodes.map((node) => ({
		side: createSide(node, tls, kind === 'sentinel' ? access.sentinel : access),
		ask: (send: Send) => (kind === 'sentinel' ? fromSentinel(send, master) : fromCluster(send, node)),
	}));

	async function locate(): Promise<Located> {
		const answers: Located[] = [];
		const enough = Promise.withResolvers<void>();
		let inTime = () => {};
		const all = sides.map(async ({ side, ask }) => {
			answers.push(await side.ask(ask, patienceMs));
			if (answers.length === 1) inTime = unlessWithin(othersMs, enough.resolve);
		});
		const settled = await Promise.race([Promise.allSettled(all), enough.promise]);
		inTime();
		const [first, ...others] = answers;
		if (first === undefined) throw settled?.find((answer) => answer.status === 'rejected')?.reason;
		return others.reduce((latest, other) => (other.epoch > latest.epoch ? other : latest), first);
	}

	return {
		locate,
		watch(located, onMoved) {
			const timer = setInterval(look, watchMs);
			timer.unref();
			async function look() {
				const { node, epoch } = await locate().catch(() => located);
				const isSame = node.host === located.node.host && node.port === located.node.port;
				if (isSame || epoch <= located.epoch) return;
				clearInterval(timer);
				onMoved(
					new Error(`${node.host}:${node.port} has taken the place of ${located.node.host}:${located.node.port}`),
				);
			}
			return () => clearInterval(timer);
		},
		close() {
			for (const { side } of sides) side.close();
		},
	};
}

async function fromSentinel(send: Send, master: string): Promise<Located> {
	const [at, facts] = await Promise.all([
		send('SENTINEL', 'GET-MASTER-ADDR-BY-NAME', master),
		send('SENTINEL', 'MASTER', master).catch(() => undefined),
	]);
	if (!Array.isArray(at)) throw new Error(`no Sentinel knows of ${master}`);
	const { 'config-epoch': epoch } = (facts ?? {}) as Record<string, unknown>;
	return { node: { host: String(at[0]), port: Number(at[1]) }, epoch: Number(epoch) || 0 };
}

type Slots = readonly (readonly [from: number, to: number, master: readonly [string | null, number, string]])[];

/** A node that does not know its own name says nothing for it: then it is the one that was asked. */
async function fromCluster(send: Send, asked: Node): Promise<Located> {
	const [slots, nodes] = await Promise.all([
		send('CLUSTER', 'SLOTS') as Promise<Slots>,
		send('CLUSTER', 'NODES').catch(() => ''),
	]);
	const [, , owner] = slots.find(([from, to]) => from <= slotOfKeys && slotOfKeys <= to) ?? [];
	if (owner === undefined) throw new Error('the Cluster has nobody for our keys');
	const [host, port, id] = owner;
	const line = String(nodes)
		.split('\n')
		.find((each) => each.startsWith(`${id} `));
	// ID, address, flags, master, ping sent, pong received, epoch
	const epoch = Number(line?.split(' ')[6]) || 0;
	return { node: { host: host && host !== '?' ? host : asked.host, port }, epoch };
}
