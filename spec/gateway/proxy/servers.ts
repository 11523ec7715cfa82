import { once } from 'node:events';
import {
	createServer,
	type IncomingHttpHeaders,
	type IncomingMessage,
	type RequestListener,
	type RequestOptions,
	request,
	type Server,
} from 'node:http';
import { type AddressInfo, connect, type Server as NetServer } from 'node:net';
import { text } from 'node:stream/consumers';
import type { ExecutionContext } from 'ava';
import { splitTarget } from '../../../src/gateway/path.ts';
import { hasUnexpectedBody } from '../../../src/gateway/proxy/headers.ts';
import {
	createReverseProxy,
	type Onward,
	type Passed,
	type Tunnelled,
} from '../../../src/gateway/proxy/reverse-proxy.ts';
import { isPlain } from '../../../src/http/server/framing.ts';
import { answerOn, asksForWebSocket } from '../../../src/http/server/upgrade.ts';

/** Starts a server on a free port of this machine, for the time of a test. */
export async function listen(t: ExecutionContext, server: Server | NetServer): Promise<number> {
	server.listen(0, '127.0.0.1');
	await once(server, 'listening');
	t.teardown(() => {
		server.close();
		if ('closeAllConnections' in server) server.closeAllConnections();
	});
	return (server.address() as AddressInfo).port;
}

/** What an upstream got, as it says in its answer. */
export interface Echo {
	readonly method: string;
	readonly url: string;
	readonly headers: readonly string[];
	readonly body: string;
}

/** An upstream that answers with what it got. */
export const echo: RequestListener = async (req, res) => {
	const body = await text(req).catch(() => '');
	const { method, url, rawHeaders: headers } = req;
	res.setHeader('Content-Type', 'application/json');
	res.end(JSON.stringify({ method, url, headers, body }));
};

export interface Front {
	readonly port: number;
	/** What became of the requests, in the order of their ends. */
	readonly passed: (Passed | Tunnelled)[];
	/** Resolves when so many have ended. */
	ended(count: number): Promise<void>;
	close(): void;
}

/** A server of Node with nothing but the proxy behind it; by default as patient as a machine that is busy elsewhere needs. */
export async function startFront(
	t: ExecutionContext,
	upstream: string | number,
	{
		timeoutMs = 60_000,
		connectTimeoutMs = 30_000,
		...also
	}: Partial<Pick<Onward, 'host' | 'set' | 'remove' | 'secretCookies'>> & {
		timeoutMs?: number;
		connectTimeoutMs?: number;
	} = {},
): Promise<Front> {
	const proxy = createReverseProxy({ timeoutMs, connectTimeoutMs });
	const url = new URL(typeof upstream === 'number' ? `http://127.0.0.1:${upstream}` : upstream);
	const passed: (Passed | Tunnelled)[] = [];
	const waiting: (() => void)[] = [];
	const note = (became: Passed | Tunnelled) => {
		passed.push(became);
		for (const look of waiting) look();
	};
	const onward = (req: IncomingMessage): Onward | undefined => {
		const target = splitTarget(req.url ?? '');
		if (!target || !isPlain(req) || hasUnexpectedBody(req)) return undefined;
		return {
			...{ upstream: url, target: target.path + target.query, set: {}, remove: [], secretCookies: [] },
			...also,
		};
	};
	const status = { 'bad-gateway': 502, 'gateway-timeout': 504 };
	const server = createServer({ shouldUpgradeCallback: asksForWebSocket }, async (req, res) => {
		const to = onward(req);
		if (!to) {
			res.writeHead(400, { Connection: 'close' }).end();
			return;
		}
		const became = await proxy.pass(req, res, to);
		if (became.kind === 'bad-gateway' || became.kind === 'gateway-timeout') {
			res
				.writeHead(status[became.kind], { 'Content-Type': 'application/json' })
				.end(JSON.stringify({ message: became.kind }));
		}
		note(became);
	});
	server.on('upgrade', async (req, socket, head) => {
		const to = onward(req);
		if (!to) {
			answerOn(socket, req).writeHead(400).end();
			return;
		}
		const became = await proxy.upgrade(req, socket, head, to);
		if (became.kind === 'bad-gateway' || became.kind === 'gateway-timeout') {
			answerOn(socket, req).writeHead(status[became.kind]).end();
		}
		note(became);
	});
	const port = await listen(t, server);
	t.teardown(() => proxy.close());
	const ended = (count: number) =>
		new Promise<void>((resolve) => {
			const look = () => passed.length >= count && resolve();
			waiting.push(look);
			look();
		});
	return { port, passed, ended, close: () => proxy.close() };
}

export interface Answer {
	readonly status: number;
	readonly headers: IncomingHttpHeaders;
	readonly rawHeaders: readonly string[];
	readonly body: string;
}

/** One request on a connection of its own. */
export async function ask(port: number, path: string, options: RequestOptions = {}, body?: string): Promise<Answer> {
	const req = request({ host: '127.0.0.1', port, path, agent: false, ...options });
	req.on('error', () => {}).end(body);
	const [res] = (await once(req, 'response')) as [IncomingMessage];
	return { status: res.statusCode ?? 0, headers: res.headers, rawHeaders: res.rawHeaders, body: await text(res) };
}

/** What the upstream got of a request. */
export async function echoed(port: number, path: string, options?: RequestOptions, body?: string): Promise<Echo> {
	const { body: answer } = await ask(port, path, options, body);
	return JSON.parse(answer) as Echo;
}

/** Values of a header in a flat list of names and values. */
export function valuesOf(headers: readonly string[], name: string): string[] {
	return headers.filter((_, at) => at % 2 === 1 && headers[at - 1]?.toLowerCase() === name);
}

/** Sends these bytes, and returns all that comes back until the other side closes. */
export async function raw(port: number, bytes: string): Promise<string> {
	const socket = connect(port, '127.0.0.1').setEncoding('latin1');
	socket.write(bytes, 'latin1');
	return (await socket.toArray().catch(() => [])).join('');
}
