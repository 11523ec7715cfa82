import type Router from '@koa/router';
import type { Context } from 'koa';
import type { Identities } from '../../core/identities.ts';
import { adminPermission } from '../../core/identity.ts';
import { auditFieldsOf } from '../../core/request.ts';
import { aroundBody } from '../../http/request/around-body.ts';
import type { Origins } from '../../http/request/origins.ts';
import { throwRefusal, unwrap } from '../../http/response/refusals.ts';
import { reply } from '../../http/response/reply.ts';
import { mount, openRoute, type Route } from '../../http/route.ts';
import { keyAnswers, kismetAnswers, setupAnswers } from './answers.ts';
import type { KismetAuthenticator, KismetAuthenticatorParts } from './authenticator.ts';
import { createKismetAuthenticator, kismet } from './authenticator.ts';
import { newLogin, readNewLogin, usualName } from './bodies.ts';
import { type KeyRouteParts, keyRoutes } from './key-routes.ts';

export interface KismetParts extends KismetAuthenticatorParts {
	readonly identities: Identities;
	readonly origins: Origins;
	/** Config: `dialects.kismet.endSessions`. */
	readonly endSessions: boolean;
	/** Absent: the first login is not set here. */
	readonly firstSetup: FirstSetup | undefined;
	/** Absent: there are no keys. */
	readonly keys: KeyRouteParts | undefined;
}

export interface FirstSetup {
	/** Whether this request must bring the setup token. */
	needsToken(ctx: Context): boolean;
}

/** Kismet's logins and sessions. Source: Kismet's REST documentation, "Logins and sessions". Returns the authenticator for resources. */
export function openKismet(router: Router, parts: KismetParts): KismetAuthenticator {
	const { origins, keys } = parts;
	const authenticator = createKismetAuthenticator({ ...parts, apiTokens: keys?.apiTokens });
	const mounting = { origins, check: authenticator.check, exactMethods: true } as const;
	mount(router, [checkSetup(authenticator, parts)], { ...mounting, answers: setupAnswers });
	mount(router, [setPassword(authenticator, parts), ...checks(authenticator)], { ...mounting, answers: kismetAnswers });
	if (keys) mount(router, keyRoutes(authenticator, keys), { ...mounting, answers: keyAnswers });
	return authenticator;
}

function say(ctx: Context, words: string) {
	reply(ctx, `${words}\n`);
}

/** Looks at no credentials: Kismet's web UI sends some with every request, right or wrong. */
function checkSetup(authenticator: KismetAuthenticator, { configured }: KismetParts): Route {
	return openRoute({
		method: 'GET',
		path: '/session/check_setup_ok',
		async handle(ctx) {
			if (configured !== undefined) throwRefusal({ kind: 'set-in-configuration' });
			if (!(await authenticator.isSetUp())) throwRefusal({ kind: 'not-set-up' });
			say(ctx, 'Login configured in user config');
		},
	});
}

/**
 * The first password needs no login. Rule: Kismet, "Setting the initial password does not require a login"; so it is
 * where `firstSetup` asks for no token. Later ones need the present login, and "will not invalidate any current login
 * sessions" of Kismet's. Ours: a session is enough for five minutes; one that was left open or stolen, or that a page of
 * an application behind us uses, must not take the identity over.
 */
function setPassword(
	authenticator: KismetAuthenticator,
	{ configured, identities, endSessions, firstSetup }: KismetParts,
): Route {
	async function setFirst(ctx: Context) {
		if (firstSetup === undefined) throwRefusal({ kind: 'not-set-up' });
		const { username: name = usualName, password, token } = await readNewLogin(ctx);
		const method = token !== undefined || firstSetup.needsToken(ctx) ? 'setup-token' : 'local';
		unwrap(
			await identities.setUp({ name, password, method, token }, auditFieldsOf(authenticator.requestContextOf(ctx))),
		);
	}

	async function setNext(ctx: Context) {
		const present = async () => unwrap(await authenticator.checkProved(ctx));
		const [{ identity }, { username, password }] = await aroundBody(ctx, present, () => readNewLogin(ctx));
		// Ours: Kismet knows one login. Who is one of several keeps the name; administrators are renamed by the rule.
		const usual = identity.permissions.has(adminPermission) ? usualName : identity.name;
		const name = username ?? usual;
		const isAlive = async () => (await authenticator.checkProved(ctx)).ok;
		const how = { name, isAlive, ...(!endSessions && { exceptDialects: [kismet] }) };
		unwrap(await identities.replacePassword(identity, password, how, authenticator.requestContextOf(ctx)));
	}

	return openRoute({
		method: 'POST',
		path: '/session/set_password',
		body: newLogin,
		// A later one needs the present login first, and what stands in the configuration takes none at all.
		readBody: 'in-handler',
		async handle(ctx) {
			if (configured !== undefined) throwRefusal({ kind: 'set-in-configuration' });
			await ((await authenticator.isSetUp()) ? setNext(ctx) : setFirst(ctx));
			say(ctx, 'Login configured');
		},
	});
}

function checks(authenticator: KismetAuthenticator): Route[] {
	return [
		openRoute({
			method: 'GET',
			path: '/session/check_session',
			async handle(ctx) {
				unwrap(await authenticator.checkAccess(ctx));
				say(ctx, 'Session valid');
			},
		}),
		openRoute({
			method: 'GET',
			path: '/session/check_login',
			async handle(ctx) {
				unwrap(await authenticator.checkLogin(ctx));
				say(ctx, 'Login valid');
			},
		}),
	];
}
