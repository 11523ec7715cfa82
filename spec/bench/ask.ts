import { Agent, request as open } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

/** What somebody who has logged in carries with each request. */
export interface Visitor {
	readonly headers: Readonly<Record<string, string>>;
}

export interface Answer {
	readonly status: number;
	/** `name=value` of each that it sets. */
	readonly cookies: readonly string[];
	readonly body: string;
}

export interface Asking {
	readonly method?: string;
	readonly headers?: Readonly<Record<string, string>>;
	/** As JSON. */
	readonly json?: unknown;
	readonly agent?: Agent;
}

/** On connections of its own: what a server closes in between is no fault of its. */
const oneEach = new Agent({ keepAlive: false });

export function request(
	url: string,
	path: string,
	{ method = 'GET', headers = {}, json, agent = oneEach }: Asking = {},
) {
	const type = json === undefined ? {} : { 'Content-Type': 'application/json' };
	return new Promise<Answer>((resolve, reject) => {
		const req = open(url + path, { method, headers: { ...type, ...headers }, agent }, (res) => {
			let body = '';
			res.setEncoding('utf8').on('data', (text) => {
				body += text;
			});
			const cookies = (res.headers['set-cookie'] ?? []).map((cookie) => cookie.split(';')[0] ?? '');
			res.on('error', reject).on('end', () => resolve({ status: res.statusCode ?? 0, cookies, body }));
		});
		req.on('error', reject);
		req.end(json === undefined ? undefined : JSON.stringify(json));
	});
}

/**
 * For what is not timed: asks again while the answer is 503, as a client should, and says so. On a machine that is busy with
 * something else, a store may answer too late.
 */
export async function patiently(ask: () => Promise<Answer>): Promise<Answer> {
	const givesUpAt = performance.now() + 60_000;
	for (;;) {
		const answer = await ask();
		if (answer.status !== 503 || performance.now() > givesUpAt) return answer;
		process.stderr.write('a store was away for a moment: asked once more\n');
		await sleep(500);
	}
}
