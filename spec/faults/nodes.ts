import { setTimeout as sleep } from 'node:timers/promises';
import { type Answer, type Client, createClient } from '../_support/client.ts';
import { type Line, openLine } from '../_support/line.ts';
import { startOwnTime } from '../_support/own-time.ts';
import { startService, type TestService } from '../_support/service.ts';
import { type SharedStores, startSharedStores } from '../_support/shared-stores.ts';

/** Nodes that share Redis and PostgreSQL, each over lines of its own that can be cut. */
export interface Nodes {
	readonly stores: SharedStores;
	/** A line per node. */
	readonly toRedis: readonly Line[];
	readonly toPostgres: readonly Line[];
	readonly all: readonly [TestService, TestService];
	close(): Promise<void>;
}

export async function startNodes(): Promise<Nodes> {
	const stores = await startSharedStores();
	const { sessions, identities } = await stores.newSettings();
	const lines: Line[][] = [];
	const start = async () => {
		const pair = await Promise.all([openLine(stores.redis.port), openLine(stores.postgres.port)]);
		lines.push(pair);
		const through = (address: string, { port }: Line) => address.replace(/:\d+\//, `:${port}/`);
		return startService({
			store: { sessions: through(sessions, pair[0]), identities: through(identities, pair[1]) },
			attempts: { limit: 1000 },
		});
	};
	const all = [await start(), await start()] as const;
	return {
		stores,
		toRedis: lines.flatMap(([line]) => line ?? []),
		toPostgres: lines.flatMap(([, line]) => line ?? []),
		all,
		async close() {
			await Promise.all(all.map((node) => node.close()));
			for (const line of lines.flat()) line.close();
			await stores.stop();
		},
	};
}

/** The same browser, sent to another node by the load balancer. */
export async function onto(node: TestService, browser: Client): Promise<Client> {
	const other = createClient(node);
	for (const [name, value] of browser.jar) other.jar.set(name, value);
	return withXsrfToken(other);
}

/** A page that got none since a store was away for a moment asks again; without it, each of its requests is 401. */
async function withXsrfToken(browser: Client): Promise<Client> {
	for (let attempt = 1; (await browser.fetchXsrfToken()) === undefined; attempt += 1) {
		if (attempt === 60) throw new Error('no XSRF token');
		await sleep(500);
	}
	return browser;
}

/** Waits for stores that a busy machine keeps away for a moment. */
export async function signedIn(node: TestService, name: string, password: string): Promise<Client> {
	const browser = createClient(node);
	for (let attempt = 1; ; attempt += 1) {
		const { status } = await browser.login(name, password);
		if (status === 200) return browser.xsrfToken() === '' ? withXsrfToken(browser) : browser;
		if (status !== 503 || attempt === 60) throw new Error(`login of ${name}: ${status}`);
		await sleep(500);
	}
}

/** Milliseconds of the time that this process has until a session is over on a node, asked again and again. */
export async function msUntilOver(browser: Client): Promise<number> {
	const time = startOwnTime();
	try {
		while ((await browser.me()).status !== 401) {
			if (time.now() > 5000) throw new Error('the session is alive after five seconds');
		}
		return time.now();
	} finally {
		time.stop();
	}
}

/** One answer of many. */
interface Timed {
	readonly status: number;
	/** When it was asked for, and when it was there, by the time that this process had. */
	readonly own: { readonly from: number; readonly to: number };
	readonly headers: Answer['headers'];
}

/** Clients that ask one after the other, as pages do, until told to stop. */
export function load(browsers: readonly Client[]) {
	const answers: Timed[] = [];
	const time = startOwnTime();
	let stopped = false;
	const running = browsers.map(async (browser) => {
		while (!stopped) {
			const from = time.now();
			const { status, headers } = await browser.me();
			answers.push({ status, own: { from, to: time.now() }, headers });
			await sleep(40);
		}
	});
	return {
		time,
		async stop() {
			stopped = true;
			await Promise.all(running);
			time.stop();
			return answers;
		},
	};
}
