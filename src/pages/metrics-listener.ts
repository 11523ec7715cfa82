import type { IncomingMessage, ServerResponse } from 'node:http';
import { isLoopback, isLoopbackHost } from '../http/request/address.ts';
import { listen } from '../http/server/listen.ts';
import type { Log } from '../observability/log.ts';
import type { Snapshot } from '../observability/metrics.ts';

export interface MetricsListenerParts {
	/** Config: `metrics`. */
	readonly host: string;
	readonly port: number;
	/** Those of every process that serves. */
	gather(): Promise<readonly Snapshot[]>;
	readonly log: Log;
}

export interface MetricsListening {
	readonly url: string;
	close(): Promise<void>;
}

/**
 * `/metrics` in Prometheus' text format, on a port of its own: whoever reaches that port may read them, and nobody reaches
 * them through a proxy in front of the service.
 */
export async function listenForMetrics(parts: MetricsListenerParts): Promise<MetricsListening> {
	const { host, port, gather, log } = parts;
	// Before anybody asks: an `import()` that fails once, as where no file can be opened, fails for ever.
	const { prometheusText } = await import('../observability/prometheus.ts');
	// A page of another name that points to this machine (DNS rebinding) shows by its Host header.
	const forThisMachine = isLoopback(host) || host === 'localhost';
	const isExpected = (name: string) => !forThisMachine || isLoopbackHost(name.toLowerCase());

	async function answer(req: IncomingMessage, res: ServerResponse) {
		const [path] = (req.url ?? '').split('?');
		if (path !== '/metrics' || !isExpected(req.headers.host ?? '')) return say(res, 404, 'Not found');
		if (req.method !== 'GET' && req.method !== 'HEAD') {
			res.setHeader('Allow', 'GET, HEAD');
			return say(res, 405, 'The method is not allowed here');
		}
		const { type, text } = await prometheusText(await gather());
		send(res, 200, type, text);
	}

	const handler = async (req: IncomingMessage, res: ServerResponse) => {
		if (!req.complete) res.shouldKeepAlive = false;
		try {
			await answer(req, res);
		} catch (cause) {
			log.error({ cause }, 'the metrics could not be gathered');
			say(res, 500, 'An unexpected error occurred');
		}
	};
	const { urls, close } = await listen({ handler, endpoints: [{ host, port }], log });
	return { url: `${urls[0]}/metrics`, close: () => close({ patienceMs: 0, graceMs: 0 }) };
}

function say(res: ServerResponse, status: number, message: string): void {
	send(res, status, 'application/json; charset=utf-8', JSON.stringify({ message }));
}

function send(res: ServerResponse, status: number, type: string, text: string): void {
	res.statusCode = status;
	res.setHeader('Content-Type', type);
	res.setHeader('Content-Length', Buffer.byteLength(text));
	res.setHeader('Cache-Control', 'no-store');
	res.setHeader('X-Content-Type-Options', 'nosniff');
	res.end(text);
}
