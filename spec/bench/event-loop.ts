import { Agent, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { openWorkplace, serve } from '../_support/command-line.ts';
import { median, quantile } from './figures.ts';

/*
 * How much slower a session check becomes while 32 logins are always under way: passwords are hashed beside the event
 * loop and on one core less than there are, so that it should hardly be. Run it on a quiet machine:
 *
 *   node spec/bench/event-loop.ts
 */

const base = '/services/session/v1';
const password = 'four brown bears';
const logins = 32;

interface Answer {
	readonly status: number;
	readonly cookie: string | undefined;
	readonly body: string;
}

interface Asked {
	readonly url: string;
	readonly method?: string;
	readonly headers?: Record<string, string>;
	readonly body?: unknown;
	readonly agent: Agent;
}

function ask({ url, method = 'GET', headers = {}, body, agent }: Asked): Promise<Answer> {
	return new Promise((resolve, reject) => {
		const type = body === undefined ? {} : { 'Content-Type': 'application/json' };
		const req = request(url, { method, headers: { ...type, ...headers }, agent }, (res) => {
			let text = '';
			res.setEncoding('utf8').on('data', (chunk) => {
				text += chunk;
			});
			res.on('end', () => {
				const cookie = res.headers['set-cookie']?.[0]?.split(';')[0];
				resolve({ status: res.statusCode ?? 0, cookie, body: text });
			});
		});
		req.on('error', reject);
		req.end(body === undefined ? undefined : JSON.stringify(body));
	});
}

/** A running service that somebody is logged in to. */
interface Stage {
	signIn(username: string): Promise<Answer>;
	/** Milliseconds of each check, one after the other on a connection of its own, for so long. */
	checks(): Promise<number[]>;
	close(): Promise<void>;
}

async function openStage(seconds: number): Promise<Stage> {
	// The real cost of a hash: that is what is measured. And nobody is at the cap: what is ended there must be on the disk.
	const session = { mostPerIdentity: 10_000 };
	const place = await openWorkplace({ passwordHash: {}, attempts: { limit: 1_000_000 }, session });
	for (const name of ['ada', 'grace']) {
		await place.run(['identity', 'add', name, '--password-stdin'], { stdin: password });
	}
	const server = await serve(place.folder);
	const agent = new Agent({ keepAlive: true });
	const signIn = (username: string) =>
		ask({ url: `${server.url}${base}/login/password`, method: 'POST', body: { username, password }, agent });

	const { cookie: Cookie = '' } = await signIn('ada');
	const { body } = await ask({ url: `${server.url}${base}/xsrfToken`, headers: { Cookie }, agent });
	const headers = { Cookie, 'X-XSRF-Token': (JSON.parse(body) as { xsrfToken: string }).xsrfToken };
	return {
		signIn,
		async checks() {
			const own = new Agent({ keepAlive: true, maxSockets: 1 });
			const took: number[] = [];
			const untilMs = performance.now() + seconds * 1000;
			while (performance.now() < untilMs) {
				const startedAt = performance.now();
				const { status } = await ask({ url: `${server.url}${base}/currentIdentity`, headers, agent: own });
				took.push(performance.now() - startedAt);
				if (status !== 200) throw new Error(`a check was answered with ${status}`);
				// Checks at a pace that leaves a core to the logins.
				await sleep(2);
			}
			own.destroy();
			return took;
		},
		async close() {
			agent.destroy();
			await server.stop();
			await place.remove();
		},
	};
}

/** The same while somebody else signs in, again and again. */
async function checksDuringLogins({ checks, signIn }: Stage): Promise<{ took: number[]; done: number; lost: number }> {
	let isOver = false;
	let done = 0;
	let lost = 0;
	const clients = Array.from({ length: logins }, async () => {
		while (!isOver) {
			const { status } = await signIn('grace');
			if (status === 200) done += 1;
			else lost += 1;
		}
	});
	await sleep(500);
	const took = await checks();
	isOver = true;
	await Promise.all(clients);
	return { took, done, lost };
}

export interface Storm {
	/** Milliseconds of each check. */
	readonly rest: readonly number[];
	readonly during: readonly number[];
	/** Logins that came through, and that did not. */
	readonly done: number;
	readonly lost: number;
}

/** `told`: as soon as a round is over. */
export async function stormOfLogins(seconds: number, rounds: number, told: (storm: Storm) => void): Promise<void> {
	const stage = await openStage(seconds);
	try {
		await stage.checks();
		for (let round = 1; round <= rounds; round += 1) {
			const rest = await stage.checks();
			const { took, ...counts } = await checksDuringLogins(stage);
			told({ rest, during: took, ...counts });
		}
	} finally {
		await stage.close();
	}
}

/** The 99th percentile during logins ÷ at rest. */
export function slowdownOf({ rest, during }: Storm): number {
	return quantile(during, 0.99) / quantile(rest, 0.99);
}

if (import.meta.main) {
	const say = (line: string) => void process.stdout.write(`${line}\n`);
	const shown = (values: readonly number[]) =>
		[0.5, 0.99].map((at) => `p${at * 100} ${quantile(values, at).toFixed(2)} ms`).join(', ');
	const slowdowns: number[] = [];
	await stormOfLogins(Number(process.env.SECONDS ?? 5), 3, (storm) => {
		slowdowns.push(slowdownOf(storm));
		const { rest, during, done, lost } = storm;
		say(`at rest ${shown(rest)}; during logins ${shown(during)}; ${done} logins, ${lost} refused`);
	});
	say(`p99 during ${logins} logins ÷ at rest: ${median(slowdowns).toFixed(2)} (median of ${slowdowns.length})`);
}
