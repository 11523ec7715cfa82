/*
 * What every peer with sessions does for a request: cookie → store → expiry → XSRF token → last activity extended →
 * 43 bytes of JSON. `/slow` answers late, `/slow-write` changes its session besides: a session that is logged out in the
 * meantime must not come back to life by it.
 */

export const name = 'ada';
export const identity = { name, passwordChangeNeeded: false };
export const idleSeconds = Number(process.env.IDLE_SECONDS ?? 900);
export const redisPort = Number(process.env.REDIS_PORT ?? 0);
/** Milliseconds. */
const slowMs = Number(process.env.SLOW_MS ?? 150);
export const secret = 'a secret that is only there to be measured with';

export const slowly = () => new Promise((done) => setTimeout(done, slowMs));

/** Says where it listens, as the bench waits to hear it. */
export function listen(server) {
	server.listen(0, '127.0.0.1', () => told(server.address().port));
}

export function told(port) {
	process.stdout.write(`listening on http://127.0.0.1:${port}\n`);
}
