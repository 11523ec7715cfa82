import type { Identities } from '../../core/identities.ts';
import { emptyBrowserCache } from '../../http/response/private-caching.ts';
import { throwRefusal, unwrap } from '../../http/response/refusals.ts';
import { reply } from '../../http/response/reply.ts';
import { type Route, sessionRoute } from '../../http/route.ts';
import type { SessionCookie } from '../../http/session-cookie.ts';
import { administration, administrationByProof, auditFieldsBy, namedIdentity } from './administration.ts';
import { identityChange, newIdentity, newName, passwordReset, toIdentity } from './bodies.ts';
import { type HistoryRouteParts, historyRoutes } from './history.ts';
import { identityQueryOf, toPage } from './identity-query.ts';
import { base } from './paths.ts';

export interface AdministrationParts extends HistoryRouteParts {
	readonly identities: Identities;
	readonly cookie: SessionCookie;
}

/** Ours: who may log in. For administrators; the command line does the same, and what is here may be done by hand. */
export function identityRoutes(parts: AdministrationParts): Route[] {
	const { identities, cookie } = parts;
	const named = namedIdentity(identities);
	const seen = namedIdentity({ findByName: identities.findSeen });

	return [
		...historyRoutes(parts),
		sessionRoute({
			requires: administration,
			method: 'GET',
			path: `${base}/identities`,
			async handle(ctx) {
				const query = identityQueryOf(ctx);
				if (query === undefined) reply(ctx, { identities: (await identities.list()).map(toIdentity) });
				else reply(ctx, toPage(await identities.page(query)));
			},
		}),
		sessionRoute({
			requires: administrationByProof,
			method: 'POST',
			path: `${base}/identities`,
			body: newIdentity,
			async handle(ctx, checked, { password, service, expiresIn, ...wanted }) {
				const more = {
					...(password !== undefined && { password }),
					...(service && { service }),
					...(expiresIn !== undefined && { expiresInMs: expiresIn * 1000 }),
				};
				const added = unwrap(await identities.add({ ...wanted, ...more, policy: true }, auditFieldsBy(ctx, checked)));
				reply(ctx, toIdentity(added), 201);
			},
		}),
		sessionRoute({
			requires: administration,
			method: 'GET',
			path: `${base}/identities/:name`,
			async handle(ctx) {
				reply(ctx, toIdentity(await seen(ctx)));
			},
		}),
		sessionRoute({
			requires: administrationByProof,
			method: 'PATCH',
			path: `${base}/identities/:name`,
			body: identityChange,
			async handle(ctx, checked, change) {
				const { id } = await named(ctx);
				const fields = auditFieldsBy(ctx, checked);
				// What may be refused comes first: a refusal leaves everything as it was.
				if (change.permissions !== undefined) unwrap(await identities.setPermissions(id, change.permissions, fields));
				if (change.disabled !== undefined) unwrap(await identities.setDisabled(id, change.disabled, fields));
				if (change.passwordChangeNeeded) unwrap(await identities.requirePasswordChange(id, fields));
				reply(ctx, toIdentity((await identities.find(id)) ?? throwRefusal({ kind: 'not-found' })));
			},
		}),
		sessionRoute({
			requires: administrationByProof,
			method: 'PUT',
			path: `${base}/identities/:name/name`,
			body: newName,
			async handle(ctx, checked, { name }) {
				const { id } = await named(ctx);
				const renamed = unwrap(await identities.rename(id, name, auditFieldsBy(ctx, checked)));
				// One's own session has ended with all the others.
				if (id === checked.identity.id && name !== checked.identity.name) {
					await cookie.take(ctx);
					emptyBrowserCache(ctx);
				}
				reply(ctx, toIdentity(renamed));
			},
		}),
		sessionRoute({
			requires: administrationByProof,
			method: 'PUT',
			path: `${base}/identities/:name/password`,
			body: passwordReset,
			async handle(ctx, checked, { password, passwordChangeNeeded }) {
				const { id } = await named(ctx);
				// A session alone, left open or stolen, must not be enough to take an identity over.
				if (id === checked.identity.id) throwRefusal({ kind: 'own-password' });
				const how = { passwordChangeNeeded, policy: true };
				unwrap(await identities.setPassword(id, password, how, auditFieldsBy(ctx, checked)));
				ctx.status = 204;
			},
		}),
		sessionRoute({
			requires: administrationByProof,
			method: 'DELETE',
			path: `${base}/identities/:name`,
			async handle(ctx, checked) {
				const { id } = await named(ctx);
				unwrap(await identities.remove(id, auditFieldsBy(ctx, checked)));
				ctx.status = 204;
			},
		}),
	];
}
