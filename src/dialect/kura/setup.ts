import type { Identities } from '../../core/identities.ts';
import type { PasswordPolicy } from '../../core/password.ts';
import { auditFieldsOf } from '../../core/request.ts';
import { unwrap } from '../../http/response/refusals.ts';
import { reply } from '../../http/response/reply.ts';
import { openRoute, type Route } from '../../http/route.ts';
import type { KuraAuthenticator } from './authenticator.ts';
import { setupRequest } from './bodies.ts';
import { base } from './paths.ts';

export interface SetupParts {
	readonly identities: Identities;
	readonly authenticator: KuraAuthenticator;
	/** Config: `auth.sessions`. */
	readonly keepsSessions: boolean;
}

/**
 * Ours: the first administrator, made once by whoever has the setup token. Where a request comes from opens nothing: a
 * proxy or a forwarder on this machine looks like this machine.
 */
export function setupRoutes({ identities, authenticator, keepsSessions }: SetupParts): Route[] {
	return [
		openRoute({
			method: 'GET',
			path: `${base}/setup`,
			async handle(ctx) {
				const needed = (await identities.setupToken()) !== undefined;
				// So that a page need not ask for a session that nobody has: the refusal would stand in the browser's log.
				const sessionPresented = (authenticator.requestContextOf(ctx).presented ?? []).length > 0;
				reply(ctx, { needed, tokenNeeded: needed, ...(keepsSessions && { sessionPresented }) });
			},
		}),
		openRoute({
			method: 'POST',
			path: `${base}/setup`,
			body: setupRequest,
			async handle(ctx, { username, password, token }) {
				const setup = { name: username, password, method: 'setup-token', token } as const;
				unwrap(await identities.setUp(setup, auditFieldsOf(authenticator.requestContextOf(ctx))));
				ctx.status = 204;
			},
		}),
	];
}

/** Ours: what a new password must be like. */
export function policyRoute(policy: () => Promise<PasswordPolicy>): Route {
	return openRoute({
		method: 'GET',
		path: `${base}/passwordPolicy`,
		async handle(ctx) {
			reply(ctx, await policy());
		},
	});
}
