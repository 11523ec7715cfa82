import { type IncomingMessage, ServerResponse } from 'node:http';
import { type Duplex, finished } from 'node:stream';
import { pipeline } from 'node:stream/promises';

/** Two connections that carry the same bytes, once an upstream has changed to WebSocket. */
export interface Tunnel {
	/** At once, as where the session is over. */
	close(): void;
	/** Resolves when both connections are closed, by whomever. Never rejects. */
	readonly closed: Promise<void>;
}

/** When one side has said all, the other has so long to finish. */
const lingerMs = 1000;

export function openTunnel(client: Duplex, upstream: Duplex): Tunnel {
	const close = () => {
		client.destroy();
		upstream.destroy();
	};
	const linger = () => setTimeout(close, lingerMs).unref();
	for (const side of [client, upstream]) side.once('end', linger);
	// Each destroys both sides where one breaks off.
	const flows = [pipeline(client, upstream), pipeline(upstream, client)];
	const ends = [client, upstream].map((side) => new Promise((resolve) => finished(side, resolve)));
	return { close, closed: Promise.allSettled([...flows, ...ends]).then(() => undefined) };
}

/**
 * Whether a request is to become a tunnel; for `shouldUpgradeCallback` of Node's server. All other upgrades, as to
 * `h2c`, are ignored: through them the upstream could be asked for what nobody judged. So is one with a body.
 */
export function asksForWebSocket({ method, httpVersion, headers }: IncomingMessage): boolean {
	const hasBody = headers['transfer-encoding'] !== undefined || (headers['content-length'] ?? '0') !== '0';
	return method === 'GET' && httpVersion === '1.1' && headers.upgrade?.toLowerCase() === 'websocket' && !hasBody;
}

/** Answers a request to upgrade in plain HTTP, as any other; the connection is closed behind it. */
export function answerOn(socket: Duplex, req: IncomingMessage): ServerResponse {
	const res = new ServerResponse(req);
	res.shouldKeepAlive = false;
	res.assignSocket(req.socket);
	// Node's server does both for the connections that it keeps.
	socket.on('drain', () => res.emit('drain'));
	res.once('finish', () => socket.end());
	return res;
}
