import { createServer } from 'node:http';
import Koa from 'koa';
import { identity, listen } from './job.js';

const app = new Koa();
app.use((ctx) => {
	ctx.body = identity;
});
listen(createServer(app.callback()));
