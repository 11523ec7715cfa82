import type { ApiTokenId } from './api-token.ts';
import type { ApiTokenStore, ApiTokenUse } from './stores.ts';

/** When and from where tokens were used last. Written behind: a request never waits for it, and a crash loses half a minute. */
export interface ApiTokenUses {
	record(id: ApiTokenId, use: ApiTokenUse): void;
	/** Writes what this process has seen. A failure is handed to `onFault` and tried again later. */
	flush(): Promise<void>;
	stop(): Promise<void>;
}

export interface ApiTokenUseParts {
	readonly store: Pick<ApiTokenStore, 'touch'>;
	readonly onFault: (cause: unknown) => void;
}

const flushIntervalMs = 30_000;

export function createApiTokenUses({ store, onFault }: ApiTokenUseParts): ApiTokenUses {
	let pending = new Map<ApiTokenId, ApiTokenUse>();
	const timer = setInterval(() => void flush(), flushIntervalMs);
	timer.unref();

	async function flush() {
		if (pending.size === 0) return;
		const uses = pending;
		pending = new Map();
		try {
			await store.touch(uses);
		} catch (cause) {
			// What was seen meanwhile is newer.
			pending = new Map([...uses, ...pending]);
			onFault(cause);
		}
	}

	return {
		record: (id, use) => void pending.set(id, use),
		flush,
		async stop() {
			clearInterval(timer);
			await flush();
		},
	};
}
