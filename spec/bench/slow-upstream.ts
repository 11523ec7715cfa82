import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { lateMs } from './peers.ts';

/** What stands behind Latchkey and answers late. */
export interface SlowUpstream {
	readonly url: string;
	close(): Promise<void>;
}

export async function openSlowUpstream(): Promise<SlowUpstream> {
	const server = createServer((req, res) => {
		req.resume();
		setTimeout(() => res.end('{}'), lateMs);
	});
	await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
	return {
		url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
		async close() {
			server.closeAllConnections();
			await new Promise((closed) => server.close(closed));
		},
	};
}
