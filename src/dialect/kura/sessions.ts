import type { Context } from 'koa';
import { z } from 'zod';
import type { Identities } from '../../core/identities.ts';
import type { Identity, IdentityName } from '../../core/identity.ts';
import { adminPermission, mayUse, parseIdentityName } from '../../core/identity.ts';
import type { Requirements } from '../../core/requirements.ts';
import type { Session, SessionKey } from '../../core/session.ts';
import type { AuthenticatedSession, Sessions } from '../../core/sessions.ts';
import { parseQuery } from '../../http/request/body.ts';
import { senderOf } from '../../http/request/context.ts';
import { emptyBrowserCache } from '../../http/response/private-caching.ts';
import { HttpRefused, throwRefusal, unwrap } from '../../http/response/refusals.ts';
import { reply } from '../../http/response/reply.ts';
import { type Route, sessionRoute } from '../../http/route.ts';
import type { SessionCookie } from '../../http/session-cookie.ts';
import { administration, administrationByProof, auditFieldsBy, ownSession } from './administration.ts';
import { toCurrentSession, toSession } from './bodies.ts';
import { base } from './paths.ts';

export interface OwnSessionParts {
	readonly sessions: Sessions;
	readonly identities: Identities;
	readonly cookie: SessionCookie;
	/** Config: `banner.afterLogin`. */
	readonly afterLogin: string | undefined;
}

/** More than anybody looks through. */
const most = 1000;

/** Which session of all lives on: the one that asks, or none. */
const endingOfAll = z.strictObject({ all: z.string(), keep: z.enum(['current', 'none']).default('current') });

/** Ours: who is signed in where, and ending it. One's own sessions for everybody, all others for administrators. */
export function sessionRoutes({ sessions, identities, cookie, afterLogin }: OwnSessionParts): Route[] {
	/** `?identity=NAME`: that identity's. Without it the caller's own. */
	async function whose(ctx: Context, checked: AuthenticatedSession, requirements: Requirements): Promise<Identity> {
		const { identity } = checked;
		const { identity: asked } = ctx.query;
		if (asked === undefined || asked === identity.name) return identity;
		await demand(ctx, checked, requirements);
		const name = typeof asked === 'string' ? parseIdentityName(asked) : undefined;
		if (name === undefined) throw new HttpRefused('malformed', 'identity: cannot be a user name');
		return (await identities.findByName(name)) ?? throwRefusal({ kind: 'not-found' });
	}

	/** For the sessions of others: one's own anybody may see and end at any time. */
	async function demand(ctx: Context, checked: AuthenticatedSession, requirements: Requirements) {
		const { dialect } = checked.session;
		// Its XSRF token was looked at when it was checked.
		unwrap(await sessions.judgeSession(checked, { ...requirements, xsrf: 'exempt' }, { dialect, ...senderOf(ctx) }));
	}

	/** With the hosts that each was handed over to: a child session is nothing to be listed or ended by itself. */
	async function toList(
		found: readonly Session[],
		nameOf: (session: Session) => IdentityName | undefined,
		current: Session,
	) {
		const hosts = await sessions.handover.hostsOf(found.map(({ key }) => key));
		return { sessions: found.map((one) => toSession(one, nameOf(one), current.key, hosts.get(one.key))) };
	}

	/** Everybody's. */
	async function endAll(ctx: Context, checked: AuthenticatedSession): Promise<number> {
		const { keep } = parseQuery(ctx, endingOfAll);
		const { key } = checked.session;
		const ended = await sessions.endAll(auditFieldsBy(ctx, checked), keep === 'current' ? key : undefined);
		if (keep === 'none') {
			await cookie.take(ctx);
			emptyBrowserCache(ctx);
		}
		return ended;
	}

	const currentSession = sessionRoute({
		method: 'GET',
		path: `${base}/currentSession`,
		// A page asks how long its session still lives; that must not be what keeps it alive.
		requires: { ...ownSession, childSession: 'accepted', countsAsActivity: false },
		handle(ctx, { session, identity }) {
			const message = afterLogin === undefined ? {} : { message: afterLogin };
			reply(ctx, { ...toCurrentSession(session, identity, sessions.timeLeft(session)), ...message });
		},
	});

	const ofLists: Route[] = [
		sessionRoute({
			requires: ownSession,
			method: 'GET',
			path: `${base}/sessions`,
			async handle(ctx, checked) {
				const { session: current } = checked;
				if (ctx.query.all !== undefined) {
					await demand(ctx, checked, administration);
					const names = new Map((await identities.list()).map(({ id, name }) => [id, name]));
					reply(
						ctx,
						await toList(await sessions.list(undefined, most), ({ identityId }) => names.get(identityId), current),
					);
					return;
				}
				const { id, name } = await whose(ctx, checked, administration);
				reply(ctx, await toList(await sessions.list(id, most), () => name, current));
			},
		}),
		sessionRoute({
			requires: ownSession,
			method: 'DELETE',
			path: `${base}/sessions`,
			async handle(ctx, checked) {
				if (ctx.query.all !== undefined) {
					await demand(ctx, checked, administrationByProof);
					reply(ctx, { ended: await endAll(ctx, checked) });
					return;
				}
				const { id, name } = await whose(ctx, checked, administrationByProof);
				const fields = auditFieldsBy(ctx, checked);
				// One's own present session stays: this is "sign out everywhere else".
				reply(ctx, { ended: await sessions.endOf(id, { except: checked.session.key }, { ...fields, identity: name }) });
			},
		}),
		sessionRoute({
			requires: ownSession,
			method: 'DELETE',
			path: `${base}/sessions/:id`,
			async handle(ctx, checked) {
				const { identity } = checked;
				const key = keyOf(ctx);
				const found = key && (await sessions.find(key));
				// Somebody else's session is not there, for whoever may not end it.
				if (!found || (found.identityId !== identity.id && !mayUse(identity, adminPermission))) {
					throwRefusal({ kind: 'not-found' });
				}
				if (found.identityId !== identity.id) await demand(ctx, checked, administrationByProof);
				await sessions.end(found.key, auditFieldsBy(ctx, checked));
				ctx.status = 204;
			},
		}),
	];

	return [currentSession, ...ofLists];
}

function keyOf(ctx: Context): SessionKey | undefined {
	const { id } = (ctx as Context & { params: { id?: string } }).params;
	return id !== undefined && /^[0-9a-f]{64}$/.test(id) ? (id as SessionKey) : undefined;
}
