import { once } from 'node:events';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Server as TlsServer } from 'node:https';
import { type AddressInfo, Server as NetServer, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import type { Tls } from '../../certificates/server-tls.ts';
import type { Log } from '../../observability/log.ts';
import { http, https } from '../node-http.ts';
import { rememberCertificate } from '../request/certificate.ts';
import { closeInStages } from './close-in-stages.ts';
import { toOriginForm } from './framing.ts';
import { inTurn, isLastInLine, whenAnswered } from './pipelined.ts';
import { endAtStandstill } from './standstill.ts';
import { refuseUnreadable } from './unreadable.ts';
import { answerOn, handleUpgrade, hasBody, mayUpgrade } from './upgrade.ts';

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
	/** Told the status of answers to what never became a request. */
	readonly answered?: ((status: number) => void) | undefined;
	/** `Strict-Transport-Security` of these answers over TLS. */
	readonly hsts?: string | undefined;
	/** Until a connection ends that is not read, and on which nothing moves: by default, as long as that of `endAtStandstill`. */
	readonly standstillMs?: number | undefined;
}

export interface Listening {
	/** As clients write them: `http://127.0.0.1:8080`. */
	readonly urls: readonly string[];
	/** Ports of the https endpoints. */
	readonly tlsPorts: readonly number[];
	/** Takes connections for `graceMs` more, lets requests under way finish within `patienceMs`, then cuts what is left. */
	close(options: CloseOptions): Promise<void>;
	/** Reads certificates and keys again. */
	reloadTls(): void;
}

export interface CloseOptions {
	readonly patienceMs: number;
	/** Default: a second. 0 where nobody balances load over this process. */
	readonly graceMs?: number | undefined;
	/** Called when nothing new is taken any more, for what would not end by itself. */
	readonly ending?: () => void;
}

/** A slow client gets so many milliseconds for its headers. Bodies are timed by whoever reads them: uploads may take long. */
const headersTimeoutMs = 10_000;
const lookForSlowMs = 1000;
/**
 * Told to stop, we still take connections for so long: who asks whether we are ready learns that we are not, and sends
 * the next request elsewhere. A request that a client is just sending on a connection that was idle is answered, too.
 */
const defaultGraceMs = 1000;
/** A connection that was taken last gets so long for its request. */
const idleMs = 250;

const limits = {
	maxHeaderSize: 16 * 1024,
	headersTimeout: headersTimeoutMs,
	requestTimeout: 0,
	connectionsCheckingInterval: lookForSlowMs,
	keepAliveTimeout: 65_000,
	// A client that has lost its power says nothing: the kernel asks, and ends the connection.
	keepAlive: true,
	keepAliveInitialDelay: 60_000,
	insecureHTTPParser: false,
	// Node would answer by itself, in nobody's words: `isPlain` asks for it.
	requireHostHeader: false,
	shouldUpgradeCallback: mayUpgrade,
};

/** Opens all endpoints, or none. */
export async function listen({
	handler,
	endpoints,
	log,
	answered,
	hsts,
	standstillMs,
}: ListenParts): Promise<Listening> {
	let closing = false;
	/** Those that Node's server has handed over, and no longer cuts. */
	const handedOver = new Set<Duplex>();

	/** Nothing that a client sends may end the process: what goes wrong in an event of its socket ends the socket. */
	function guarded(socket: Duplex, act: () => void): void {
		try {
			act();
		} catch (fault) {
			log.error({ cause: fault }, 'an event of a connection could not be handled');
			socket.destroy();
		}
	}

	const serve = (req: IncomingMessage, res: ServerResponse) =>
		guarded(req.socket, () => {
			// Behind the last answer. What comes is dropped.
			if (req.socket.writableEnded) {
				req.resume();
				return;
			}
			// Behind an upgrade that is ignored, Node's parser drops what came in the same packet.
			if (req.headers.upgrade !== undefined) res.shouldKeepAlive = false;
			if (hasBody(req)) closeInStages(req);
			toOriginForm(req);
			inTurn(req, res, () =>
				guarded(req.socket, () => {
					if (closing && isLastInLine(req)) res.shouldKeepAlive = false;
					handler(req, res);
				}),
			);
		});

	function takeOver(socket: Duplex) {
		handedOver.add(socket);
		socket.on('error', () => socket.destroy()).once('close', () => handedOver.delete(socket));
	}

	const upgrade = handleUpgrade(serve);
	const unreadable = refuseUnreadable({ log, answered, hsts });

	function create({ tls }: Endpoint): Server | TlsServer {
		const server = tls ? https().createServer({ ...limits, ...tls.options }, serve) : http.createServer(limits, serve);
		server.on('upgrade', (req, socket, head) =>
			guarded(socket, () => {
				takeOver(socket);
				upgrade(req, socket, head);
			}),
		);
		// Node would close the connection without a word.
		server.on('connect', (req, socket) =>
			guarded(socket, () => {
				takeOver(socket);
				whenAnswered(socket, () => guarded(socket, () => serve(req, answerOn(socket, req))));
			}),
		);
		// Node would answer by itself.
		server.on('checkExpectation', serve);
		server.on('clientError', (fault, socket) => guarded(socket, () => unreadable(fault, socket as Socket)));
		endAtStandstill(server, tls !== undefined, log, standstillMs);
		server.on('secureConnection', rememberCertificate);
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
		async close({ patienceMs, graceMs = defaultGraceMs, ending }) {
			const untilMs = performance.now() + patienceMs;
			if (graceMs > 0) await sleep(graceMs);
			await untilNoneWaits(opened.map(({ server }) => server));
			// Not before: whoever is told to close comes back on a new connection, and may wait in the kernel's queue.
			closing = true;
			ending?.();
			const late = setTimeout(
				() => {
					for (const socket of handedOver) socket.destroy();
				},
				Math.max(0, untilMs - performance.now()),
			);
			await Promise.all(opened.map(({ server }) => drain(server, untilMs, Math.min(idleMs, graceMs))));
			clearTimeout(late);
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

/**
 * Stops listening, lets requests under way finish until `untilMs` (of `performance.now`), and cuts what is left then. An
 * idle connection is cut after `idleMs`.
 */
async function drain(server: Server | TlsServer, untilMs: number, idleMs: number): Promise<void> {
	const closed = once(server, 'close');
	NetServer.prototype.close.call(server);
	// A connection without a request, as browsers open them in advance, is none that Node calls idle.
	server.headersTimeout = Math.max(1, idleMs);
	const stoppedAt = performance.now();
	const cut = () => {
		const now = performance.now();
		if (now > untilMs) server.closeAllConnections();
		else if (now >= stoppedAt + idleMs) server.closeIdleConnections();
	};
	cut();
	const watch = setInterval(cut, 50);
	await closed;
	clearInterval(watch);
}
