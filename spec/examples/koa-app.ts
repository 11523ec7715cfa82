import Router from '@koa/router';
import Koa from 'koa';
import { createLatchkey } from 'latchkey';

const latchkey = await createLatchkey({
	// As in latchkey.yaml; or the path of one, which `npx latchkey --config` can then work on, too.
	config: { store: { identities: 'sqlite:data/shop.db', sessions: 'sqlite:data/shop.db' } },
});

const app = new Koa();
// Logins, sessions and what administers them, before anything that reads request bodies.
app.use(latchkey.routes());

const router = new Router();
router.get('/', (ctx) => {
	ctx.body = 'for everybody';
});
router.get('/orders', latchkey.guard('shop.orders'), (ctx) => {
	const { name } = ctx.state.identity;
	ctx.body = `orders of ${name}`;
});
// A page that a browser loads by itself, so without a token; for every user who is logged in.
router.get('/welcome', latchkey.loggedIn({ xsrf: 'unsafe' }), (ctx) => {
	const { name, may } = ctx.state.identity;
	ctx.body = `welcome, ${name}${may('shop.orders') ? ': see your orders' : ''}`;
});
app.use(router.routes());

if ((await latchkey.identities.find('ada')) === undefined) {
	const password = 'correct horse battery';
	await latchkey.identities.add({ name: 'ada', password, permissions: ['shop.orders'] });
}

const server = app.listen(Number(process.env.PORT ?? 3000), '127.0.0.1');
process.on('SIGTERM', () => server.close(() => latchkey.close()));
