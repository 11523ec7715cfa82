import type { Context } from 'koa';
import type { IdentityName } from '../../core/identity.ts';
import { parseIdentityName } from '../../core/identity.ts';
import type { SessionNumber, SessionToken } from '../../core/session.ts';
import { parseSessionToken } from '../../core/token.ts';
import { cookiesOf } from '../../http/request/cookies.ts';

/*
 * `session=uid|sid|epw`, as 1010data has it. Clients build it by themselves from what they typed and what the login
 * answered, so the three stand in it as they are, bars and all. Only a uid with characters that no cookie may hold
 * (or a bar, or a per cent sign) is percent-encoded.
 */

export const insightsCookie = 'session';

/** What the documentation's "encrypted passwords" begin with. Behind it stands the session token: never a password. */
const epwPrefix = '_______';

export interface SessionCookie {
	readonly name: IdentityName;
	readonly number: SessionNumber;
	readonly token: SessionToken;
}

export function epwOf(token: SessionToken): string {
	return epwPrefix + token;
}

/** Hands it out. `uid`: as it was typed. `Secure` over TLS: see `http/app.ts`. */
export function giveCookie(ctx: Context, uid: string, sid: string, epw: string): void {
	const value = [uid.replace(/[^!#-+\--:<-[\]-{}~]|%/gu, encodeURIComponent), sid, epw].join('|');
	ctx.cookies.set(insightsCookie, value, { httpOnly: true, sameSite: 'strict', overwrite: true });
}

export function takeCookie(ctx: Context): void {
	ctx.cookies.set(insightsCookie, null, { httpOnly: true, sameSite: 'strict', overwrite: true });
}

/** All that could be sessions of ours, where the request carries several; `undefined`: it carries none of that name at all. */
export function sessionCookiesOf(ctx: Context): readonly SessionCookie[] | undefined {
	const values = cookiesOf(ctx.req.headers.cookie, insightsCookie);
	return values.length === 0 ? undefined : values.flatMap((value) => parseSessionCookie(value) ?? []);
}

/** `undefined`: it can be nobody's. */
function parseSessionCookie(value: string): SessionCookie | undefined {
	const [uid = '', sid = '', epw = '', ...more] = value.split('|');
	const name = nameOf(uid);
	const token = epw.startsWith(epwPrefix) ? parseSessionToken(epw.slice(epwPrefix.length)) : undefined;
	if (name === undefined || token === undefined || !/^[1-9]\d{0,14}$/.test(sid) || more.length > 0) return undefined;
	return { name, number: Number(sid) as SessionNumber, token };
}

/** From the bytes of the header, encoded or not. */
function nameOf(uid: string): IdentityName | undefined {
	const text = Buffer.from(uid, 'latin1').toString('utf8');
	try {
		return parseIdentityName(decodeURIComponent(text));
	} catch {
		return parseIdentityName(text);
	}
}
