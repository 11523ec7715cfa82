import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import type Koa from 'koa';
import type { Context } from 'koa';

/** Hands over the context of a request that came over no connection; `body`: JSON. */
export async function call<T>(app: Koa, act: (ctx: Context) => Promise<T>, body?: string): Promise<T> {
	const req = new IncomingMessage(new Socket());
	req.method = body === undefined ? 'GET' : 'POST';
	req.url = '/';
	if (body !== undefined) {
		req.headers = { 'content-type': 'application/json', 'content-length': `${body.length}` };
		req.push(body);
	}
	req.push(null);
	return act(app.createContext(req, new ServerResponse(req)));
}
