import type { IncomingMessage, ServerResponse } from 'node:http';
import type Koa from 'koa';
import { createApp, handlerOf } from '../../src/http/app.ts';
import { createClientOf } from '../../src/http/client.ts';
import { createOrigins } from '../../src/http/cross-site.ts';

/** The app that all routes stand on, without any of them and without a core. */
export function createBareApp(): { app: Koa; handler(): (req: IncomingMessage, res: ServerResponse) => Promise<void> } {
	const log = { debug() {}, info() {}, warn() {}, error() {} };
	const app = createApp({ log, clientOf: createClientOf([]), origins: createOrigins([], { write: () => undefined }) });
	return { app, handler: () => handlerOf(app, log) };
}
