import type { Context } from 'koa';
import { z } from 'zod';
import { parseIdentityName } from '../../core/identity.ts';
import { parsePassword } from '../../core/password.ts';
import { parse } from '../../http/request/body.ts';
import { HttpRefused } from '../../http/response/refusals.ts';

export const loginRequest = z.object({
	/** As typed, and as the name that it is. */
	uid: z.string().transform((uid, found) => {
		const name = parseIdentityName(uid);
		if (name !== undefined) return { uid, name };
		found.addIssue({ code: 'custom', message: 'cannot be a user id' });
		return z.NEVER;
	}),
	pw: z.string().transform((text, found) => {
		const password = parsePassword(text);
		if (password !== undefined) return password;
		found.addIssue({ code: 'custom', message: 'cannot be a password' });
		return z.NEVER;
	}),
	/** Absent: possess. Rule: 1010data's Dynamic API, "The default value is possess". */
	kill: z.enum(['yes', 'possess']).prefault('possess'),
});

export type Login = z.output<typeof loginRequest>;

export async function readLogin(ctx: Context): Promise<Login> {
	if (ctx.get('Content-Type') === '') throw new HttpRefused('malformed', 'uid and pw are missing');
	return parse(ctx, loginRequest, 'form', 'json');
}
