import type { Context } from 'koa';
import { z } from 'zod';
import { type IdentityName, parseIdentityName } from '../../core/identity.ts';
import { parsePassword } from '../../core/password.ts';
import { parse } from '../../http/request/body.ts';
import { HttpRefused } from '../../http/response/refusals.ts';

/** Rule: Kismet, `username` "If not provided, will default to `kismet`"; on a later change, too. */
export const usualName = 'kismet' as IdentityName;

export const newLogin = z.object({
	username: z
		.string()
		.transform((text, found) => {
			const name = parseIdentityName(text);
			// HTTP Basic cuts at the first colon: with one in it, that name could never log in.
			if (name !== undefined && !name.includes(':')) return name;
			found.addIssue({ code: 'custom', message: 'cannot be a user name' });
			return z.NEVER;
		})
		.optional(),
	password: z.string().transform((text, found) => {
		const password = parsePassword(text);
		if (password !== undefined) return password;
		found.addIssue({ code: 'custom', message: 'cannot be a password' });
		return z.NEVER;
	}),
	/** Ours: the one-time token that lets somebody from elsewhere set the first password. */
	token: z.string().max(128).optional(),
});

export type NewLogin = z.output<typeof newLogin>;

/** The form of `set_password`. Passwords in a URL, which Kismet merged in, are refused: they end up in logs. */
export async function readNewLogin(ctx: Context): Promise<NewLogin> {
	const { query } = ctx;
	if (query.username !== undefined || query.password !== undefined || query.token !== undefined) {
		throw new HttpRefused('malformed', 'username and password belong into the form, not into the URL');
	}
	if (ctx.get('Content-Type') === '') throw new HttpRefused('malformed', 'password: is missing');
	return parse(ctx, newLogin, 'form');
}
