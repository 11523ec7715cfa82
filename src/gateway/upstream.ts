import http, { type ClientRequest, type IncomingMessage } from 'node:http';
import https from 'node:https';
import { isIP } from 'node:net';
import type { Duplex } from 'node:stream';

export interface Patience {
	/** Milliseconds until a connection must stand, TLS included. */
	readonly connectTimeoutMs: number;
	/** Milliseconds in which an answer must begin, counted from when the upstream has all that it waits for. */
	readonly timeoutMs: number;
}

/** The upstream took longer than we wait: a 504. */
export class TooSlow extends Error {
	override readonly name = 'TooSlow';
}

/** What goes to the upstream: `headers` is a flat list of names and values, and frames the body if there is one. */
interface Outgoing {
	readonly upstream: URL;
	readonly target: string;
	readonly headers: readonly string[];
}

export interface Answer {
	readonly answer: IncomingMessage;
	/** Where the upstream changed the protocol: the connection, and what it sent on it already. */
	readonly tunnel?: { readonly socket: Duplex; readonly head: Buffer };
}

/** Begins a request; the caller sends its body, if any, and ends it. `upgrade`: on a connection of its own. */
export type RequestTo = (method: string | undefined, outgoing: Outgoing, upgrade?: 'upgrade') => ClientRequest;

/** Milliseconds that an idle connection is kept. Less than servers keep theirs: none is closed just when it is used again. */
const idleMs = 1000;

export function createRequestTo({ connectTimeoutMs }: Pick<Patience, 'connectTimeoutMs'>): RequestTo {
	// Idle connections do not keep the process running, so nobody has to close them.
	const keep = { keepAlive: true, timeout: idleMs };
	const agents = { http: new http.Agent(keep), https: new https.Agent(keep) };

	return (method, { upstream, target, headers }, upgrade) => {
		const tls = upstream.protocol === 'https:';
		const hostname = upstream.hostname.replace(/^\[|\]$/g, '');
		const request = (tls ? https : http).request({
			...{ method, hostname, port: upstream.port, path: target, headers },
			agent: upgrade === undefined && agents[tls ? 'https' : 'http'],
			// Node would take it from the `Host` header, which the client chose.
			...(tls && { servername: isIP(hostname) === 0 ? hostname : '' }),
		});
		request.once('socket', (socket) => {
			if (!socket.connecting) return;
			const tooSlow = () => request.destroy(new TooSlow(`no connection within ${connectTimeoutMs} ms`));
			const timer = setTimeout(tooSlow, connectTimeoutMs);
			for (const event of [tls ? 'secureConnect' : 'connect', 'close']) socket.once(event, () => clearTimeout(timer));
		});
		return request;
	};
}

/**
 * The head of the answer, its body still to come. Rejects with `TooSlow`, or with whatever went wrong. While the client
 * is `stillSending` and the upstream takes what it sends, nobody is too slow.
 */
export async function answerTo(
	request: ClientRequest,
	stillSending: () => boolean,
	timeoutMs: number,
): Promise<Answer> {
	const timer = setTimeout(() => {
		if (stillSending() && !request.writableNeedDrain) timer.refresh();
		else request.destroy(new TooSlow(`no answer within ${timeoutMs} ms`));
	}, timeoutMs);
	const goOn = () => timer.refresh();
	request.on('drain', goOn).on('finish', goOn);
	try {
		return await new Promise((resolve, reject) => {
			request.once('response', (answer) => resolve({ answer }));
			request.once('upgrade', (answer, socket, head) => resolve({ answer, tunnel: { socket, head } }));
			request.on('error', reject);
			request.once('close', () => reject(new Error('the connection was closed without an answer')));
		});
	} finally {
		clearTimeout(timer);
		request.off('drain', goOn).off('finish', goOn);
	}
}
