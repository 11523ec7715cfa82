import type { Context } from 'koa';
import type { AuditTrail } from '../../core/audit-trail.ts';
import type { Instant } from '../../core/clock.ts';
import type { HistoryEvent } from '../../core/history.ts';
import type { Identities } from '../../core/identities.ts';
import type { Identity } from '../../core/identity.ts';
import { HttpRefused } from '../../http/response/refusals.ts';
import { reply } from '../../http/response/reply.ts';
import { type Route, sessionRoute } from '../../http/route.ts';
import { administration, namedIdentity, ownSession } from './administration.ts';
import { moment } from './audit-query.ts';
import { base } from './paths.ts';

export interface HistoryRouteParts {
	readonly identities: Pick<Identities, 'findByName'>;
	readonly auditTrail: Pick<AuditTrail, 'history'>;
}

const mostAtOnce = 200;
const usual = 50;

/** Ours: what was done with one's own login; for administrators, with anybody's. */
export function historyRoutes({ identities, auditTrail }: HistoryRouteParts): Route[] {
	const named = namedIdentity(identities);

	async function answer(ctx: Context, { id }: Identity) {
		const { limit, before } = pageOf(ctx);
		reply(ctx, { events: (await auditTrail.history(id, limit, before)).map(toEvent) });
	}

	return [
		sessionRoute({
			requires: ownSession,
			method: 'GET',
			path: `${base}/history`,
			handle: (ctx, { identity }) => answer(ctx, identity),
		}),
		sessionRoute({
			requires: administration,
			method: 'GET',
			path: `${base}/identities/:name/history`,
			handle: async (ctx) => answer(ctx, await named(ctx)),
		}),
	];
}

function pageOf({ query: { limit = String(usual), before } }: Context): { limit: number; before?: Instant } {
	const number = typeof limit === 'string' && /^\d{1,3}$/.test(limit) ? Number(limit) : 0;
	if (number < 1 || number > mostAtOnce) throw new HttpRefused('malformed', `limit: must be 1 to ${mostAtOnce}`);
	if (before === undefined) return { limit: number };
	const { success, data: at } = moment.safeParse(before);
	if (!success) throw new HttpRefused('malformed', 'before: must be a time as 2026-01-31T12:00:00.000Z');
	return { limit: number, before: at };
}

function toEvent({ at, ...facts }: HistoryEvent) {
	return { at: new Date(at).toISOString(), ...facts };
}
