import { setImmediate as nextTurn } from 'node:timers/promises';
import type Router from '@koa/router';
import type Koa from 'koa';
import type { Middleware } from 'koa';
import { type ClientTrustFiles, openClientTrust } from '../certificates/client-trust.ts';
import { type ClientTrust, isTakenBack } from '../certificates/verdict.ts';
import { followCertificates } from '../certificates/watch-files.ts';
import type { Config } from '../config/schema.ts';
import { type Clock, createClock } from '../core/clock.ts';
import type { InvitationCode } from '../core/invitation.ts';
import { dayMs } from '../core/new-api-token.ts';
import { openInsights } from '../dialect/insights/routes.ts';
import { createFirstSetup } from '../dialect/kismet/first-setup.ts';
import { openKismet } from '../dialect/kismet/routes.ts';
import { applicationsRoute } from '../dialect/kura/applications.ts';
import { createKuraAuthenticator } from '../dialect/kura/authenticator.ts';
import { continueRoute } from '../dialect/kura/continue.ts';
import { kuraRoutes } from '../dialect/kura/routes.ts';
import { sessionRoutes } from '../dialect/kura/sessions.ts';
import { policyRoute, setupRoutes } from '../dialect/kura/setup.ts';
import { tokenRoutes } from '../dialect/kura/tokens.ts';
import { createApplications } from '../gateway/applications.ts';
import { createDecide, type Decide } from '../gateway/authorize.ts';
import { createEnter, createHandOver, enterPath } from '../gateway/enter.ts';
import { createForwardAuth, extAuthzPath, forwardAuthPath } from '../gateway/forward-auth.ts';
import { createOnward } from '../gateway/onward.ts';
import { type AppParts, createApp } from '../http/app.ts';
import type { Authenticator } from '../http/authenticator.ts';
import { putInOrder } from '../http/order.ts';
import { createClientOf } from '../http/request/client.ts';
import { createOrigins } from '../http/request/origins.ts';
import { plainAnswers } from '../http/response/default-answers.ts';
import { hstsOf } from '../http/response/security-headers.ts';
import { createRouter, methodsOn, mount } from '../http/route.ts';
import { createSessionCookie } from '../http/session-cookie.ts';
import type { Logs } from '../observability/log.ts';
import type { Metrics } from '../observability/metrics.ts';
import { administrationRoutes } from './administration.ts';
import { createCertificateOf } from './client-certificate.ts';
import { prepare } from './configured-login.ts';
import { type Core, type OpenHashThreads, openCore } from './core.ts';
import type { PlaceOf } from './gate.ts';
import { countAnswers, instrumentedAudit } from './instrument.ts';
import { openKuraIdentity } from './kura-identity.ts';
import { kismetLoginOf } from './operator-login.ts';
import { applicationsParts, createLivePolicy, type LivePolicy, policyOf } from './policy.ts';
import { createIsHidden, createIsHiddenAt } from './portal-only.ts';
import { queryLoginOf } from './query-login.ts';
import { startSweeping } from './sweep.ts';
import { openBearer, openKuraTokens } from './token-pairs.ts';
import { waysInOf } from './ways-in.ts';

/** What only the listener can say: `openService`, or an app of somebody else's (`embed.ts`). */
export interface Listener {
	/** Config: `https.hsts`. Absent: the listener says it, or nobody does. */
	readonly hsts?: number | false;
	/** The CA of client certificates. Absent: none are looked at. */
	readonly trustFiles?: ClientTrustFiles | undefined;
	/** Where they are asked for, or nothing known of it; `undefined`: nowhere but at trusted proxies. */
	certificatePorts(): readonly number[] | undefined;
	/** Where the console stands. Absent: it is not served. */
	readonly consolePath?: string;
	/** Absent: nothing is counted. */
	readonly metrics?: Metrics | undefined;
	/** Where a key of the configuration stands. Absent: in no file. */
	readonly placeOf?: PlaceOf | undefined;
	/** The files of certificates may have changed. */
	reloadTls?(): void;
	/** Threads that several services of one process share. Absent: threads of its own. */
	readonly openHashThreads?: OpenHashThreads | undefined;
	/** Before the first request: who may make the first identity, if there is none. */
	prepare?: ((core: Core) => Promise<void>) | undefined;
	/**
	 * Whether the first administrator may be made over HTTP. `by-token`: with the setup token; `as-service`: and
	 * by Kismet's clients on this machine, for a while.
	 */
	readonly firstSetup: 'off' | 'by-token' | 'as-service';
}

/** The routes on their app, and the core below them: everything but a server. */
export interface Composed {
	readonly core: Core;
	/** For paths of ours that are mounted before the app is asked for. */
	readonly router: Router;
	/** Our own paths, and what all others belong to. To be asked for once. */
	appWith(gateway?: Middleware): Koa;
	/** For an app beside this one. */
	readonly appParts: AppParts;
	readonly authenticators: readonly Authenticator[];
	readonly decide: Decide;
	readonly policy: LivePolicy;
	readonly trust: ClientTrust | undefined;
	/** Reads the files of certificates again. */
	reload(): void;
	close(): Promise<void>;
}

