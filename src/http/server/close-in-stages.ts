import type { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';

/*
 * An answer that is given before all of its request was read. To close the connection at once would make the kernel
 * reset it when more comes in, and many clients then throw the answer away. So we stop writing, read on for a while what
 * nobody wants, and close when the client does. Rule: RFC 9112, 9.6.
 */

/** For so long, in all. */
const mostMs = 10_000;
/** While something comes. */
const silenceMs = 2000;
/** So much, counted at each look. */
const mostBytes = 16 * 1024 * 1024;
const lookEveryMs = 50;

/** Should the connection of this request end before all that the client sends has come, its body by default, it ends in stages. */
export function closeInStages(req: IncomingMessage, hasCome = () => req.complete): void {
	const { socket } = req;
	// Node calls it behind the last answer.
	socket.destroySoon = () => {
		if (hasCome()) return Socket.prototype.destroySoon.call(socket);
		const startedAt = performance.now();
		const startedWith = socket.bytesRead;
		let [bytesRead, readAt] = [startedWith, startedAt];
		socket.end();
		const look = setInterval(() => {
			const now = performance.now();
			if (socket.bytesRead > bytesRead) [bytesRead, readAt] = [socket.bytesRead, now];
			if (now - startedAt > mostMs || now - readAt > silenceMs || bytesRead - startedWith > mostBytes) socket.destroy();
		}, lookEveryMs);
		socket.once('close', () => clearInterval(look));
	};
}
