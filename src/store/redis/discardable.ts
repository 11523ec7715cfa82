interface Client {
	readonly isOpen: boolean;
	once(event: 'connect', listener: () => void): unknown;
	destroy(): void;
}

/**
 * For a client that was just made. Returns how to close it at once: as soon as there is something to close. Destroyed while
 * its connection is being made it would have no socket yet, forget the one that comes, and keep the process running.
 */
export function discardable(client: Client): () => void {
	let isConnected = false;
	let isDiscarded = false;
	const destroy = () => {
		if (client.isOpen) client.destroy();
	};
	client.once('connect', () => {
		isConnected = true;
		if (isDiscarded) destroy();
	});
	return () => {
		isDiscarded = true;
		if (isConnected) destroy();
	};
}
