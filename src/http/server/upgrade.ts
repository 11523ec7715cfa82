import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { http } from '../node-http.ts';
import { answerUnderWay } from './pipelined.ts';

/*
 * A request that asks to go on as a WebSocket passes the same middleware as any other, so that there is one decision
 * and one way to say no. Whoever says yes takes the socket.
 */

export interface Upgrade {
	readonly socket: Duplex;
	/** What came behind the request already. */
	readonly head: Buffer;
}

type Handler = (req: IncomingMessage, res: ServerResponse) => unknown;

const upgrades = new WeakMap<IncomingMessage, Upgrade & { detach(): void }>();

/** When we are done, the client has so many milliseconds to take what it was sent. */
const lingerMs = 1000;

/**
 * For `shouldUpgradeCallback` of Node's server. Behind a request that is not answered yet an upgrade is ignored: its
 * answer could not be written in order.
 */
export function mayUpgrade(req: IncomingMessage): boolean {
	return asksForWebSocket(req) && !req.socket.writableEnded && answerUnderWay(req.socket) === undefined;
}

/**
 * Whether a request is to become a tunnel. All other upgrades, as to `h2c`, are ignored: through them the upstream could
 * be asked for what nobody judged. So is one with a body.
 */
export function asksForWebSocket(req: IncomingMessage): boolean {
	const isWebSocket = req.headers.upgrade?.toLowerCase() === 'websocket';
	return isWebSocket && req.method === 'GET' && req.httpVersion === '1.1' && !hasBody(req);
}

export function hasBody({ headers }: IncomingMessage): boolean {
	return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}

/** Answers a request to upgrade in plain HTTP, as any other; the connection is closed behind it. */
export function answerOn(socket: Duplex, req: IncomingMessage): ServerResponse {
	const res = new http.ServerResponse(req);
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

/** For a server's `upgrade` event. */
export function handleUpgrade(handler: Handler) {
	return (req: IncomingMessage, socket: Duplex, head: Buffer): void => {
		socket.on('error', () => socket.destroy());
		const res = answerOn(socket, req);
		upgrades.set(req, {
			socket,
			head,
			detach() {
				res.removeAllListeners('finish');
				res.detachSocket(req.socket);
			},
		});
		handler(req, res);
	};
}

/** Whether the request becomes a tunnel, if somebody says yes. */
export function isUpgrade(req: IncomingMessage): boolean {
	return upgrades.has(req);
}

/** Takes the socket of such a request out of the hands of its response; `undefined` for any other request. */
export function takeUpgrade(req: IncomingMessage): Upgrade | undefined {
	const upgrade = upgrades.get(req);
	upgrade?.detach();
	return upgrade;
}
