import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type Koa from 'koa';
import { createApp, handlerOf } from '../../src/http/app.ts';
import { putInOrder } from '../../src/http/order.ts';
import { createClientOf } from '../../src/http/request/client.ts';
import { createOrigins } from '../../src/http/request/origins.ts';

export interface BareApp {
	readonly app: Koa;
	/** What the log was told of as an error. */
	readonly errors: readonly string[];
	/** Serves the app as it is by now, until the test is over; resolves to its URL. */
	listen(t: { teardown(end: () => void): void }): Promise<string>;
}

/** The app that all routes stand on, without any of them and without a core. */
export function createBareApp(): BareApp {
	const errors: string[] = [];
	const log = { debug() {}, info() {}, warn() {}, error: (_: object, message: string) => void errors.push(message) };
	const origins = createOrigins([], { write: () => undefined });
	const app = putInOrder(createApp(), { log, clientOf: createClientOf([]), origins }, {});
	return {
		app,
		errors,
		async listen(t) {
			const server = createServer(handlerOf(app, log)).listen(0, '127.0.0.1');
			t.teardown(() => {
				server.close();
				server.closeAllConnections();
			});
			await once(server, 'listening');
			return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
		},
	};
}
