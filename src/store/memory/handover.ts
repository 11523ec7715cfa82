import type { ChildSession, SessionKey } from '../../core/session.ts';
import type { HandoverStore } from '../../core/stores.ts';
import type { Ticket } from '../../core/ticket.ts';

export interface MemoryHandover extends HandoverStore {
	/** For a session that ends. */
	drop(parent: SessionKey): void;
	/** For a session that another one takes the place of. */
	move(parent: SessionKey, to: SessionKey): void;
}

/** What belongs to a session, under its own key and by the session's, in the order it came. */
function createBelongings<Key, Value extends { readonly key: Key; readonly parent: SessionKey }>() {
	const values = new Map<Key, Value>();
	const keysOf = new Map<SessionKey, Set<Key>>();

	function take(key: Key): Value | undefined {
		const value = values.get(key);
		if (value === undefined) return undefined;
		values.delete(key);
		const keys = keysOf.get(value.parent);
		keys?.delete(key);
		if (keys?.size === 0) keysOf.delete(value.parent);
		return value;
	}

	return {
		take,
		find: (key: Key) => values.get(key),
		put(value: Value, limit: number) {
			if (values.has(value.key)) throw new Error('this key exists');
			values.set(value.key, value);
			const keys = (keysOf.get(value.parent) ?? new Set()).add(value.key);
			keysOf.set(value.parent, keys);
			for (const oldest of [...keys].slice(0, Math.max(0, keys.size - limit))) take(oldest);
		},
		of: (parent: SessionKey) => [...(keysOf.get(parent) ?? [])].flatMap((key) => values.get(key) ?? []),
		drop(parent: SessionKey) {
			for (const key of keysOf.get(parent) ?? []) values.delete(key);
			keysOf.delete(parent);
		},
		values: () => values.values(),
	};
}

export function createMemoryHandover(isThere: (parent: SessionKey) => boolean): MemoryHandover {
	const tickets = createBelongings<Ticket['key'], Ticket>();
	const children = createBelongings<SessionKey, ChildSession>();

	return {
		async putTicket(ticket, limit, forMs) {
			if (!isThere(ticket.parent)) return false;
			// The oldest come first.
			for (const { key, issuedAt } of tickets.values()) {
				if (issuedAt >= ticket.issuedAt - forMs) break;
				tickets.take(key);
			}
			tickets.put(ticket, limit);
			return true;
		},
		takeTicket: async (key) => tickets.take(key),
		async insert(child, limit) {
			if (!isThere(child.parent)) return false;
			children.put(child, limit);
			return true;
		},
		find: async (key) => children.find(key),
		async hostsOf(parents) {
			const found = parents.map((parent) => [parent, new Set(children.of(parent).map(({ host }) => host))] as const);
			return new Map(found.filter(([, hosts]) => hosts.size > 0).map(([parent, hosts]) => [parent, [...hosts].sort()]));
		},
		drop(parent) {
			tickets.drop(parent);
			children.drop(parent);
		},
		move(parent, to) {
			const moved = children.of(parent);
			tickets.drop(parent);
			children.drop(parent);
			for (const child of moved) children.put({ ...child, parent: to }, moved.length);
		},
	};
}
