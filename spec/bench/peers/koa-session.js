// `STORE`: map or redis. `SIGNED=no`: the cookie without keygrip's signature.
import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import { Redis } from 'ioredis';
import Koa from 'koa';
import { createSession } from 'koa-session';
import { identity, idleSeconds, listen, name, redisPort, secret, slowly } from './job.js';

function mapStore() {
	const kept = new Map();
	return {
		get: async (key) => kept.get(key),
		set: async (key, session) => void kept.set(key, session),
		destroy: async (key) => void kept.delete(key),
	};
}

function redisStore() {
	const redis = new Redis(redisPort, '127.0.0.1');
	return {
		async get(key) {
			const text = await redis.get(key);
			return text === null ? undefined : JSON.parse(text);
		},
		set: (key, session, maxAge) => redis.set(key, JSON.stringify(session), 'PX', maxAge),
		destroy: (key) => redis.del(key),
	};
}

const app = new Koa();
app.keys = [secret];
app.silent = true;
const store = process.env.STORE === 'redis' ? redisStore() : mapStore();
const signed = process.env.SIGNED !== 'no';
app.use(createSession({ key: 'sid', store, signed, maxAge: idleSeconds * 1000, rolling: true }, app));
app.use(async (ctx) => {
	const { session, path } = ctx;
	if (path === '/login') {
		session.name = name;
		session.xsrf = randomUUID();
		ctx.body = { xsrfToken: session.xsrf };
		return;
	}
	if (session.name === undefined || ctx.get('X-XSRF-Token') !== session.xsrf) {
		ctx.status = 401;
		ctx.body = { message: 'no session' };
		return;
	}
	if (path === '/logout') ctx.session = null;
	if (path.startsWith('/slow')) await slowly();
	if (path === '/slow-write') session.at = Date.now();
	ctx.body = path === '/me' ? { ...identity, name: session.name } : identity;
});
listen(createServer(app.callback()));
