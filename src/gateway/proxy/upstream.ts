import type { Agent, ClientRequest, IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import type { Duplex } from 'node:stream';
import { http, https } from '../../http/node-http.ts';
import type { UpstreamTls } from '../upstream-credentials.ts';

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

/**
 * A connection that had carried a request before was closed, and not a byte of an answer to this one had come: the
 * upstream closed it while the request was on its way, and has most likely not read it.
 */
export class StaleConnection extends Error {
	override readonly name = 'StaleConnection';
}

/** What goes to the upstream: `headers` is a flat list of names and values, and frames the body if there is one. */
interface Outgoing {
	readonly upstream: URL;
	readonly target: string;
	readonly headers: readonly string[];
	readonly tls?: UpstreamTls | undefined;
}

export interface Answer {
	readonly answer: IncomingMessage;
	/** Where the upstream changed the protocol: the connection, and what it sent on it already. */
	readonly tunnel?: { readonly socket: Duplex; readonly head: Buffer };
}

/** `pooled`: a connection that may have carried other requests, and may carry more. `own`: one for this request alone. */
type Connection = 'pooled' | 'own';

/** Begins a request; the caller sends its body, if any, and ends it. */
export type RequestTo = (method: string | undefined, outgoing: Outgoing, connection: Connection) => ClientRequest;

/** Milliseconds that an idle connection is kept. Less than servers keep theirs: few are closed just when they are used again. */
const idleMs = 1000;
/** An upstream may send so many interim answers (`100 Continue`, `103 Early Hints`) before the answer. */
const maxInterim = 20;

const withoutCertificate: UpstreamTls = {};

export function createRequestTo({ connectTimeoutMs }: Pick<Patience, 'connectTimeoutMs'>): RequestTo {
	// Idle connections do not keep the process running, so nobody has to close them.
	const keep = { keepAlive: true, timeout: idleMs };
	const newAgents = (tls: UpstreamTls) => ({
		pooled: cutIfIdleSpeaks(new (https().Agent)({ ...keep, ...tls })),
		own: new (https().Agent)({ keepAlive: false, ...tls }),
	});
	const plain = { pooled: cutIfIdleSpeaks(new http.Agent(keep)), own: new http.Agent({ keepAlive: false }) };
	/** Connections that show one certificate carry nothing of others. */
	const ofTls = new WeakMap<UpstreamTls, ReturnType<typeof newAgents>>();
	function agentsFor(tls = withoutCertificate) {
		const agents = ofTls.get(tls) ?? newAgents(tls);
		ofTls.set(tls, agents);
		return agents;
	}

	return (method, { upstream, target, headers, tls }, connection) => {
		const isTls = upstream.protocol === 'https:';
		const hostname = upstream.hostname.replace(/^\[|\]$/g, '');
		const request = (isTls ? https() : http).request({
			...{ method, hostname, port: upstream.port, path: target, headers },
			agent: (isTls ? agentsFor(tls) : plain)[connection],
			// Node would take it from the `Host` header, which the client chose.
			...(isTls && { servername: isIP(hostname) === 0 ? hostname : '' }),
		});
		request.once('socket', (socket) => {
			if (connection === 'own') readPastFailedWrites(socket);
			if (!socket.connecting) return;
			const tooSlow = () => request.destroy(new TooSlow(`no connection within ${connectTimeoutMs} ms`));
			const timer = setTimeout(tooSlow, connectTimeoutMs);
			for (const event of [isTls ? 'secureConnect' : 'connect', 'close']) socket.once(event, () => clearTimeout(timer));
		});
		return request;
	};
}

/** Bytes that arrive on an idle connection answer no request. Read later, they would be the answer to somebody else's. */
function cutIfIdleSpeaks<A extends Agent>(agent: A): A {
	const { keepSocketAlive, reuseSocket } = agent;
	agent.keepSocketAlive = (socket) => {
		socket.on('data', destroyIt);
		return keepSocketAlive.call(agent, socket);
	};
	agent.reuseSocket = (socket, request) => {
		socket.off('data', destroyIt);
		reuseSocket.call(agent, socket, request);
	};
	return agent;
}

function destroyIt(this: Duplex) {
	this.destroy();
}

/**
 * A server that answers before it has read the whole body, and closes, makes our next write fail while its answer waits
 * to be read: Node would drop both. So a write that fails does not end, and reading goes on, up to the end or the reset.
 */
function readPastFailedWrites(socket: Duplex) {
	const { _write, _writev } = socket;
	const unlessFailed = (done: () => void) => (fault?: Error | null) => {
		if (!fault) done();
	};
	socket._write = (chunk, encoding, done) => _write.call(socket, chunk, encoding, unlessFailed(done));
	if (_writev) socket._writev = (chunks, done) => _writev.call(socket, chunks, unlessFailed(done));
}

interface Expected {
	/** While it says so and the upstream takes what is sent, nobody is too slow. */
	readonly stillSending?: () => boolean;
	readonly timeoutMs: number;
	/** Whether the upstream was asked to change the protocol. To all others such an answer is a broken connection. */
	readonly upgrade?: true;
}

/**
 * The head of the answer, its body still to come. Rejects with `TooSlow`, `StaleConnection`, or whatever went wrong.
 */
export async function answerTo(
	request: ClientRequest,
	{ stillSending, timeoutMs, upgrade }: Expected,
): Promise<Answer> {
	const timer = setTimeout(() => {
		if (stillSending?.() && !request.writableNeedDrain) timer.refresh();
		else request.destroy(new TooSlow(`no answer within ${timeoutMs} ms`));
	}, timeoutMs);
	const goOn = () => timer.refresh();
	request.on('drain', goOn).on('finish', goOn);
	let heard = false;
	request.once('socket', (socket) => {
		if (!request.reusedSocket) return;
		// Before Node reads them: what it cannot read has been heard, too.
		socket.prependOnceListener('data', () => {
			heard = true;
		});
	});
	let interim = 0;
	request.on('information', () => {
		if (++interim > maxInterim) request.destroy(new Error(`more than ${maxInterim} interim answers`));
	});
	try {
		return await new Promise((resolve, reject) => {
			request.once('response', (answer) => {
				// 101 without an `Upgrade` header comes here, too; and what is below 100 is none of HTTP.
				if ((answer.statusCode ?? 0) >= 200) resolve({ answer });
				else reject(new Error(`the upstream answered with status ${answer.statusCode}`));
			});
			// Without a listener Node destroys such a connection. With one, from here on nobody else looks after it.
			if (upgrade) {
				request.once('upgrade', (answer, socket, head) => {
					socket.on('error', () => socket.destroy());
					resolve({ answer, tunnel: { socket, head } });
				});
			}
			request.on('error', (fault) => {
				const isStale = request.reusedSocket && !heard && !(fault instanceof TooSlow);
				reject(isStale ? new StaleConnection('the connection was closed', { cause: fault }) : fault);
			});
			request.once('close', () => reject(new Error('the connection was closed without an answer')));
		});
	} finally {
		clearTimeout(timer);
		request.off('drain', goOn).off('finish', goOn);
	}
}
