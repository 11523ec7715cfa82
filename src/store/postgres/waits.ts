import type { ClientBase } from 'pg';

/** Which function of the server warns: the code is that of every warning, and the text is in the language of the server. */
const waiting = 'SyncRepWaitForLSN';

/** The commit stands, and a standby that was to have it may not: somebody has cancelled the wait. */
function isCancelledWait({ code, routine }: { code?: string | undefined; routine?: string | undefined }): boolean {
	return code === '01000' && (routine ?? waiting) === waiting;
}

/** Whether commits have waited for the standbys that were to have them. */
export interface Waits {
	/** From now on, of a connection that is made. */
	watch(client: ClientBase): void;
	/** To be called after a commit. Throws, once, where somebody has cancelled its wait. */
	assertWaited(client: ClientBase): void;
}

export function createWaits(): Waits {
	const waits = new WeakMap<ClientBase, { isCancelled: boolean }>();
	return {
		watch(client) {
			if (waits.has(client)) return;
			const wait = { isCancelled: false };
			waits.set(client, wait);
			client.on('notice', (notice) => {
				if (isCancelledWait(notice)) wait.isCancelled = true;
			});
		},
		assertWaited(client) {
			const wait = waits.get(client);
			if (!wait?.isCancelled) return;
			wait.isCancelled = false;
			throw new Error('somebody has cancelled the wait for a standby');
		},
	};
}
