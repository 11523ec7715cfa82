import { Socket } from 'node:net';
import type Koa from 'koa';
import type { Context } from 'koa';
import { runnerOf } from '../../http/app.ts';
import { http } from '../../http/node-http.ts';
import { handleUpgrade } from '../../http/server/upgrade.ts';

export interface ImaginedRequest {
	readonly method: string;
	readonly target: string;
	/** Names and values in turn, as on the wire. */
	readonly rawHeaders: readonly string[];
	/** It asks to go on as a WebSocket. */
	readonly upgrades: boolean;
}

/** Runs an app on a request that came from nowhere, and writes no answer. */
export async function imagine(app: Koa, { method, target, rawHeaders, upgrades }: ImaginedRequest): Promise<Context> {
	const run = runnerOf(app);
	const socket = new Socket();
	try {
		const req = new http.IncomingMessage(socket);
		Object.assign(req, { method, url: target, httpVersion: '1.1', httpVersionMajor: 1, httpVersionMinor: 1 });
		req.rawHeaders = [...rawHeaders];
		req.headers = headersOf(rawHeaders);
		req.complete = true;
		req.push(null);
		if (!upgrades) return await run(req, new http.ServerResponse(req));
		let ran: Promise<Context> | undefined;
		handleUpgrade((upgrade, res) => {
			ran = run(upgrade, res);
		})(req, socket, Buffer.alloc(0));
		return await (ran as unknown as Promise<Context>);
	} finally {
		socket.destroy();
	}
}

/** No name comes twice. */
function headersOf(rawHeaders: readonly string[]): Record<string, string> {
	const headers: Record<string, string> = {};
	for (let at = 0; at < rawHeaders.length; at += 2)
		headers[String(rawHeaders[at]).toLowerCase()] = rawHeaders[at + 1] ?? '';
	return headers;
}
