import { type IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { hasBody } from './headers.ts';

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

/**
 * Whether a request is to become a tunnel; for `shouldUpgradeCallback` of Node's server. All other upgrades, as to
 * `h2c`, are ignored: through them the upstream could be asked for what nobody judged. So is one with a body.
 */
export function asksForWebSocket(req: IncomingMessage): boolean {
	const isWebSocket = req.headers.upgrade?.toLowerCase() === 'websocket';
	return isWebSocket && req.method === 'GET' && req.httpVersion === '1.1' && !hasBody(req);
}

/** Answers a request to upgrade in plain HTTP, as any other; the connection is closed behind it. */
export function answerOn(socket: Duplex, req: IncomingMessage): ServerResponse {
	const res = new ServerResponse(req);
	res.shouldKeepAlive = false;
	res.assignSocket(req.socket);
	// Node's server does all this for the connections that it keeps.
	socket.on('drain', () => res.emit('drain'));
	res.once('finish', () => {
		socket.resume().end();
		setTimeout(() => socket.destroy(), lingerMs).unref();
	});
	return res;
}
