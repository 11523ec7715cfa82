/*
 * Copies in this process of what a store on another machine keeps, so that a check costs no round trip. Somebody tells
 * of every change (the store does, over a connection that is asked again and again whether it lives); as soon as that
 * cannot be relied on, no copy is used and the store is asked each time.
 */

/** What happened so far, for `/metrics`. */
export interface CopyCounts {
	hits: number;
	misses: number;
	/** Told of as changed elsewhere, or here. */
	outdated: number;
	/** How often all were dropped at once. */
	dropped: number;
}

export interface Copies<Key, Value> {
	/** A copy that may be relied on. */
	get(key: Key): Value | undefined;
	/**
	 * Asks the store, and keeps what it says unless that became outdated while it was on its way. A question
	 * that comes meanwhile waits for that answer, the copy that it would be given a moment later: of a crowd, one asks.
	 */
	read(key: Key, ask: () => Promise<Value | undefined>): Promise<Value | undefined>;
	outdate(key: Key): void;
	/** Changes may have been missed. */
	outdateAll(): void;
	readonly counts: Readonly<CopyCounts>;
}

/** Keeps between half of `most` and all of them: two halves in turn, since to take the oldest out of one Map is slow. */
export function createCopies<Key, Value>(most: number, isFollowed: () => boolean): Copies<Key, Value> {
	const counts: CopyCounts = { hits: 0, misses: 0, outdated: 0, dropped: 0 };
	/** The latest question for each key that nothing has overtaken. */
	const asked = new Map<Key, Promise<Value | undefined>>();
	let young = new Map<Key, Value>();
	let old = new Map<Key, Value>();

	function keep(key: Key, value: Value) {
		young.set(key, value);
		if (young.size < most / 2) return;
		old = young;
		young = new Map();
	}

	function get(key: Key): Value | undefined {
		if (!isFollowed()) return undefined;
		const value = young.get(key) ?? old.get(key);
		if (value === undefined) return undefined;
		if (!young.has(key)) keep(key, value);
		counts.hits += 1;
		return value;
	}

	return {
		counts,
		get,
		async read(key, ask) {
			const underWay = asked.get(key);
			if (underWay !== undefined && isFollowed()) {
				await underWay;
				const value = get(key);
				if (value !== undefined) return value;
			}
			counts.misses += 1;
			const question = ask();
			asked.set(key, question);
			try {
				const value = await question;
				if (value !== undefined && asked.get(key) === question && isFollowed()) keep(key, value);
				return value;
			} finally {
				if (asked.get(key) === question) asked.delete(key);
			}
		},
		outdate(key) {
			asked.delete(key);
			const wasYoung = young.delete(key);
			if (old.delete(key) || wasYoung) counts.outdated += 1;
		},
		outdateAll() {
			asked.clear();
			young.clear();
			old.clear();
			counts.dropped += 1;
		},
	};
}
