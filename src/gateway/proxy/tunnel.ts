import type { Duplex } from 'node:stream';

/** Two connections that carry the same bytes, once an upstream has changed to WebSocket. */
export interface Tunnel {
	/** At once, as where the session is over. */
	close(): void;
	/** Resolves when both connections are closed, by whomever. Never rejects. */
	readonly closed: Promise<void>;
}

/** When one side is done, the other has so many milliseconds to take what it was sent. */
const lingerMs = 1000;

export function openTunnel(client: Duplex, upstream: Duplex): Tunnel {
	const sides = [client, upstream];
	const close = () => {
		for (const side of sides) side.destroy();
	};
	const linger = () => setTimeout(close, lingerMs).unref();
	for (const side of sides) side.once('end', linger).once('close', linger).on('error', close);
	const closed = sides.map(
		(side) => new Promise((resolve) => (side.closed ? resolve(0) : side.once('close', resolve))),
	);
	client.pipe(upstream).pipe(client);
	return { close, closed: Promise.all(closed).then(() => undefined) };
}
