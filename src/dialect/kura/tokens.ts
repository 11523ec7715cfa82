import type { Context } from 'koa';
import { parseApiTokenId } from '../../core/api-token.ts';
import type { ApiTokens, MakingSession } from '../../core/api-tokens.ts';
import type { Identities } from '../../core/identities.ts';
import type { Identity } from '../../core/identity.ts';
import { dayMs } from '../../core/new-api-token.ts';
import type { Requirements } from '../../core/requirements.ts';
import type { AuthenticatedSession, Sessions } from '../../core/sessions.ts';
import { throwRefusal, unwrap } from '../../http/response/refusals.ts';
import { reply } from '../../http/response/reply.ts';
import { type Route, sessionRoute } from '../../http/route.ts';
import {
	administration,
	administrationByProof,
	auditFieldsBy,
	freshProof,
	namedIdentity,
	ownSession,
} from './administration.ts';
import { type NewApiTokenRequest, newApiToken, toApiToken } from './bodies.ts';
import { base } from './paths.ts';

export interface TokenRouteParts {
	readonly apiTokens: ApiTokens;
	readonly identities: Identities;
	readonly sessions: Pick<Sessions, 'ownerOf'>;
}

/** A token lives on when the session that made it is over: so who asks has just proved who they are. */
const ownByProof = { ...ownSession, ...freshProof } as const;

type OpenSessionOnly = Requirements & { readonly session: 'open' };

interface Below {
	readonly see: OpenSessionOnly;
	readonly make: OpenSessionOnly;
	readonly end: OpenSessionOnly;
	whose(ctx: Context, checked: AuthenticatedSession): Identity | Promise<Identity>;
}

/**
 * Ours: the API tokens of oneself, and of others for administrators. By a session alone: no token makes a token, nor sees
 * or ends one.
 */
export function tokenRoutes({ apiTokens, identities, sessions }: TokenRouteParts): Route[] {
	const own = (_: Context, { identity }: AuthenticatedSession) => identity;
	const named = namedIdentity(identities);

	async function add(
		ctx: Context,
		checked: AuthenticatedSession,
		{ expiresInDays, ...wanted }: NewApiTokenRequest,
		identity: Identity,
	) {
		const { key } = checked.session;
		const by: MakingSession = { key, isAlive: async () => (await sessions.ownerOf(key)) !== undefined };
		const made = await apiTokens.add(
			identity,
			{ ...wanted, expiresInMs: expiresInDays * dayMs },
			auditFieldsBy(ctx, checked),
			by,
		);
		const { token, text } = unwrap(made);
		reply(ctx, { id: token.id, token: text, expiresAt: new Date(token.expiresAt).toISOString() }, 201);
	}

	async function endOne(ctx: Context, checked: AuthenticatedSession, identity: Identity) {
		const { id = '' } = (ctx as Context & { params: { id?: string } }).params;
		const found = parseApiTokenId(id);
		if (found === undefined || !(await apiTokens.end(found, identity.id, auditFieldsBy(ctx, checked)))) {
			throwRefusal({ kind: 'not-found' });
		}
		ctx.status = 204;
	}

	/** The same for oneself and for others. */
	function below(path: string, { see, make, end, whose }: Below): Route[] {
		return [
			sessionRoute({
				requires: see,
				method: 'GET',
				path,
				async handle(ctx, checked) {
					const { id } = await whose(ctx, checked);
					reply(ctx, { tokens: (await apiTokens.list(id)).map(toApiToken) });
				},
			}),
			sessionRoute({
				requires: make,
				method: 'POST',
				path,
				body: newApiToken,
				handle: async (ctx, checked, wanted) => add(ctx, checked, wanted, await whose(ctx, checked)),
			}),
			sessionRoute({
				requires: end,
				method: 'DELETE',
				path,
				async handle(ctx, checked) {
					const { id, name } = await whose(ctx, checked);
					reply(ctx, { ended: await apiTokens.endOf(id, { identity: name, ...auditFieldsBy(ctx, checked) }) });
				},
			}),
			sessionRoute({
				requires: end,
				method: 'DELETE',
				path: `${path}/:id`,
				handle: async (ctx, checked) => endOne(ctx, checked, await whose(ctx, checked)),
			}),
		];
	}

	const byProof = { make: administrationByProof, end: administrationByProof };
	return [
		...below(`${base}/tokens`, { see: ownSession, make: ownByProof, end: ownSession, whose: own }),
		...below(`${base}/identities/:name/tokens`, { see: administration, ...byProof, whose: named }),
	];
}
