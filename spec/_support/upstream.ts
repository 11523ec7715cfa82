import { once } from 'node:events';
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocketServer } from 'ws';
import { http } from '../../src/http/node-http.ts';

export interface Upstream {
	readonly url: string;
	/** The paths of the requests that got through to it. */
	readonly reached: string[];
	/** Their headers. */
	readonly headers: IncomingHttpHeaders[];
	close(): void;
}

type Handler = (req: IncomingMessage, res: ServerResponse) => void;

/** Something worth protecting, on a free port. Says "the treasure", unless there is a handler. `echo`: WebSockets send back what comes. */
export async function startUpstream(
	handler: Handler = (_, res) => void res.end('the treasure'),
	{ echo = false } = {},
): Promise<Upstream> {
	const reached: string[] = [];
	const headers: IncomingHttpHeaders[] = [];
	const record = (req: IncomingMessage) => {
		reached.push(req.url ?? '');
		headers.push(req.headers);
	};
	const server = http.createServer((req, res) => {
		record(req);
		handler(req, res);
	});
	if (echo) {
		new WebSocketServer({ server }).on('connection', (socket, req) => {
			record(req);
			socket.on('message', (message, binary) => socket.send(message, { binary }));
		});
	}
	server.listen(0, '127.0.0.1');
	await once(server, 'listening');
	return {
		url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
		reached,
		headers,
		close() {
			server.close();
			server.closeAllConnections();
		},
	};
}
