import type { Context } from 'koa';
import type { BrowserNonce, NonceDigest } from '../core/ticket.ts';
import { newBrowserNonce, nonceDigestOf, parseBrowserNonce } from '../core/token.ts';
import { clientOf } from './request/context.ts';

/*
 * What tells the browser that a host has led to the sign-in page from every other browser: a nonce in a cookie of that host. Its
 * digest goes along in addresses, and a ticket is worth something only where the nonce is. The name holds a part of the
 * digest: pages of one host that are opened at the same moment, as when a browser starts with the tabs of yesterday, are led with
 * a nonce each, and none takes the cookie of another. Over TLS the name begins with `__Host-`: no other host can plant it.
 */

/** Seconds: to sign in takes a while. */
const maxAge = 600;
const suffixLength = 8;
/** More of them than pages that one opens at once: the others are not read. */
const readLimit = 20;

const shape = /(?:^|;)[ \t]*((?:__Host-)?latchkey-enter-)([A-Za-z0-9_-]{8})=([A-Za-z0-9_-]{22})(?=[ \t]*(?:;|$))/g;
const names = /^(__Host-)?latchkey-enter(-|$)/i;

/** No upstream gets to see one, or to set one. */
export function isEnterCookie(name: string): boolean {
	return names.test(name);
}

function prefixFor(ctx: Context): string {
	return clientOf(ctx).secure ? '__Host-latchkey-enter-' : 'latchkey-enter-';
}

/** The nonces that the browser shows. */
export function noncesOf(ctx: Context): readonly BrowserNonce[] {
	const prefix = prefixFor(ctx);
	const nonces: BrowserNonce[] = [];
	for (const [, named, suffix, value = ''] of (ctx.req.headers.cookie ?? '').matchAll(shape)) {
		if (named !== prefix || nonces.length === readLimit) continue;
		const nonce = parseBrowserNonce(value);
		if (nonce !== undefined && nonceDigestOf(nonce).startsWith(suffix ?? '')) nonces.push(nonce);
	}
	return nonces;
}

/** The browser's nonce for ten minutes from now: the one that it has or a new one. Returns its digest. */
export function giveNonce(ctx: Context): NonceDigest {
	const nonce = noncesOf(ctx)[0] ?? newBrowserNonce();
	const digest = nonceDigestOf(nonce);
	const { secure } = clientOf(ctx);
	const name = prefixFor(ctx) + digest.slice(0, suffixLength);
	ctx.append(
		'Set-Cookie',
		`${name}=${nonce}; Max-Age=${maxAge}; Path=/; ${secure ? 'Secure; ' : ''}HttpOnly; SameSite=Lax`,
	);
	return digest;
}
