import type { Context } from 'koa';
import type { ApiTokens } from '../core/api-tokens.ts';
import type { Outcome, Refusal } from '../core/refusal.ts';
import type { DirectAccess, Requirements } from '../core/requirements.ts';
import type { Sessions } from '../core/sessions.ts';
import type { TokenPairs } from '../core/token-pairs.ts';
import { apiTokenOf, bearerOf } from './request/bearer.ts';
import { clientOf, senderOf } from './request/context.ts';
import { plainAnswers } from './response/default-answers.ts';

/**
 * API tokens and access tokens in `Authorization: Bearer`. A request that shows one is judged by it alone: what a session of the same
 * request may do must not widen what the token may.
 */
export interface Bearer {
	/** `undefined`: no token of ours came along. A refusal is challenged as RFC 6750, 3 says. */
	authenticate(ctx: Context, requirements: Requirements): Promise<Outcome<DirectAccess>> | undefined;
	/** Whether an `Authorization` header shows one, right or wrong. */
	isShownBy(authorization: string): boolean;
}

export interface BearerParts {
	/** Absent: API tokens are not taken. */
	readonly apiTokens?: Pick<ApiTokens, 'check'> | undefined;
	/** Absent: access tokens are not taken. */
	readonly tokenPairs?: Pick<TokenPairs, 'check' | 'isOurs'> | undefined;
	readonly sessions: Pick<Sessions, 'judge'>;
}

export function createBearer({ apiTokens, tokenPairs, sessions }: BearerParts): Bearer {
	async function byApiToken(ctx: Context, checking: ReturnType<ApiTokens['check']>, requirements: Requirements) {
		const checked = await checking;
		if (!checked.ok) return checked;
		const { identity, token } = checked.value;
		const { address } = clientOf(ctx);
		return sessions.judge({ identity, credential: 'token', apiToken: { token, address } }, requirements, senderOf(ctx));
	}

	async function byAccessToken(ctx: Context, checking: ReturnType<TokenPairs['check']>, requirements: Requirements) {
		const checked = await checking;
		return checked.ok ? sessions.judge({ ...checked.value, credential: 'jwt' }, requirements, senderOf(ctx)) : checked;
	}

	function judge(ctx: Context, requirements: Requirements): Promise<Outcome<DirectAccess>> | undefined {
		const { authorization } = ctx.req.headers;
		const apiToken = apiTokenOf(authorization);
		if (apiTokens !== undefined && apiToken !== undefined)
			return byApiToken(ctx, apiTokens.check(apiToken, senderOf(ctx)), requirements);
		const text = bearerOf(authorization);
		if (tokenPairs === undefined || text === undefined || !tokenPairs.isOurs(text)) return undefined;
		return byAccessToken(ctx, tokenPairs.check(text, senderOf(ctx)), requirements);
	}

	return {
		authenticate: (ctx, requirements) => judge(ctx, requirements)?.then((outcome) => challenged(ctx, outcome)),
		isShownBy(authorization) {
			const text = bearerOf(authorization);
			return text !== undefined && (tokenPairs?.isOurs(text) ?? false);
		},
	};
}

function challenged<T>(ctx: Context, outcome: Outcome<T>): Outcome<T> {
	if (!outcome.ok) challengeToken(ctx, outcome.refusal);
	return outcome;
}

/** Rule: RFC 6750, 3.1. */
export function challengeToken(ctx: Context, refusal: Refusal): void {
	const { status } = plainAnswers(refusal);
	if (status === 401) ctx.set('WWW-Authenticate', 'Bearer error="invalid_token"');
	if (status === 403) ctx.set('WWW-Authenticate', 'Bearer error="insufficient_scope"');
}
