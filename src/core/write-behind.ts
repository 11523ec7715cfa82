import type { Instant } from './clock.ts';

/** Facts with a time that stores hear of later: a request never waits for it, and a crash loses half a minute. */
export interface WriteBehind<Key, Value> {
	/** Of two facts of one key the later one stays. */
	record(key: Key, value: Value): void;
	/** Writes what this process has seen. A failure is handed to `onFault` and tried again later. */
	flush(): Promise<void>;
	stop(): Promise<void>;
}

export interface WriteBehindParts<Key, Value> {
	readonly write: (values: ReadonlyMap<Key, Value>) => Promise<void>;
	readonly atOf: (value: Value) => Instant;
	readonly onFault: (cause: unknown) => void;
}

const flushIntervalMs = 30_000;

export function createWriteBehind<Key, Value>(parts: WriteBehindParts<Key, Value>): WriteBehind<Key, Value> {
	const { write, atOf, onFault } = parts;
	let pending = new Map<Key, Value>();
	/** Writes run one after the other: a flush that resolves has tried all that was recorded before it. */
	let writing = Promise.resolve();
	const timer = setInterval(() => void flush(), flushIntervalMs);
	timer.unref();

	function record(key: Key, value: Value) {
		const known = pending.get(key);
		if (known === undefined || atOf(known) <= atOf(value)) pending.set(key, value);
	}

	async function writePending() {
		if (pending.size === 0) return;
		const values = pending;
		pending = new Map();
		try {
			await write(values);
		} catch (cause) {
			for (const [key, value] of values) record(key, value);
			onFault(cause);
		}
	}

	function flush() {
		writing = writing.then(writePending, writePending);
		return writing;
	}

	return {
		record,
		flush,
		async stop() {
			clearInterval(timer);
			await flush();
		},
	};
}
