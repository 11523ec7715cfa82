import type { IncomingMessage } from 'node:http';
import type { Client } from './client.ts';

const bootId = Math.floor(Math.random() * 36 ** 6).toString(36);
let requests = 0;

/** Stands in the log, on every answer that says no, and on what goes on to an upstream. */
export function newRequestId(): string {
	requests += 1;
	return `${bootId}-${requests.toString(36)}`;
}

/** What proxies make: UUIDs, nginx's `$request_id`, HAProxy's `unique-id-format`. Nothing in it ends a line or a field. */
const ofProxies = /^[\w.:=+/-]{1,128}$/;

/** That of a trusted proxy, where it sends one. A client's own is never believed: it could take somebody else's. */
export function requestIdOfProxy({ headers }: IncomingMessage, { viaTrustedProxy }: Client): string | undefined {
	const id = viaTrustedProxy ? headers['x-request-id'] : undefined;
	return typeof id === 'string' && ofProxies.test(id) ? id : undefined;
}
