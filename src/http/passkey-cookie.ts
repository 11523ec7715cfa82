import type { Context } from 'koa';
import type { BrowserNonce, NonceDigest } from '../core/ticket.ts';
import { newBrowserNonce, nonceDigestOf, parseBrowserNonce } from '../core/token.ts';
import { clientOf } from './request/context.ts';
import { cookiesOf } from './request/cookies.ts';

/*
 * What tells the browser that asked for a challenge from every other one, where it shows no session: what somebody else was asked to
 * sign signs nobody in here. Over TLS the name begins with `__Host-`: no other host can plant it.
 */

const plainName = 'latchkey-passkey';
/** Seconds: as long as a challenge is good. */
const maxAge = 300;

function nameFor(ctx: Context): string {
	return clientOf(ctx).secure ? `__Host-${plainName}` : plainName;
}

/** No upstream gets to see one, or to set one. */
export function isPasskeyCookie(name: string): boolean {
	return name.toLowerCase().replace(/^__host-/, '') === plainName;
}

/** The nonces that the browser shows. */
export function passkeyNoncesOf(ctx: Context): readonly BrowserNonce[] {
	return cookiesOf(ctx.req.headers.cookie, nameFor(ctx)).flatMap((value) => parseBrowserNonce(value) ?? []);
}

/** The browser's nonce from now on: the one that it has, for another tab may wait with it, or a new one. Returns its digest. */
export function givePasskeyNonce(ctx: Context): NonceDigest {
	const nonce = passkeyNoncesOf(ctx)[0] ?? newBrowserNonce();
	const secure = clientOf(ctx).secure ? 'Secure; ' : '';
	ctx.append('Set-Cookie', `${nameFor(ctx)}=${nonce}; Max-Age=${maxAge}; Path=/; ${secure}HttpOnly; SameSite=Strict`);
	return nonceDigestOf(nonce);
}
