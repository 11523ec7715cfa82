import type Router from '@koa/router';
import type { Context } from 'koa';
import { originOf } from '../http/request/context.ts';
import { plainAnswers } from '../http/response/default-answers.ts';
import { answerRefusals, throwRefusal } from '../http/response/refusals.ts';
import { reply } from '../http/response/reply.ts';

export const changePasswordPath = '/.well-known/change-password';
export const passkeyEndpointsPath = '/.well-known/passkey-endpoints';

export interface WellKnownParts {
	/** Where the console stands. */
	readonly consolePath: string;
	/** The page that may use passkeys, where one at that origin may. */
	passkeyPageOf(origin: string): string | undefined;
}

/**
 * Where password managers and browsers lead somebody who wants to change a password or to add a passkey. Sources: W3C, A Well-Known URL
 * for Changing Passwords; A Well-Known URL for Relying Party Passkey Endpoints.
 */
export function mountWellKnown(router: Router, { consolePath, passkeyPageOf }: WellKnownParts): void {
	router.get(changePasswordPath, (routed) => {
		reply(routed as unknown as Context, '', 302, { Location: `${consolePath}#/password` });
	});
	router.get(passkeyEndpointsPath, (routed) => {
		const ctx = routed as unknown as Context;
		return answerRefusals(ctx, plainAnswers, async () => {
			const page = passkeyPageOf(originOf(ctx)) ?? throwRefusal({ kind: 'not-found' });
			const there = new URL(consolePath, page).href;
			reply(ctx, { enroll: there, manage: there });
		});
	});
}
