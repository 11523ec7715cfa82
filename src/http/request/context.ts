import type { Context } from 'koa';
import type { RequestContext } from '../../core/request.ts';
import type { CertificateDigest, DialectName, HostName, SessionToken } from '../../core/session.ts';
import { parseSessionToken } from '../../core/token.ts';
import { shownCertificate } from './certificate.ts';
import type { Client } from './client.ts';
import { cookiesOf } from './cookies.ts';
import { hostNameOf } from './host.ts';
import { traceIdIn } from './trace-context.ts';
import { deviceOf } from './user-agent.ts';

/** What the app finds out about each request before anybody asks. */
export interface RequestState {
	client: Client;
	requestId: string;
	/** `Strict-Transport-Security` of its answer. Absent: it has none. */
	hsts: string | undefined;
}

export function clientOf(ctx: Context): Client {
	return (ctx.state as RequestState).client;
}

/** Of the address that the client asked for. */
export function originOf(ctx: Context): string {
	const { secure, host } = clientOf(ctx);
	return `${secure ? 'https' : 'http'}://${host}`;
}

/** The host that was asked for; `undefined` where a trusted proxy names several. */
export function hostOf(ctx: Context): string | undefined {
	const { host, viaTrustedProxy } = clientOf(ctx);
	const isList = viaTrustedProxy && String(ctx.req.headers['x-forwarded-host'] ?? '').includes(',');
	return isList ? undefined : host;
}

/**
 * For a trusted proxy that asks about a request to that origin, and names it in no header of the usual ones: a session cookie
 * counts where the browser has sent it.
 */
export function judgeAsAskedAt(ctx: Context, origin: string): void {
	const state = ctx.state as RequestState;
	const [, scheme = '', host = ''] = /^(https?):\/\/(.*)$/.exec(origin.toLowerCase()) ?? [];
	const isSchemeTold = ctx.req.headers['x-forwarded-proto'] !== undefined;
	state.client = { ...state.client, host, ...(!isSchemeTold && { secure: scheme === 'https' }) };
}

export function requestIdOf(ctx: Context): string {
	return (ctx.state as RequestState).requestId;
}

/** Of the trace that a trusted proxy says the request is part of; read only where a line is written. */
function traceIdOf(ctx: Context): string | undefined {
	return clientOf(ctx).viaTrustedProxy ? traceIdIn(ctx.req.headers.traceparent) : undefined;
}

/** By what a line of the log is found, here and in the logs of others. */
interface RequestIds {
	readonly requestId: string;
	readonly traceId?: string;
}

export function requestIdsOf(ctx: Context): RequestIds {
	const traceId = traceIdOf(ctx);
	return { requestId: requestIdOf(ctx), ...(traceId !== undefined && { traceId }) };
}

/** Where a request comes from, for the audit: of no dialect. */
export function senderOf(ctx: Context): RequestIds & { readonly address: string } {
	return { address: clientOf(ctx).address, ...requestIdsOf(ctx) };
}

export function hstsFor(ctx: Context): string | undefined {
	return (ctx.state as RequestState).hsts;
}

/** Requests of one host come one after the other: its name is taken apart once. */
let lastHost: { readonly text: string; readonly name: HostName | undefined } = { text: '', name: undefined };

/**
 * A request as the core sees it. A class, since one is made for every request: an object literal with a getter in it
 * costs ten times as much, and slows down whatever reads it.
 */
class KoaRequestContext implements RequestContext {
	readonly dialect: DialectName;
	readonly secure: boolean;
	readonly address: string;
	readonly requestId: string;
	readonly presented: readonly SessionToken[];
	readonly xsrfToken: string | undefined;
	readonly #userAgent: string | undefined;
	readonly #ctx: Context;

	constructor(ctx: Context, dialect: DialectName, cookieName: string, xsrfHeader?: string) {
		const { client, requestId } = ctx.state as RequestState;
		const { headers } = ctx.req;
		this.dialect = dialect;
		this.secure = client.secure;
		this.address = client.address;
		this.requestId = requestId;
		this.presented = tokensOf(headers.cookie, cookieName);
		this.xsrfToken = xsrfHeader === undefined ? undefined : oneValueOf(headers[xsrfHeader]);
		this.#userAgent = headers['user-agent'];
		this.#ctx = ctx;
	}

	/** Worked out only where a child session is shown, or something is opened or ended. */
	get host(): HostName | undefined {
		const host = hostOf(this.#ctx) ?? '';
		if (host !== lastHost.text) lastHost = { text: host, name: hostNameOf(host) };
		return lastHost.name;
	}

	get traceId(): string | undefined {
		return traceIdOf(this.#ctx);
	}

	/** Worked out only where a session is bound. */
	get certificate(): CertificateDigest | undefined {
		return shownCertificate(this.#ctx.req, clientOf(this.#ctx));
	}

	/** Worked out only where somebody asks: a check of a session does not. */
	get device(): string {
		return deviceOf(this.#userAgent);
	}
}

/** What cannot be a token of ours is nobody's: a Tomcat on the same host calls its cookie JSESSIONID, too. */
function tokensOf(header: string | undefined, cookieName: string): readonly SessionToken[] {
	return cookiesOf(header, cookieName)
		.map(parseSessionToken)
		.filter((token) => token !== undefined);
}

/** One header, one value. What came twice is joined to `a, b`, which is nobody's token. */
function oneValueOf(header: string | string[] | undefined): string | undefined {
	return typeof header === 'string' ? header : undefined;
}

/** With the session tokens that the request carries in the cookie of that name, and the XSRF token in the header of that. */
export function requestContextOf(
	ctx: Context,
	dialect: DialectName,
	cookieName: string,
	xsrfHeader?: string,
): RequestContext {
	return new KoaRequestContext(ctx, dialect, cookieName, xsrfHeader);
}
