import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Upstream {
	readonly url: string;
	/** The paths of the requests that got through to it. */
	readonly reached: string[];
	/** Their headers. */
	readonly headers: IncomingHttpHeaders[];
	close(): void;
}

type Handler = (req: IncomingMessage, res: ServerResponse) => void;

/** Something worth protecting, on a free port. Says "the treasure" unless told otherwise. */
export async function startUpstream(handler: Handler = (_, res) => void res.end('the treasure')): Promise<Upstream> {
	const reached: string[] = [];
	const headers: IncomingHttpHeaders[] = [];
	const server = createServer((req, res) => {
		reached.push(req.url ?? '');
		headers.push(req.headers);
		handler(req, res);
	});
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
