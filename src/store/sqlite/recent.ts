/** Values read or written last, by key. */
export interface Recent<Key, Value> {
	/** `undefined`: not kept, or another process has changed the file since. */
	get(key: Key): Value | undefined;
	set(key: Key, value: Value): void;
	/** Alters a value that is kept; does nothing where it is not. */
	alter(key: Key, change: (value: Value) => Value): void;
	delete(key: Key): void;
}

/**
 * Keeps between half of `most` and all of them. `version` changes when another process has committed: then all is
 * forgotten, before it could be served once too often. Two halves in turn, since to take the oldest out of one big
 * Map again and again is slow. (lru-cache: a hit costs the same 60 ns, but to forget all 36 µs, which is a whole check, for
 * each commit of another process.)
 */
export function createRecent<Key, Value>(most: number, version: () => number): Recent<Key, Value> {
	let young = new Map<Key, Value>();
	let old = new Map<Key, Value>();
	let seen = Number.NaN;

	function set(key: Key, value: Value) {
		young.set(key, value);
		if (young.size < most / 2) return;
		old = young;
		young = new Map();
	}

	return {
		get(key) {
			const now = version();
			if (now !== seen) {
				young.clear();
				old.clear();
				seen = now;
				return undefined;
			}
			const value = young.get(key);
			if (value !== undefined) return value;
			const aged = old.get(key);
			if (aged !== undefined) set(key, aged);
			return aged;
		},
		set,
		alter(key, change) {
			const value = young.get(key) ?? old.get(key);
			if (value !== undefined) set(key, change(value));
		},
		delete(key) {
			young.delete(key);
			old.delete(key);
		},
	};
}
