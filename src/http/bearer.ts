import type { Context } from 'koa';
import type { ApiTokens } from '../core/api-tokens.ts';
import type { Outcome, Refusal } from '../core/refusal.ts';
import type { DirectAccess, Requirements } from '../core/requirements.ts';
import type { Sessions } from '../core/sessions.ts';
import { apiTokenOf } from './request/bearer.ts';
import { clientOf, requestIdOf } from './request/context.ts';
import { plainAnswers } from './response/default-answers.ts';

/**
 * API tokens in `Authorization: Bearer`. A request that shows one is judged by it alone: what a session of the same
 * request may do must not widen what the token may.
 */
export interface Bearer {
	/** `undefined`: no API token came along. A refusal is challenged as RFC 6750, 3 says. */
	authenticate(ctx: Context, requirements: Requirements): Promise<Outcome<DirectAccess>> | undefined;
}

export interface BearerParts {
	readonly apiTokens: Pick<ApiTokens, 'check'>;
	readonly sessions: Pick<Sessions, 'judge'>;
}

export function createBearer({ apiTokens, sessions }: BearerParts): Bearer {
	async function judge(ctx: Context, text: string, requirements: Requirements): Promise<Outcome<DirectAccess>> {
		const { address } = clientOf(ctx);
		const here = { address, requestId: requestIdOf(ctx) };
		const checked = await apiTokens.check(text, here);
		if (!checked.ok) return checked;
		const { identity, token } = checked.value;
		return sessions.judge({ identity, credential: 'token', apiToken: { token, address } }, requirements, here);
	}

	return {
		authenticate(ctx, requirements) {
			const text = apiTokenOf(ctx.req.headers.authorization);
			return text === undefined
				? undefined
				: judge(ctx, text, requirements).then((outcome) => challenged(ctx, outcome));
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
