import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type Answer, request, type Visitor } from './ask.ts';
import { cpuMs, type Started, type Starting, serverCore, startNode } from './programs.ts';

/*
 * What Latchkey is measured beside. Their packages are this folder's, and not the product's.
 */

/** A server that answers a check of a session, ours or another's, and how to be its client. */
export interface Contestant {
	readonly name: string;
	/** No session: answers everybody. */
	readonly open?: true;
	/** Works with a Redis that was started for it. */
	readonly redis?: true;
	start(how: ContestantHow): Promise<Contesting>;
}

export interface ContestantHow {
	/** Until a session expires by silence; by default long enough for everything. */
	readonly idleSeconds?: number;
	/** Of a Redis that nobody else uses at the time. */
	readonly redisPort?: number;
}

export interface Contesting {
	readonly url: string;
	/** Milliseconds, of its own process. */
	ownCpuMs(): number;
	/** Where a session is checked. */
	readonly checkPath: string;
	signIn(): Promise<Visitor>;
	/** A request that the visitor's session is checked for, answered a moment later; `writing`: and that changes something. */
	slow(visitor: Visitor, writing: boolean): Promise<number>;
	signOut(visitor: Visitor): Promise<Answer>;
	stop(): Promise<void>;
}

/** How late a slow request is answered, by whomever. Milliseconds: many of them, and then as many logouts, must fit in. */
export const lateMs = 600;

const folder = import.meta.dirname;

/** From the lock file, unless they are there. npm writes the second file last. */
export async function installPeers(): Promise<void> {
	const lockOf = async (file: string) => JSON.parse(await readFile(join(folder, file), 'utf8')).packages;
	const wanted: Record<string, { version?: string; optional?: boolean }> = await lockOf('package-lock.json');
	const there = await lockOf('node_modules/.package-lock.json').catch(() => ({}));
	const isThere = Object.entries(wanted).every(
		([path, { version, optional }]) => path === '' || optional || there[path]?.version === version,
	);
	if (!isThere) await promisify(execFile)('npm', ['ci', '--no-audit', '--no-fund'], { cwd: folder });
}

function peer(name: string, script: string, more: Partial<Contestant> & Pick<Starting, 'env'> = {}): Contestant {
	const { env, ...rest } = more;
	return {
		name,
		...rest,
		async start({ idleSeconds = 900, redisPort = 0 }) {
			const place = await mkdtemp(join(tmpdir(), 'latchkey-peer-'));
			const server = await startNode([join(folder, 'peers', script)], {
				core: serverCore,
				env: {
					...env,
					IDLE_SECONDS: String(idleSeconds),
					SLOW_MS: String(lateMs),
					REDIS_PORT: String(redisPort),
					...(script === 'better-auth.js' && { FILE: join(place, 'auth.db') }),
				},
			});
			return contesting(server, () => rm(place, { recursive: true, force: true }));
		},
	};
}

function contesting(server: Started, remove: () => Promise<void>): Contesting {
	const { url } = server;
	return {
		url,
		ownCpuMs: () => cpuMs(server.pid),
		checkPath: '/me',
		async signIn() {
			const { cookies, body } = await request(url, '/login');
			return { headers: { Cookie: cookies.join('; '), 'X-XSRF-Token': JSON.parse(body).xsrfToken } };
		},
		slow: async ({ headers }, writing) => (await request(url, writing ? '/slow-write' : '/slow', { headers })).status,
		signOut: ({ headers }) => request(url, '/logout', { headers }),
		async stop() {
			await server.stop();
			await remove();
		},
	};
}

export const bareKoa = 'koa, no session';

export const peers: readonly Contestant[] = [
	peer('node:http, no session', 'node-http.js', { open: true }),
	peer(bareKoa, 'koa.js', { open: true }),
	peer('koa-session on a Map, cookie unsigned', 'koa-session.js', { env: { STORE: 'map', SIGNED: 'no' } }),
	peer('koa-session on a Map, as it comes (signed)', 'koa-session.js', { env: { STORE: 'map' } }),
	peer('koa-session, Redis (ioredis)', 'koa-session.js', { env: { STORE: 'redis' }, redis: true }),
	peer('express-session, connect-redis', 'express-session.js', { redis: true }),
	peer('@fastify/session, connect-redis', 'fastify-session.js', { redis: true }),
	peer('better-auth, SQLite, sliding', 'better-auth.js'),
];
