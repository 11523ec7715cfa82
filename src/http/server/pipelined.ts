import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { closeInStages } from './close-in-stages.ts';

/*
 * Requests that came on one connection before the first of them was answered. Node writes their answers in order; what
 * becomes no request of its server (an upgrade, CONNECT, what cannot be read) has to ask here what is still to come.
 */

/** So many requests may wait on a connection for the answers to those before them. No client is known that sends so many. */
const mostWaiting = 100;

interface Line {
	/** Behind the one that is under way, in the order in which they came. */
	readonly waiting: ServerResponse[];
	/** No more are taken. */
	isFull: boolean;
}

const lines = new WeakMap<Duplex, Line>();

/**
 * Acts when all that was asked before on the same connection is answered: one request at a time, since each could open a
 * connection to an upstream, and answers that Node keeps until their turn make it stop reading, by which it would notice
 * that the client has left. Never, where an answer before ends the connection, or too many wait.
 */
export function inTurn(req: IncomingMessage, res: ServerResponse, act: () => void): void {
	const { socket } = req;
	const line = lines.get(socket) ?? { waiting: [], isFull: false };
	lines.set(socket, line);
	if (line.isFull) {
		req.resume();
		return;
	}
	if (answerUnderWay(socket) === res) {
		act();
		return;
	}
	line.waiting.push(res);
	// Node says so when the answer is the one to be written.
	res.once('socket', () => {
		line.waiting.shift();
		act();
	});
	if (line.waiting.length < mostWaiting) return;
	line.isFull = true;
	res.shouldKeepAlive = false;
	closeInStages(req, () => false);
	// Behind the callback of the parser, which is not to be taken away from under it.
	setImmediate(dropRest, socket);
}

/** What comes is read, so that we notice when the client leaves, but no longer parsed. */
function dropRest(socket: Duplex): void {
	socket.removeAllListeners('data').on('data', () => undefined);
}

/** Whether nothing that was asked on the connection waits for its turn. */
export function isLastInLine({ socket }: IncomingMessage): boolean {
	return !lines.get(socket)?.waiting.length;
}

/** The answer that is written next, as Node keeps it: its own handler of unreadable requests looks there, too. */
export function answerUnderWay(socket: Duplex): ServerResponse | undefined {
	return (socket as { _httpMessage?: ServerResponse | null })._httpMessage ?? undefined;
}

/** The answer that is written last of those to whole requests, or the one under way. */
export function lastAnswer(socket: Duplex): ServerResponse | undefined {
	return lines.get(socket)?.waiting.findLast(({ req }) => req.complete) ?? answerUnderWay(socket);
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
