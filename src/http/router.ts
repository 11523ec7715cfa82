import { createRequire } from 'node:module';
import type Router from '@koa/router';

/*
 * By `require`: the router's ES module imports `node:http`, with all that comes of it (`node-http.ts`).
 */
const RouterClass: typeof Router = createRequire(import.meta.url)('@koa/router').default;

/** Compares paths letter for letter, `/` at the end included. */
export function createRouter(): Router {
	return new RouterClass({ sensitive: true, strict: true });
}