/** `clock`: as in `openCore`. */
export async function composeApp(
	config: Config,
	logs: Logs,
	listener: Listener,
	clock: Clock = createClock(),
): Promise<Composed> {
	const { log } = logs;
	const { metrics } = listener;
	const lines = metrics ? instrumentedAudit(logs.audit, metrics) : logs.audit;
	// What may be wrong with the configuration comes first, while nothing is open.
	const policy = createLivePolicy(policyOf(config, listener.consolePath, listener.placeOf));
	const trust = listener.trustFiles && openClientTrust(listener.trustFiles, { clock, log });
	const operatorLogin = kismetLoginOf(config);
	const core = await openCore(config, { log, audit: lines }, clock, metrics, listener.openHashThreads);
	const { sessions, identities, credentials, apiTokens, audit } = core;
	const origins = createOrigins(config.allowedOrigins, audit);
	const router = createRouter();
	const isHidden = createIsHidden(config, () => policy.present.portalHosts);
	const appParts: AppParts = {
		log,
		clientOf: createClientOf(config.trustedProxies),
		origins,
		answered: metrics && countAnswers(metrics),
		hsts: hstsOf(listener.hsts),
		methodsOf: (ctx) => (isHidden(ctx) ? [] : methodsOn(router, ctx.path)),
	};
	await prepare(core, listener, operatorLogin);
	const app = createApp();
	const { pollingCounts, cookieName, afterPasswordChange } = config.session;

	const certificateOf = createCertificateOf(trust, log);
	const auth = waysInOf(config);
	const bearer = openBearer(config, core);
	const kura = createKuraAuthenticator({ sessions, credentials, cookieName, auth, certificateOf, bearer });
	// A dialect is a folder and a line here. Kismet before Kura: where both take Basic, it opens a session.
	const { kismet, insights } = config.dialects;
	const { endSessions, roles, keyLifetimeDays } = kismet;
	const queryLogin = kismet.enabled && kismet.queryLogin ? queryLoginOf(origins) : undefined;
	const keys = auth.tokens ? { apiTokens, clock, roles, longestKeyMs: keyLifetimeDays * dayMs } : undefined;
	const common = { sessions, identities, credentials, origins };
	const kismetSetup = {
		off: undefined,
		'by-token': { needsToken: () => true },
		'as-service': createFirstSetup(clock),
	}[listener.firstSetup];
	const kismetParts = {
		...common,
		endSessions,
		configured: operatorLogin?.name,
		firstSetup: kismetSetup,
		keys,
		queryLogin,
	};
	const authenticators = [
		...(kismet.enabled ? [openKismet(router, kismetParts)] : []),
		...(insights.enabled ? [openInsights(router, common)] : []),
		kura,
	];
	const banner = typeof config.banner === 'object' ? config.banner : { beforeLogin: config.banner };
	const cookie = createSessionCookie(app, cookieName);
	const kuraParts = {
		...core.factorParts,
		sessions,
		identities,
		linkOf: (code: InvitationCode) => policy.present.invitationLink(code),
		...{ invitations: core.invitations, passkeys: core.passkeys },
		policy: core.passwordPolicy,
		authenticator: kura,
		cookie,
		certificateOf,
		auth,
		afterPasswordChange,
		pollingCounts,
		banner,
		certificatePorts() {
			if (trust === undefined) return undefined;
			const ports = listener.certificatePorts();
			return ports || (config.trustedProxies.length > 0 ? [] : undefined);
		},
	};
	const isHiddenAt = createIsHiddenAt(config);
	const isOwn = (host: string, path: string) =>
		!isHiddenAt(policy.present.portalHosts, path, () => host) && router.match(path, '').path.length > 0;
	const routes = [
		...kuraRoutes(kuraParts),
		...(listener.firstSetup === 'off'
			? []
			: setupRoutes({ identities, authenticator: kura, keepsSessions: auth.sessions })),
		policyRoute(core.passwordPolicy),
		...(config.auth.sessions
			? [
					...sessionRoutes({ sessions, identities, cookie, afterLogin: banner.afterLogin }),
					...administrationRoutes(config, { core, policy, cookie, isOwn, clock }),
					...(auth.tokens ? tokenRoutes(core) : []),
					applicationsRoute(
						createApplications({ ...applicationsParts(config, policy, listener.consolePath), sessions }),
					),
					continueRoute({
						judge: createOnward({ ...policy, sessions }),
						handOver: createHandOver(sessions.handover),
						requestContextOf: kura.requestContextOf,
					}),
				]
			: []),
		...openKuraIdentity(config, { core, policy, authenticator: kura }),
		...openKuraTokens(config, core.tokenPairs, kura),
	];
	mount(router, routes, { answers: plainAnswers, origins, check: kura.check });

	const decide = createDecide({ authenticators, bearer, origins, audit });
	const forwardAuth = createForwardAuth({ ...policy, decide, authenticators, pollingCounts });
	router.all(forwardAuthPath, forwardAuth.verify);
	router.all(`${extAuthzPath}/{*path}`, forwardAuth.extAuthz);
	if (config.auth.sessions) {
		router.get(
			enterPath,
			createEnter({ ...policy, handover: sessions.handover, cookie, requestContextOf: kura.requestContextOf }),
		);
	}

	const stopSweeping = startSweeping(core, log);
	const following = followCertificates({
		trust,
		reloadTls() {
			listener.reloadTls?.();
			policy.present.gate.lookAgain((key, reason) =>
				log.error({ key, reason }, 'credentials for an upstream cannot be read; those read before stay'),
			);
		},
		judgeSessions: (by) => sessions.endRefused((certificate) => isTakenBack(certificate, by), nextTurn),
		clock,
		log,
	});

	return {
		core,
		router,
		appWith: (gateway) => putInOrder(app, appParts, { router, isHidden, first: queryLogin?.take, gateway }),
		appParts,
		authenticators,
		decide,
		policy,
		trust,
		reload: following.lookNow,
		async close() {
			stopSweeping();
			await following.stop();
			await core.close();
		},
	};
}
