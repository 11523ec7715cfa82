import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer, type Server as TlsServer } from 'node:https';
import { type AddressInfo, Server as NetServer, type Socket } from 'node:net';
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { rawSecurityHeaders } from './headers.ts';
import type { Log } from './log.ts';
import type { Tls } from './tls.ts';
import { asksForWebSocket, handleUpgrade } from './upgrade.ts';

export interface Endpoint {
	readonly host: string;
	readonly port: number;
	/** With it the endpoint speaks https. */
	readonly tls?: Tls;
}

export interface ListenParts {
	readonly handler: (req: IncomingMessage, res: ServerResponse) => unknown;
	readonly endpoints: readonly Endpoint[];
	readonly log: Log;
}

export interface Listening {
	/** As clients write them: `http://127.0.0.1:8080`. */
	readonly urls: readonly string[];
	/** Ports of the https endpoints. */
	readonly tlsPorts: readonly number[];
	/** Takes connections for a second more, lets requests under way finish within `patienceMs`, then cuts what is left. */
	close(patienceMs: number): Promise<void>;
	/** Reads certificates and keys again. */
	reloadTls(): void;
}

/** A slow client gets so many milliseconds for its headers. Bodies are timed by whoever reads them: uploads may take long. */
const headersTimeoutMs = 10_000;
const lookForSlowMs = 1000;
/** Until the connection of a request that could not be read is cut. */
const lingerMs = 1000;
/**
 * Told to stop, we still take connections for so long: who asks whether we are ready learns that we are not, and sends
 * the next request elsewhere. A request that a client is just sending on a connection that was idle is answered, too.
 */
const graceMs = 1000;
/** A connection that was taken last gets so long for its request. */
const idleMs = 250;

const limits = {
	maxHeaderSize: 16 * 1024,
	headersTimeout: headersTimeoutMs,
	requestTimeout: 0,
	connectionsCheckingInterval: lookForSlowMs,
	keepAliveTimeout: 65_000,
	insecureHTTPParser: false,
	// Node would answer by itself, in nobody's words: `isPlain` asks for it.
	requireHostHeader: false,
	shouldUpgradeCallback: asksForWebSocket,
};

/** Opens all endpoints, or none. */
export async function listen({ handler, endpoints, log }: ListenParts): Promise<Listening> {
	let closing = false;
	const serve = (req: IncomingMessage, res: ServerResponse) => {
		// Behind an upgrade that is ignored, Node's parser drops what came in the same packet.
		if (closing || req.headers.upgrade !== undefined) res.shouldKeepAlive = false;
		handler(req, res);
	};

	function create({ tls }: Endpoint): Server | TlsServer {
		const server = tls ? createTlsServer({ ...limits, ...tls.options }, serve) : createServer(limits, serve);
		server.on('upgrade', handleUpgrade(serve));
		server.on('clientError', refuseUnreadable);
		// Node would close the connection without a word.
		server.on('connect', (_, socket: Socket) =>
			refuseRaw(socket, '405 Method Not Allowed', 'The method is not allowed'),
		);
		server.on('tlsClientError', (fault) => log.debug({ cause: fault }, 'TLS handshake failed'));
		return server;
	}

	const opened: { server: Server | TlsServer; endpoint: Endpoint }[] = [];
	try {
		for (const endpoint of endpoints) {
			const server = create(endpoint);
			server.listen(endpoint.port, endpoint.host);
			await once(server, 'listening');
			opened.push({ server, endpoint });
		}
	} catch (fault) {
		for (const { server } of opened) server.close();
		throw fault;
	}

	const portOf = (server: Server | TlsServer) => (server.address() as AddressInfo).port;
	return {
		urls: opened.map(({ server, endpoint }) => urlOf(endpoint, portOf(server))),
		tlsPorts: opened.filter(({ endpoint }) => endpoint.tls).map(({ server }) => portOf(server)),
		reloadTls() {
			for (const { server, endpoint } of opened) endpoint.tls?.reload(server as TlsServer);
		},
		async close(patienceMs) {
			const untilMs = performance.now() + patienceMs;
			await sleep(graceMs);
			await untilNoneWaits(opened.map(({ server }) => server));
			// Not before: whoever is told to close comes back on a new connection, and may wait in the kernel's queue.
			closing = true;
			await Promise.all(opened.map(({ server }) => drain(server, untilMs)));
		},
	};
}

