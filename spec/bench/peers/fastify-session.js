import { randomUUID } from 'node:crypto';
import fastifyCookie from '@fastify/cookie';
import fastifySession from '@fastify/session';
import { RedisStore } from 'connect-redis';
import fastify from 'fastify';
import { createClient } from 'redis';
import { identity, idleSeconds, name, redisPort, secret, slowly, told } from './job.js';

const client = createClient({ socket: { host: '127.0.0.1', port: redisPort } });
await client.connect();

const app = fastify();
await app.register(fastifyCookie);
await app.register(fastifySession, {
	cookieName: 'sid',
	secret,
	store: new RedisStore({ client }),
	cookie: { secure: false, maxAge: idleSeconds * 1000 },
	saveUninitialized: false,
	rolling: true,
});
app.addHook('preHandler', async (req, reply) => {
	if (req.url === '/login') return;
	const has = req.session.name !== undefined && req.headers['x-xsrf-token'] === req.session.xsrf;
	if (!has) return reply.code(401).send({ message: 'no session' });
});
app.get('/login', async (req) => {
	req.session.name = name;
	req.session.xsrf = randomUUID();
	return { xsrfToken: req.session.xsrf };
});
app.get('/me', async (req) => ({ ...identity, name: req.session.name }));
app.get('/logout', async (req) => {
	await req.session.destroy();
	return {};
});
app.get('/slow', async () => {
	await slowly();
	return identity;
});
app.get('/slow-write', async (req) => {
	await slowly();
	req.session.at = Date.now();
	return identity;
});
await app.listen({ host: '127.0.0.1', port: 0 });
told(app.server.address().port);
