import type { Context } from 'koa';
import { z } from 'zod';
import type { Outcome, Refusal } from '../../../core/refusal.ts';
import type { Access } from '../../../core/requirements.ts';
import type { CredentialKind } from '../../../core/session.ts';
import type { TokenPair, TokenPairs } from '../../../core/token-pairs.ts';
import { parseText } from '../../../http/request/body.ts';
import { senderOf } from '../../../http/request/context.ts';
import { answersIn, plainForm } from '../../../http/response/default-answers.ts';
import { HttpRefused, unwrap } from '../../../http/response/refusals.ts';
import { reply } from '../../../http/response/reply.ts';
import { openRoute, type Route } from '../../../http/route.ts';
import { ownSession } from '../administration.ts';
import type { KuraAuthenticator } from '../authenticator.ts';

export interface KuraTokenParts {
	readonly authenticator: Pick<KuraAuthenticator, 'bySession' | 'byCredentials' | 'challenge'>;
	readonly pairs: Pick<TokenPairs, 'issue' | 'refresh'>;
	/** What others verify access tokens with. Rejects where the store of the key is away. */
	publicKey(): Promise<Readonly<Record<string, string>>>;
}

const base = '/services/token/jwt/v1';

/** Where they stand. */
export const tokenPaths = {
	issue: `${base}/issue`,
	refresh: `${base}/refresh`,
	keys: '/.well-known/jwks.json',
} as const;

/** Bytes. Rule: Kura's Token JWT V1. */
const longestRefreshToken = 8192;

/** What lets in here, in the order in which it is asked for. Rule: Kura's Token JWT V1. */
const credentialsInOrder: readonly CredentialKind[] = ['certificate', 'basic'];
const accepted: readonly CredentialKind[] = ['certificate', 'basic', 'password', 'passkey'];

/** Rule: Kura's Token JWT V1: 401 says that nobody is known, 403 that somebody is. */
const answers = answersIn(plainForm, {
	'password-change-needed': () => ({ status: 403 }),
	'session-locked': () => ({ status: 403 }),
	'session-needs-factor': () => ({ status: 403 }),
	'session-needs-enrolment': () => ({ status: 403 }),
	'credential-not-accepted': () => ({ status: 401 }),
});

/** Kura's Token JWT V1, and the key set, which is ours. Source: Kura's REST documentation, "Token JWT V1". */
export function kuraTokenRoutes({ authenticator, pairs, publicKey }: KuraTokenParts): Route[] {
	const { bySession, byCredentials, challenge } = authenticator;

	/** The first that is right. No token makes a token: one that comes along is not looked at, and alone it is refused. */
	async function whoAsks(ctx: Context): Promise<Outcome<Access>> {
		let refused: (Outcome<Access> & { readonly ok: false }) | undefined;
		const ways = [
			...credentialsInOrder.map((kind) => () => byCredentials?.(ctx, { ...ownSession, credentials: [kind] })),
			() => bySession(ctx, ownSession),
		];
		for (const way of ways) {
			const proved = await way();
			if (proved?.ok) return proved;
			refused ??= proved;
		}
		if (refused !== undefined) return refused;
		const isToken = /^bearer\b/i.test(ctx.req.headers.authorization ?? '');
		const refusal: Refusal = isToken
			? { kind: 'credential-not-accepted', credentials: accepted }
			: { kind: 'no-session' };
		return { ok: false, refusal };
	}

	function challenged(ctx: Context, outcome: Outcome<Access>): Access {
		const isAsked = !outcome.ok && answers(outcome.refusal).status === 401;
		const line = isAsked ? challenge?.(ctx, ownSession) : undefined;
		if (line !== undefined) ctx.set('WWW-Authenticate', line);
		return unwrap(outcome, answers);
	}

	return [
		openRoute({
			method: 'POST',
			path: tokenPaths.issue,
			async handle(ctx) {
				const access = challenged(ctx, await whoAsks(ctx));
				answer(ctx, unwrap(await pairs.issue(access, senderOf(ctx)), answers));
			},
		}),
		openRoute({
			method: 'POST',
			path: tokenPaths.refresh,
			body: z.string(),
			readBody: readRefreshToken,
			async handle(ctx, text) {
				answer(ctx, unwrap(await pairs.refresh(text, senderOf(ctx)), answers));
			},
		}),
		openRoute({
			method: 'GET',
			path: tokenPaths.keys,
			async handle(ctx) {
				reply(ctx, { keys: [await publicKey()] });
			},
		}),
	];
}

async function readRefreshToken(ctx: Context): Promise<string> {
	const text = (await parseText(ctx, longestRefreshToken)).trim();
	if (text === '') throw new HttpRefused('malformed', 'The body must be a refresh token');
	return text;
}

/** Rule: RFC 6749, 5.1; `Cache-Control: no-store` stands in every answer of ours. */
function answer(ctx: Context, { accessToken, accessTokenMs, refreshToken, refreshTokenMs }: TokenPair) {
	const pair = {
		tokenType: 'Bearer',
		accessToken,
		accessTokenExpiresInSeconds: Math.floor(accessTokenMs / 1000),
		refreshToken,
		refreshTokenExpiresInSeconds: Math.floor(refreshTokenMs / 1000),
	};
	reply(ctx, pair, 200, { Pragma: 'no-cache' });
}
