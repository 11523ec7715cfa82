import type { Context } from 'koa';
import { type ZodType, z } from 'zod';
import { type IdentityName, type Permission, parseIdentityName } from '../../core/identity.ts';
import { parseApiTokenName } from '../../core/new-api-token.ts';
import { parsePassword } from '../../core/password.ts';
import { parse, parseJson } from '../../http/request/body.ts';
import { HttpRefused } from '../../http/response/refusals.ts';
import { permissionOf, type Roles } from './roles.ts';

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

const keyName = z.string().transform((text, found) => {
	const name = parseApiTokenName(text);
	if (name !== undefined) return name;
	found.addIssue({ code: 'custom', message: 'must be 1 to 100 printable characters' });
	return z.NEVER;
});

export const newKey = z.object({
	name: keyName,
	role: z.string().min(1).max(64),
	/** Seconds. Rule: Kismet, 0 is for ever. */
	duration: z.number().min(0).default(0),
});

export const revocation = z.object({ name: z.string() });

export interface NewKey {
	readonly name: string;
	readonly permission: Permission;
	/** 0: as long as a key may live. */
	readonly durationMs: number;
}

export async function readNewKey(ctx: Context, roles: Roles): Promise<NewKey> {
	const { name, role, duration } = await readCommand(ctx, newKey);
	const permission = permissionOf(role, roles);
	if (permission === undefined) throw new HttpRefused('malformed', 'role: cannot be a role');
	return { name, permission, durationMs: Math.ceil(duration * 1000) };
}

const command = z.record(z.string(), z.unknown());

/** Kismet's commands are JSON, as the body or in the form's field `json`. */
export async function readCommand<T>(ctx: Context, schema: ZodType<T>): Promise<T> {
	const body = await parse(ctx, command, 'json', 'form');
	return parseJson(typeof body.json === 'string' ? body.json : JSON.stringify(body), schema);
}
