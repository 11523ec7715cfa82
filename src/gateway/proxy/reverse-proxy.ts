import type { IncomingMessage, OutgoingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { answerOn, asksForWebSocket, hasBody } from '../../http/server/upgrade.ts';
import { isSafe } from '../rules.ts';
import { framing, headersBack, headersOnward, type Onward } from './headers.ts';
import { openTunnel, type Tunnel } from './tunnel.ts';
import { type Answer, answerTo, createRequestTo, type Patience, StaleConnection, TooSlow } from './upstream.ts';

export type { Onward } from './headers.ts';

/** What became of a request that was passed on. */
export type Passed =
	/** The answer of the upstream went out whole. */
	| { readonly kind: 'answered' }
	/** One of the two broke off: there is nobody to tell, or nothing more to be said. */
	| { readonly kind: 'cut'; readonly by: 'client' | 'upstream'; readonly cause: unknown }
	/** Nothing was written yet: the caller answers 502 or 504. */
	| { readonly kind: 'bad-gateway' | 'gateway-timeout' | 'upstream-credentials-refused'; readonly cause: unknown };

export interface Tunnelled {
	readonly kind: 'tunnel';
	readonly tunnel: Tunnel;
}

export interface ReverseProxy {
	/**
	 * Passes a request on, and the answer back, as they come. Whether it may pass is decided, `splitTarget` and `isPlain`
	 * included, and that it `hasUnexpectedBody` is refused; its body is unread.
	 */
	pass(req: IncomingMessage, res: ServerResponse, to: Onward): Promise<Passed>;
	/** The same for a request that `asksForWebSocket`. The tunnel stays until one of the sides, or the caller, closes it. */
	upgrade(req: IncomingMessage, socket: Duplex, head: Buffer, to: Onward): Promise<Passed | Tunnelled>;
	/** Closes the tunnels, and opens no more. Requests under way go on. */
	close(): void;
}

export function createReverseProxy({ connectTimeoutMs, timeoutMs }: Patience): ReverseProxy {
	const requestTo = createRequestTo({ connectTimeoutMs });
	const tunnels = new Set<Tunnel>();
	let closed = false;

	return {
		async pass(req, res, to) {
			if (res.destroyed) return failed(undefined, true);
			// Behind an upgrade that was ignored, Node's parser loses what came in the same packet: the next request half.
			if (req.headers.upgrade !== undefined) res.shouldKeepAlive = false;
			const outgoing = { ...to, headers: [...headersOnward(req, to), ...framing(req)] };
			const expected = { stillSending: () => !req.complete, timeoutMs };
			let request = requestTo(req.method, outgoing, mayShare(req) ? 'pooled' : 'own');
			const stop = () => request.destroy();
			res.once('close', stop);
			/** Once more, on a new connection: only what may share one can meet a stale one. */
			const again = (fault: unknown) => {
				if (!(fault instanceof StaleConnection) || res.destroyed) throw fault;
				request = requestTo(req.method, outgoing, 'own').end();
				return answerTo(request, expected);
			};
			try {
				if (hasBody(req)) {
					sendHead(request);
					req.pipe(request);
				} else request.end();
				const { answer } = await answerTo(request, expected).catch(again);
				if (refusesUs(answer, to)) return refusedUs;
				return await passBack(answer, res, to);
			} catch (cause) {
				return failed(cause, res.destroyed);
			} finally {
				res.off('close', stop);
				// An answer may come before the upstream has taken the whole body. What is left of it goes nowhere.
				req.unpipe(request);
				req.resume();
				if (!request.writableFinished || !res.headersSent) request.destroy();
			}
		},

		async upgrade(req, socket, head, to) {
			if (socket.destroyed || !asksForWebSocket(req)) return failed(undefined, true);
			const headers = [...headersOnward(req, to), 'Connection', 'Upgrade', 'Upgrade', 'websocket'];
			const request = requestTo(req.method, { ...to, headers }, 'own');
			const stop = () => request.destroy();
			socket.once('close', stop).once('end', stop).on('error', stop);
			const early = readEarly(socket, head);
			let upgraded: Answer['tunnel'];
			let res: ServerResponse | undefined;
			try {
				request.end();
				const got = await answerTo(request, { timeoutMs, upgrade: true });
				upgraded = got.tunnel;
				if (!upgraded) {
					early.drop();
					if (refusesUs(got.answer, to)) {
						request.destroy();
						return refusedUs;
					}
					res = answerOn(socket, req);
					return await passBack(got.answer, res, to);
				}
				if (got.answer.headers.upgrade?.toLowerCase() !== 'websocket')
					throw new Error('the upstream changed to another protocol');
				const back = ['Connection', 'Upgrade', 'Upgrade', 'websocket', ...headersBack(got.answer, to)];
				socket.write(`HTTP/1.1 101 Switching Protocols\r\n${lines(back)}\r\n`, 'latin1');
				early.giveBack();
				upgraded.socket.unshift(upgraded.head);
				const tunnel = openTunnel(socket, upgraded.socket);
				tunnels.add(tunnel);
				void tunnel.closed.then(() => tunnels.delete(tunnel));
				if (closed) tunnel.close();
				return { kind: 'tunnel', tunnel };
			} catch (cause) {
				request.destroy();
				upgraded?.socket.destroy();
				early.drop();
				// The caller answers on the same connection.
				if (res?.headersSent === false) res.detachSocket(req.socket);
				const isGone = socket.destroyed || socket.readableEnded;
				// Closed by half, it would stay for ever: nobody else answers it.
				if (isGone) socket.destroy();
				return failed(cause, isGone);
			} finally {
				socket.off('close', stop).off('end', stop);
			}
		},

		close() {
			closed = true;
			for (const tunnel of tunnels) tunnel.close();
		},
	};
}

/** A client that is asked for credentials where ours stand could do nothing about it. */
function refusesUs({ statusCode }: IncomingMessage, { credentials }: Onward): boolean {
	return credentials !== undefined && credentials.withheld !== true && statusCode === 401;
}

const refusedUs = { kind: 'upstream-credentials-refused', cause: undefined } as const;

async function passBack(answer: IncomingMessage, res: ServerResponse, to: Onward): Promise<Passed> {
	const { statusCode = 0, statusMessage = '' } = answer;
	// Node reads controls there, and does not write them.
	const reason = /[^\t -~\x80-\xff]/.test(statusMessage) ? '' : statusMessage;
	res.writeHead(statusCode, reason, headersBack(answer, to));
	if (!answer.complete) sendHead(res);
	return new Promise((resolve) => {
		const left = (cause: unknown) => resolve({ kind: 'cut', by: 'client', cause });
		res
			.once('finish', () => resolve({ kind: 'answered' }))
			.once('close', left)
			.on('error', left);
		answer.on('error', (cause) => {
			resolve({ kind: 'cut', by: 'upstream', cause });
			// Before HTTP/1.1 the end of the connection was the end of the body: half of it would look whole.
			const { httpVersion, socket } = res.req;
			if (httpVersion === '1.0' && !('encrypted' in socket)) socket.resetAndDestroy();
			res.destroy();
		});
		answer.pipe(res);
	});
}

/**
 * An upstream that does not read a body takes it for the next request on its connection, and answers that one to whoever
 * uses the connection next. So no other request shares a connection with a body, nor with the answer to a `HEAD`, which
 * some servers send a body with. What shares one can be asked again where it turns out to be closed.
 */
function mayShare(req: IncomingMessage): boolean {
	return isSafe(req.method ?? '') && req.method !== 'HEAD' && !hasBody(req);
}

/** Bytes that a client may send before its handshake is answered. A browser sends none. Rule: RFC 6455, 4.1. */
const maxEarly = 64 * 1024;

/** Keeps what a client sends before its handshake is answered: only while all is read is it noticed when it leaves. */
function readEarly(socket: Duplex, head: Buffer) {
	const chunks = [head];
	let length = head.length;
	const keep = (chunk: Buffer) => {
		chunks.push(chunk);
		length += chunk.length;
		if (length > maxEarly) socket.destroy();
	};
	socket.on('data', keep);
	return {
		giveBack: () => socket.off('data', keep).pause().unshift(Buffer.concat(chunks)),
		drop: () => socket.off('data', keep).resume(),
	};
}

/**
 * The head goes ahead of a body that may take its time. `flushHeaders` would do it, were it not for bytes beyond ASCII:
 * these it sends as UTF-8, where everything else sends them as they came.
 */
function sendHead(message: OutgoingMessage) {
	message.write('', 'latin1');
}

/** Before anything was written. */
function failed(cause: unknown, clientIsGone: boolean): Passed {
	if (clientIsGone) return { kind: 'cut', by: 'client', cause };
	return { kind: cause instanceof TooSlow ? 'gateway-timeout' : 'bad-gateway', cause };
}

function lines(headers: readonly string[]): string {
	return headers.map((text, at) => (at % 2 === 0 ? `${text}: ` : `${text}\r\n`)).join('');
}
