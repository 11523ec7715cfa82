import type { ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';

/*
 * Requests that came on one connection before the first of them was answered. Node writes their answers in order; what
 * becomes no request of its server (an upgrade, CONNECT, what cannot be read) has to ask here what is still to come.
 */

/** The answer that is written next, as Node keeps it: its own handler of unreadable requests looks there, too. */
export function answerUnderWay(socket: Duplex): ServerResponse | undefined {
	return (socket as { _httpMessage?: ServerResponse | null })._httpMessage ?? undefined;
}

/** Acts when all that was asked before is answered; never, where the last of these answers ends the connection. */
export function whenAnswered(socket: Duplex, act: () => void): void {
	if (socket.destroyed || socket.writableEnded) return;
	const answer = answerUnderWay(socket);
	if (answer === undefined) {
		act();
		return;
	}
	// Node's server no longer does, once it has handed the socket over.
	const drain = () => answer.emit('drain');
	socket.on('drain', drain);
	answer.once('finish', () => {
		socket.off('drain', drain);
		whenAnswered(socket, act);
	});
}