function urlOf({ host, tls }: Endpoint, port: number): string {
	return `${tls ? 'https' : 'http'}://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

/** Resolves at a moment when no connection waits to be taken: the kernel cuts those that do when we stop listening. */
async function untilNoneWaits(servers: readonly (Server | TlsServer)[]): Promise<void> {
	let taken = true;
	const note = () => {
		taken = true;
	};
	for (const server of servers) server.on('connection', note);
	const untilMs = performance.now() + idleMs;
	while (taken && performance.now() < untilMs) {
		taken = false;
		await nextTurn();
	}
	for (const server of servers) server.off('connection', note);
}

/** Stops listening, lets requests under way finish until `untilMs` (of `performance.now`), and cuts what is left then. */
async function drain(server: Server | TlsServer, untilMs: number): Promise<void> {
	const closed = once(server, 'close');
	NetServer.prototype.close.call(server);
	// A connection without a request, as browsers open them in advance, is none that Node calls idle.
	server.headersTimeout = idleMs;
	const stoppedAt = performance.now();
	const watch = setInterval(() => {
		const now = performance.now();
		if (now > untilMs) server.closeAllConnections();
		else if (now > stoppedAt + idleMs) server.closeIdleConnections();
	}, 50);
	await closed;
	clearInterval(watch);
}

const refusals: Readonly<Record<string, readonly [string, string]>> = {
	HPE_HEADER_OVERFLOW: ['431 Request Header Fields Too Large', 'The request headers are too large'],
	ERR_HTTP_REQUEST_TIMEOUT: ['408 Request Timeout', 'The request took too long'],
};

/**
 * What Node's parser does not let through never becomes a request; it is answered all the same, and the connection ends.
 * Where an answer is under way, nothing is written in its place or into it: it is the last one.
 */
function refuseUnreadable(fault: Error & { code?: string }, socket: Socket): void {
	// It goes on sending, and has been answered: what it sends is dropped, since to cut it now would cut the answer, too.
	if (socket.writableEnded) return;
	if (!socket.writable || fault.code === 'ECONNRESET') {
		socket.destroy();
		return;
	}
	const answer = answerUnderWay(socket);
	if (answer?.req.complete || answer?.writableEnded) endBehind(answer, socket);
	// Half an answer to half a request: no word of ours can mend it.
	else if (answer?.headersSent) socket.destroy();
	else
		refuseRaw(socket, ...(refusals[fault.code ?? ''] ?? (['400 Bad Request', 'The request cannot be read'] as const)));
}

/** The one that is written next, as Node keeps it: its own handler of such errors looks there, too. */
function answerUnderWay(socket: Socket): ServerResponse | undefined {
	return (socket as { _httpMessage?: ServerResponse | null })._httpMessage ?? undefined;
}

function endBehind(answer: ServerResponse, socket: Socket): void {
	// Node does it, or we were here before.
	if (!answer.shouldKeepAlive) return;
	answer.shouldKeepAlive = false;
	answer.once('finish', () => socket.destroySoon());
}

function refuseRaw(socket: Socket, status: string, message: string): void {
	const body = JSON.stringify({ message });
	socket.on('error', () => socket.destroy());
	// Whoever has been answered and does not hang up holds nothing for long.
	setTimeout(() => socket.destroy(), lingerMs).unref();
	socket.end(
		`HTTP/1.1 ${status}\r\nContent-Type: application/json; charset=utf-8\r\n${rawSecurityHeaders}` +
			`Content-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`,
	);
}
