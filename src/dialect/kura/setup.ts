import type { Identities } from '../../core/identities.ts';
import type { PasswordPolicy } from '../../core/password.ts';
import { whence } from '../../core/visit.ts';
import { parse } from '../../http/body.ts';
import { granted } from '../../http/refused.ts';
import { reply } from '../../http/reply.ts';
import type { Route } from '../../http/route.ts';
import { clientOf } from '../../http/visit.ts';
import { setupRequest } from './bodies.ts';
import type { KuraDoor } from './door.ts';
import { base } from './paths.ts';

export interface SetupParts {
	readonly identities: Identities;
	readonly door: KuraDoor;
	readonly policy: PasswordPolicy;
}

/** Ours: the first administrator, made once by whoever may, and what a new password must be like. */
export function setupRoutes({ identities, door, policy }: SetupParts): Route[] {
	return [
		{
			method: 'GET',
			path: `${base}/setup`,
			lets: 'anyone',
			async handle(ctx) {
				const needed = (await identities.setupToken()) !== undefined;
				reply(ctx, { needed, tokenNeeded: needed && !clientOf(ctx).isLocal });
			},
		},
		{
			method: 'POST',
			path: `${base}/setup`,
			lets: 'anyone',
			async handle(ctx) {
				const { username, password, token } = await parse(ctx, setupRequest, 'json');
				const { isLocal } = clientOf(ctx);
				const method = isLocal ? 'local' : 'setup-token';
				const given = token === undefined ? {} : { token };
				const setup = { name: username, password, isLocal, method, ...given } as const;
				granted(await identities.setUp(setup, whence(door.visitOf(ctx))));
				ctx.status = 204;
			},
		},
		{
			method: 'GET',
			path: `${base}/passwordPolicy`,
			lets: 'anyone',
			handle(ctx) {
				reply(ctx, policy);
			},
		},
	];
}
