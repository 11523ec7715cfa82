import { createRequire } from 'node:module';
import type Koa from 'koa';
import type { Context, Middleware } from 'koa';
import type { SessionToken } from '../core/session.ts';

/*
 * The one file that knows koa-session. It can carry one cookie per Koa app, and nothing lives in it but the session
 * token: what the token is worth stands in our own store. It is set in motion at the moments that hand out a token
 * or take it back, and at no others: a request that only shows its cookie must not cost a signature (a random token
 * of 256 bits needs none) nor a look for changes. It is loaded with the first cookie: with all that it brings along, it
 * would take its time at every start, of commands and tests, too. By `require`: an `import()` that fails once, as where
 * no file can be opened, fails for ever.
 */

const require = createRequire(import.meta.url);
/** Looked for now: a package that could not be found once is not looked for again. */
const koaSession = require.resolve('koa-session');

export interface SessionCookie {
	readonly name: string;
	/** Hands the token out: HttpOnly, Path=/, SameSite=Lax, Secure over TLS, gone with the browser. */
	give(ctx: Context, token: SessionToken): Promise<void>;
	/** Takes it back. */
	take(ctx: Context): Promise<void>;
}

export function createSessionCookie(app: Koa, name: string): SessionCookie {
	let carrier: Middleware | undefined;

	async function carry(ctx: Context, act: () => Promise<void>) {
		const { createSession }: typeof import('koa-session') = require(koaSession);
		carrier ??= createSession(
			{
				key: name,
				maxAge: 'session',
				signed: false,
				autoCommit: false,
				httpOnly: true,
				sameSite: 'lax',
				encode: ({ token }: { token: string }) => token,
				decode: (token: string) => ({ token }),
			},
			app,
		);
		await carrier(ctx, act);
	}

	return {
		name,
		give: (ctx, token) =>
			carry(ctx, async () => {
				ctx.session = { token };
				await ctx.session.manuallyCommit();
			}),
		take: (ctx) =>
			carry(ctx, async () => {
				const { session } = ctx;
				ctx.session = null;
				await session?.manuallyCommit();
			}),
	};
}
