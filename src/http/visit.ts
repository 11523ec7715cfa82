import type { Context } from 'koa';
import type { DialectName, SessionToken } from '../core/session.ts';
import { parseSessionToken } from '../core/token.ts';
import type { Visit } from '../core/visit.ts';
import type { Client } from './client.ts';
import { cookieOf } from './cookies.ts';
import { deviceOf } from './device.ts';

/** What the app finds out about each request before anybody asks. */
export interface RequestState {
	client: Client;
	requestId: string;
}

export function clientOf(ctx: Context): Client {
	return (ctx.state as RequestState).client;
}

export function requestIdOf(ctx: Context): string {
	return (ctx.state as RequestState).requestId;
}

/** A request as the core sees it, with the token that it carries in the cookie of that name. */
export function visitOf(ctx: Context, dialect: DialectName, cookieName: string): Visit {
	const { client, requestId } = ctx.state as RequestState;
	const presented = tokenOf(ctx, cookieName);
	return {
		dialect,
		secure: client.secure,
		address: client.address,
		requestId,
		// Worked out only where somebody asks: a check of a session does not.
		get device() {
			return deviceOf(ctx.req.headers['user-agent']);
		},
		...(presented !== undefined && { presented }),
	};
}

function tokenOf(ctx: Context, cookieName: string): SessionToken | undefined {
	const value = cookieOf(ctx.req.headers.cookie, cookieName);
	return value === undefined ? undefined : parseSessionToken(value);
}
