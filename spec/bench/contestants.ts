import { join } from 'node:path';
import { request, type Visitor } from './ask.ts';
import { checkPath, install, type Settings, signIn, signOut } from './latchkey.ts';
import type { Contestant } from './peers.ts';
import { cpuMs } from './programs.ts';
import { openSlowUpstream } from './slow-upstream.ts';

/** Where the stores of shared sessions are; absent where they are not installed. */
export interface SharedAddresses {
	readonly sessions: () => string;
	readonly identities: () => Promise<string>;
}

const slowPath = '/slow';
const verifyPath = '/services/auth/v1/verify';

interface Way {
	readonly checkPath: string;
	/** What a request carries besides the visitor's own. */
	readonly headers?: Readonly<Record<string, string>>;
	readonly settings?: Settings;
	readonly nodeOptions?: readonly string[];
	store?(): Promise<Settings>;
}

/** Slow requests go through the reverse proxy: nothing of our own takes its time. */
function latchkey(name: string, { checkPath, headers = {}, settings, nodeOptions, store }: Way): Contestant {
	return {
		name,
		async start({ idleSeconds = 900 }) {
			const upstream = await openSlowUpstream();
			const resources = [
				{ path: slowPath, permission: 'rest.assets', upstream: upstream.url },
				{ path: '/assets', permission: 'rest.assets' },
			];
			const installed = await install({
				session: { inactivityInterval: idleSeconds, mostPerIdentity: 10_000 },
				resources,
				...(store && { store: await store() }),
				...settings,
			});
			const server = await installed.start({ ...(nodeOptions && { nodeOptions }) });
			const withMore = (visitor: Visitor) => ({ headers: { ...visitor.headers, ...headers } });
			return {
				url: server.url,
				ownCpuMs: () => cpuMs(server.pid),
				checkPath,
				signIn: async () => withMore(await signIn(server.url)),
				async slow(visitor, writing) {
					return (await request(server.url, slowPath, { method: writing ? 'POST' : 'GET', ...visitor })).status;
				},
				signOut: (visitor) => signOut(server.url, visitor),
				async stop() {
					await server.stop();
					await upstream.close();
					await installed.remove();
				},
			};
		},
	};
}

/** As nginx asks: with the method and the path of the request that it asks about. */
const forwardAuth: Way = {
	checkPath: verifyPath,
	headers: { 'X-Forwarded-Method': 'GET', 'X-Forwarded-Uri': '/assets/1', 'X-Forwarded-For': '192.0.2.1' },
	settings: { trustedProxies: ['127.0.0.1/32'] },
};

export const latchkeySqlite = latchkey('Latchkey, SQLite', { checkPath });
export const latchkeyForwardAuth = latchkey('Latchkey, SQLite, forward-auth', forwardAuth);
/** Only for what it keeps to itself. */
export const latchkeyMemory = latchkey('Latchkey, in memory', {
	checkPath,
	store: async () => ({ sessions: 'memory:' }),
});

function sharing(name: string, { sessions, identities }: SharedAddresses, more: Partial<Way> = {}): Contestant {
	const store = async () => ({ sessions: sessions(), identities: await identities() });
	return { ...latchkey(name, { checkPath, store, ...more }), redis: true };
}

export function latchkeyShared(addresses: SharedAddresses): Contestant {
	return sharing('Latchkey, Redis with PostgreSQL', addresses);
}

/** The same, asking its stores each time. */
export function latchkeyWithoutCopies(addresses: SharedAddresses): Contestant {
	const nodeOptions = ['--import', join(import.meta.dirname, 'without-copies.ts')];
	return sharing('Latchkey, Redis with PostgreSQL, without copies', addresses, { nodeOptions });
}
