import { Agent, type IncomingHttpHeaders, request } from 'node:http';

/** What came back, or `undefined` where the connection broke: nobody knows then whether it happened. */
export interface Reply {
	readonly status: number;
	readonly headers: IncomingHttpHeaders;
	readonly body: string;
}

const agent = new Agent({ keepAlive: true, maxSockets: 200 });
const base = '/services/session/v1';
/** Milliseconds that the service gives the head of a request (`http/server/listen.ts`): a 408 before is a fault. */
const headersTimeoutMs = 10_000;

/** Kura's API in as few instructions as possible, since thousands of these are sent. */
export function ask(
	url: string,
	method: string,
	path: string,
	{ cookie, xsrf, token, body }: { cookie?: string; xsrf?: string; token?: string; body?: object } = {},
): Promise<Reply | undefined> {
	return new Promise((resolve) => {
		const from = performance.now();
		const isLate = () => performance.now() - from >= headersTimeoutMs;
		const sent = request(
			url + (path.startsWith('/services') ? '' : base) + path,
			{
				method,
				agent,
				timeout: 5000,
				headers: {
					...(cookie !== undefined && { Cookie: cookie }),
					...(xsrf !== undefined && { 'X-XSRF-Token': xsrf }),
					...(token !== undefined && { Authorization: `Bearer ${token}` }),
					...(body !== undefined && { 'Content-Type': 'application/json' }),
				},
			},
			(response) => {
				let text = '';
				response.setEncoding('utf8');
				response.on('data', (chunk) => {
					text += chunk;
				});
				response.on('end', () => {
					const { statusCode: status = 0, headers } = response;
					// This process was too busy to send it in time, and nothing was done.
					resolve(status === 408 && isLate() ? undefined : { status, headers, body: text });
				});
				response.on('error', () => resolve(undefined));
			},
		);
		sent.on('timeout', () => sent.destroy());
		sent.on('error', () => resolve(undefined));
		sent.end(body && JSON.stringify(body));
	});
}

export function cookieOf({ headers }: Reply): string {
	return /^[^;]+/.exec(headers['set-cookie']?.[0] ?? '')?.[0] ?? '';
}
