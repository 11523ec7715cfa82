import type { Socket } from 'node:net';
import type { Log } from '../../observability/log.ts';

/*
 * While nobody takes what a client sends (the body of an upload, a WebSocket's messages), its connection is not read: that
 * is how the client is told to wait. It also means that nobody learns when the client leaves, since neither its end nor its
 * reset is told to a process that does not read, and the connection to the upstream would stay behind it for ever.
 */

/** More than an upstream may take for its answer: a 504 comes first. */
const defaultMs = 90_000;
/** How many looks at a connection find nothing moved before it ends: an interval that was late counts once. */
const looks = 6;

type Watched = Pick<Socket, 'bytesRead' | 'bytesWritten' | 'destroy' | 'isPaused' | 'remoteAddress'>;

export interface Standstill {
	add(socket: Watched): void;
	remove(socket: Watched): void;
	/** To be called at an interval: ends connections that were not read, and on which nothing moved, at several looks. */
	look(): void;
}

export function createStandstill(log: Log): Standstill {
	const watched = new Map<Watched, { moved: number; looks: number }>();
	return {
		add: (socket) => void watched.set(socket, { moved: 0, looks: 0 }),
		remove: (socket) => void watched.delete(socket),
		look() {
			for (const [socket, seen] of watched) {
				const moved = socket.bytesRead + socket.bytesWritten;
				seen.looks = socket.isPaused() && moved === seen.moved ? seen.looks + 1 : 0;
				seen.moved = moved;
				if (seen.looks < looks) continue;
				log.info(
					{ address: socket.remoteAddress },
					'a connection is cut: nobody takes what the client sends, and nothing moves',
				);
				socket.destroy();
			}
		},
	};
}

interface Watchable {
	on(event: string, listener: (socket: Socket) => void): unknown;
	once(event: 'close', listener: () => void): unknown;
}

/** Watches over all connections of a server, TLS or not. Such a one is ended after `ms`. */
export function endAtStandstill(server: Watchable, isTls: boolean, log: Log, ms = defaultMs): void {
	const standstill = createStandstill(log);
	server.on(isTls ? 'secureConnection' : 'connection', (socket) => {
		standstill.add(socket);
		socket.once('close', () => standstill.remove(socket));
	});
	const watch = setInterval(standstill.look, ms / looks).unref();
	server.once('close', () => clearInterval(watch));
}
