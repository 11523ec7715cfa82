import type { ServerResponse } from 'node:http';
import type { Context } from 'koa';
import { hstsFor } from '../request/context.ts';
import { Page } from './page.ts';
import { setSecurityHeaders, unsetSecurityHeaders } from './security-headers.ts';

/*
 * How an answer of ours goes out. A handler says what it answers, and it is written once all is known, in one go: with
 * `ctx.body` Koa and Node would set, copy and check each header on its own, which costs more than to judge a session.
 */

export interface Reply {
	/** A text, a page, or what becomes JSON. */
	readonly body: string | Page | object;
	readonly headers?: Readonly<Record<string, string>>;
}

interface ReplyState {
	reply?: Reply;
	added?: Record<string, string>;
}

/** Answers; what was to be answered before is forgotten. */
export function reply(ctx: Context, body: Reply['body'], status = 200, headers?: Reply['headers']): void {
	ctx.res.statusCode = status;
	(ctx.state as ReplyState).reply = { body, ...(headers && { headers }) };
}

/**
 * Gives a header to whatever we answer ourselves. One that is set on Node's response makes Node look each header of the answer
 * up, and copy it, once more; this does not. Names in one spelling.
 */
export function addHeader(ctx: Context, name: string, value: string): void {
	const state = ctx.state as ReplyState;
	state.added ??= {};
	state.added[name] = value;
}

/** The headers of `addHeader`. */
export function addedHeaders(ctx: Context): Readonly<Record<string, string>> | undefined {
	return (ctx.state as ReplyState).added;
}

export function replyOf(ctx: Context): Reply | undefined {
	return (ctx.state as ReplyState).reply;
}

/** The first of them waits for the last: not for more than this. */
const mostTogether = 64;

/**
 * Writes answers, those of one turn of the event loop together. Each write wakes whoever reads it, and to wake a process
 * that has just fallen asleep again, request by request, costs a quarter of a session check.
 */
export function createSender(onFault: (ctx: Context, fault: unknown) => void): (ctx: Context) => void {
	let waiting: Context[] = [];

	function sendAll() {
		const together = waiting;
		waiting = [];
		for (const ctx of together) {
			try {
				send(ctx);
			} catch (fault) {
				onFault(ctx, fault);
			}
		}
	}

	return (ctx) => {
		waiting.push(ctx);
		if (waiting.length === 1) setImmediate(sendAll);
		else if (waiting.length === mostTogether) sendAll();
	};
}

/** Writes what the handlers have left: a reply, or what they gave to Koa (a file, nothing at all). */
function send(ctx: Context): void {
	const { res } = ctx;
	if (ctx.respond === false) return;
	// Whoever asked has left.
	if (res.destroyed || res.headersSent) {
		res.end();
		return;
	}
	const reply = replyOf(ctx);
	const hsts = hstsFor(ctx);
	const added = addedHeaders(ctx);
	if (reply === undefined) {
		ctx.set(added ?? {});
		setSecurityHeaders(res, hsts);
		res.end(ctx.body ?? undefined);
	} else {
		writeReply(res, added ? { ...reply, headers: { ...added, ...reply.headers } } : reply, hsts);
	}
}

const json = 'application/json; charset=utf-8';
const text = 'text/plain; charset=utf-8';
const html = 'text/html; charset=utf-8';
const ascii = /^[\t -~]*$/;

/** With the status that the response has. */
export function writeReply(res: ServerResponse, { body, headers }: Reply, hsts: string | undefined): void {
	const isPage = body instanceof Page;
	if (isPage) res.setHeader('Content-Security-Policy', body.policy);
	const isText = typeof body === 'string';
	const content = isText ? body : isPage ? body.html : JSON.stringify(body);
	const lines = unsetSecurityHeaders(res, hsts);
	lines.push(
		'Content-Type',
		isText ? text : isPage ? html : json,
		'Content-Length',
		String(Buffer.byteLength(content)),
	);
	let isAscii = true;
	for (const name in headers) {
		const value = name === 'Vary' ? alsoBy(res, headers.Vary) : (headers[name] ?? '');
		lines.push(name, value);
		isAscii &&= ascii.test(value);
	}
	res.writeHead(res.statusCode, lines);
	// In front of a text, Node sends headers as UTF-8; ours are in it already, one character a byte.
	res.end(isAscii ? content : Buffer.from(content));
}

/** With what the answer was said to depend on before. */
function alsoBy(res: ServerResponse, names = ''): string {
	return res.hasHeader('Vary') ? `${res.getHeader('Vary')}, ${names}` : names;
}
