import type { ChildSession, HostName, SessionKey } from '../../core/session.ts';
import type { EndRecord, HandoverStore } from '../../core/stores.ts';
import type { Ticket } from '../../core/ticket.ts';
import { createCopies } from '../remote/cache.ts';
import { keyPrefix, type RedisConnection } from './connection.ts';
import { putScript } from './scripts.ts';
import { sealValue, unsealValue } from './seal.ts';

/*
 * Tickets stand at `t:KEY`, child sessions at `h:KEY`, sealed; their keys in the sorted sets `ts:PARENT` and `hs:PARENT`, by when
 * they were made. They are dropped with their session. All four expire, since a Latchkey of a version before drops a session and
 * leaves them: what is left of a child opens nothing, because its parent is asked for each time.
 *
 * A child is no more than a way to its parent, whose end is on record; so of a child no end is put there. A used ticket is: a
 * Redis that comes back with less than it had must not have it once more.
 */

/** About 300 bytes each. */
const copiesLimit = 50_000;
const childKeys = `${keyPrefix}h:`;

export interface RedisHandover {
	readonly store: HandoverStore;
	/** The child sessions of a session, each with the value that leads to another parent. */
	movedTo(parent: SessionKey, to: SessionKey): Promise<readonly (readonly [key: SessionKey, value: string])[]>;
	/** What this process keeps of a child is not so any more. */
	outdate(key: SessionKey): void;
}

export function createRedisHandover(
	redis: RedisConnection,
	ends: EndRecord,
	sealingKey: () => Promise<Buffer>,
): RedisHandover {
	const copies = createCopies<SessionKey, ChildSession>(copiesLimit, () => redis.isFollowed());

	redis.follow((key) => {
		if (key === undefined) copies.outdateAll();
		else if (key.startsWith(childKeys)) copies.outdate(key.slice(childKeys.length) as SessionKey);
	});

	/** Returns the keys of those that it left no room for. */
	async function put(
		kind: 't' | 'h',
		value: { readonly key: string; readonly parent: SessionKey },
		madeAt: number,
		limit: number,
		forMs: number,
	) {
		const text = sealValue(await sealingKey(), placeOf(kind, value.key), value);
		const args = [kind, value.key, text, value.parent, String(madeAt), String(limit), String(Math.max(1, forMs))];
		const surplus = await redis.script(putScript, args);
		return surplus === 0 ? undefined : (surplus as readonly string[]);
	}

	async function read(key: SessionKey): Promise<ChildSession | undefined> {
		const text = await redis.get(childKeys + key);
		return text === null ? undefined : (unsealValue(await sealingKey(), placeOf('h', key), text) as ChildSession);
	}

	const find = async (key: SessionKey) => copies.get(key) ?? copies.read(key, () => read(key));

	async function childrenOf(parent: SessionKey): Promise<readonly ChildSession[]> {
		const keys = await redis.run((client) => client.zRange(`${keyPrefix}hs:${parent}`, 0, -1));
		const children = await Promise.all(keys.map((key) => find(key as SessionKey)));
		return children.filter((child) => child !== undefined);
	}

	async function hostsOf(parent: SessionKey): Promise<readonly HostName[]> {
		return [...new Set((await childrenOf(parent)).map(({ host }) => host))].sort();
	}

	const store: HandoverStore = {
		async putTicket(ticket, limit, forMs) {
			return (await put('t', ticket, ticket.issuedAt, limit, forMs)) !== undefined;
		},
		async takeTicket(key) {
			const text = await redis.run((client) => client.getDel(`${keyPrefix}t:${key}`));
			const ticket = text === null ? undefined : unsealValue(await sealingKey(), placeOf('t', key), text);
			if (ticket === undefined) return undefined;
			const isFirst = (await ends.write([key as string as SessionKey])).size > 0;
			return isFirst ? (ticket as Ticket) : undefined;
		},
		async insert(child, limit, forMs) {
			const surplus = await put('h', child, child.openedAt, limit, forMs);
			for (const key of surplus ?? []) copies.outdate(key as SessionKey);
			return surplus !== undefined;
		},
		find,
		async hostsOf(parents) {
			const found = await Promise.all(parents.map(async (parent) => [parent, await hostsOf(parent)] as const));
			return new Map(found.filter(([, hosts]) => hosts.length > 0));
		},
	};
	return {
		store,
		async movedTo(parent, to) {
			const key = await sealingKey();
			const moved = (await childrenOf(parent)).map((child) => ({ ...child, parent: to }));
			return moved.map((child) => [child.key, sealValue(key, placeOf('h', child.key), child)] as const);
		},
		outdate: copies.outdate,
	};
}

/** What is moved to another key is worth nothing there. */
function placeOf(kind: 't' | 'h', key: string): string {
	return `${kind}:${key}`;
}
