import { type IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';

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

/** For a server's `upgrade` event. */
export function handleUpgrade(handler: Handler) {
	return (req: IncomingMessage, socket: Duplex, head: Buffer): void => {
		const res = new ServerResponse(req);
		res.shouldKeepAlive = false;
		// A duplex is all that a response needs of its socket.
		res.assignSocket(socket as Parameters<ServerResponse['assignSocket']>[0]);
		const cut = () => socket.destroy();
		socket.on('error', cut);
		res.on('finish', () => socket.end());
		upgrades.set(req, {
			socket,
			head,
			detach() {
				res.detachSocket(socket as Parameters<ServerResponse['detachSocket']>[0]);
				socket.off('error', cut);
			},
		});
		handler(req, res);
	};
}

/** Takes the socket of such a request out of the hands of its response; `undefined` for any other request. */
export function takeUpgrade(req: IncomingMessage): Upgrade | undefined {
	const upgrade = upgrades.get(req);
	upgrade?.detach();
	return upgrade;
}

export function isUpgrade(req: IncomingMessage): boolean {
	return upgrades.has(req);
}
