import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import { RedisStore } from 'connect-redis';
import express from 'express';
import session from 'express-session';
import { createClient } from 'redis';
import { identity, idleSeconds, listen, name, redisPort, secret, slowly } from './job.js';

const client = createClient({ socket: { host: '127.0.0.1', port: redisPort } });
await client.connect();

const app = express();
const cookie = { maxAge: idleSeconds * 1000 };
const store = new RedisStore({ client });
app.use(session({ name: 'sid', secret, store, cookie, resave: false, saveUninitialized: false }));
app.get('/login', (req, res) => {
	req.session.name = name;
	req.session.xsrf = randomUUID();
	res.json({ xsrfToken: req.session.xsrf });
});
app.use((req, res, next) => {
	const has = req.session.name !== undefined && req.headers['x-xsrf-token'] === req.session.xsrf;
	if (has) next();
	else res.status(401).json({ message: 'no session' });
});
app.get('/me', (req, res) => res.json({ ...identity, name: req.session.name }));
app.get('/logout', (req, res) => req.session.destroy(() => res.json({})));
app.get('/slow', async (_req, res) => {
	await slowly();
	res.json(identity);
});
app.get('/slow-write', async (req, res) => {
	await slowly();
	req.session.at = Date.now();
	res.json(identity);
});
listen(createServer(app));
