import { createClient } from 'redis';
import type { Node, RedisAddress } from './address.ts';
import { discardable } from './discardable.ts';

/** Milliseconds for one Sentinel or node of a Cluster to answer; then the next one is asked. */
const patienceMs = 300;

/** Where the server is that may be written to, as of now. */
export async function locate({ kind, nodes, master, ...access }: RedisAddress): Promise<Node> {
	if (kind === 'server') return nodes[0];
	const causes: unknown[] = [];
	for (const node of nodes) {
		const client = createClient({
			RESP: 3,
			socket: { ...node, connectTimeout: patienceMs, reconnectStrategy: false, ...(access.tls && { tls: true }) },
			...(kind === 'cluster' && access.username !== undefined && { username: access.username }),
			...(kind === 'cluster' && access.password !== undefined && { password: access.password }),
			disableOfflineQueue: true,
			disableClientInfo: true,
			maintNotifications: 'disabled',
		});
		client.on('error', (cause) => causes.push(cause));
		const discard = discardable(client);
		const late = setTimeout(discard, patienceMs);
		try {
			await client.connect();
			const ask = (...words: string[]) => client.sendCommand(words) as Promise<unknown>;
			return kind === 'sentinel'
				? fromSentinel(await ask('SENTINEL', 'get-master-addr-by-name', master), master)
				: fromCluster(await ask('CLUSTER', 'SLOTS'), Number(await ask('CLUSTER', 'KEYSLOT', '{latchkey}')), node);
		} catch (cause) {
			causes.push(cause);
		} finally {
			clearTimeout(late);
			discard();
		}
	}
	throw causes[0];
}

function fromSentinel(answer: unknown, master: string): Node {
	if (!Array.isArray(answer)) throw new Error(`no Sentinel knows of ${master}`);
	return { host: String(answer[0]), port: Number(answer[1]) };
}

/** A node that does not know its own name says nothing for it: then it is the one that was asked. */
function fromCluster(slots: unknown, slot: number, asked: Node): Node {
	const ranges = slots as [from: number, to: number, master: [host: string | null, port: number]][];
	const [, , [host, port]] = ranges.find(([from, to]) => from <= slot && slot <= to) ?? [0, 0, [null, Number.NaN]];
	if (Number.isNaN(port)) throw new Error('the Cluster has nobody for our keys');
	return { host: host || asked.host, port };
}
