import { availableParallelism } from 'node:os';
import Router from '@koa/router';
import type Koa from 'koa';
import type { Context } from 'koa';
import { examine, rulesOf, tlsFilesOf, trustFilesOf } from './compose/examine.ts';
import type { CopiesOf } from './compose/opened.ts';
import { openStores } from './compose/stores.ts';
import {
	countAnswers,
	tellMetrics,
	watchedAudit,
	watchedQueue,
	watchedSessions,
	watchedStores,
} from './compose/watched.ts';
import type { Config } from './config/schema.ts';
import { createActivity, holdMsFor } from './core/activity.ts';
import { createAttempts } from './core/attempts.ts';
import { type Clock, createClock } from './core/clock.ts';
import { type Credentials, createCredentials } from './core/credentials.ts';
import { createIdentities, type Identities } from './core/identities.ts';
import type { IdentityId } from './core/identity.ts';
import { parseIdentityName } from './core/identity.ts';
import { ensureOperatorLogin, type OperatorLogin } from './core/operator-login.ts';
import { createPasswords, parsePassword } from './core/password.ts';
import { createHashQueue } from './core/queue.ts';
import type { Outcome } from './core/refusal.ts';
import type { DialectName } from './core/session.ts';
import { createSessions, type Sessions } from './core/sessions.ts';
import { openInsights } from './dialect/insights/routes.ts';
import { kismet as kismetName } from './dialect/kismet/door.ts';
import { openKismet } from './dialect/kismet/routes.ts';
import { createKuraDoor } from './dialect/kura/door.ts';
import { identityRoutes } from './dialect/kura/identities.ts';
import { kuraRoutes } from './dialect/kura/routes.ts';
import { sessionRoutes } from './dialect/kura/sessions.ts';
import { setupRoutes } from './dialect/kura/setup.ts';
import { createDecide, type Decide } from './gateway/decide.ts';
import { createForwardAuth, forwardAuthPath } from './gateway/forward-auth.ts';
import type { CanonicalPath } from './gateway/path.ts';
import { createProtect } from './gateway/protect.ts';
import { createReverseProxy } from './gateway/reverse-proxy.ts';
import type { Rule } from './gateway/rules.ts';
import { plainAnswers } from './http/answers.ts';
import { type AppParts, answerPreflight, createApp, keepOwnPaths } from './http/app.ts';
import { type CertificateJudgement, type ClientTrust, peerCertificate } from './http/certificate.ts';
import { createClientOf } from './http/client.ts';
import { forwardedCertificate } from './http/client-cert-header.ts';
import { type ClientTrustFiles, openClientTrust } from './http/client-trust.ts';
import { mountConsole } from './http/console.ts';
import { createOrigins } from './http/cross-site.ts';
import { mountDocs } from './http/docs.ts';
import type { Door } from './http/door.ts';
import { followCertificates } from './http/follow-certificates.ts';
import { mountHealth } from './http/health.ts';
import { type Endpoint, type Listening, listen } from './http/listen.ts';
import { createLogs, type Logs } from './http/log.ts';
import { createMetrics, type Metrics } from './http/metrics.ts';
import { mountMetrics } from './http/metrics-route.ts';
import { mount } from './http/route.ts';
import { createSessionCookie } from './http/session-cookie.ts';
import { createShortWay } from './http/short-way.ts';
import { openTls } from './http/tls.ts';
import { clientOf, requestIdOf } from './http/visit.ts';
import { createArgon2Hasher } from './password/argon2.ts';
import { createCommonPasswords } from './password/common.ts';

/*
 * The one file that knows everybody: it puts parts together and decides nothing.
 */

/** Everything but HTTP: what the command line works with. */
export interface Core {
	readonly sessions: Sessions;
	readonly identities: Identities;
	readonly credentials: Credentials;
	/** See `core/operator-login.ts`. */
	ensureLogin(login: OperatorLogin): Promise<Outcome<void>>;
	/** What this process keeps of stores on other machines. */
	readonly copies: readonly CopiesOf[];
	/** Rejects where a store does not answer. */
	probe(): Promise<void>;
	close(): Promise<void>;
}

/**
 * Logs and audit go where the configuration says, or to whoever takes the lines; `quiet`: nothing of it to stdout (the
 * command line prints data there).
 */
export function openLogs({ log }: Config, to?: 'quiet' | { write(line: string): unknown }): Logs {
	return createLogs({
		level: to === 'quiet' ? 'silent' : log.level,
		...(log.auditFile !== undefined && { auditFile: log.auditFile }),
		...(typeof to === 'object' && { to: { write: (line) => void to.write(line) } }),
	});
}

/** For the parent of several processes that serve. */
export { gatherForWorkers } from './http/metrics-of-workers.ts';

/** A name that no identity has: asking for it shows that a store answers. */
const nobody = '00000000-0000-0000-0000-000000000000' as IdentityId;

/** Sessions that outlive a password change of their own protocol. Rule: Kismet, `/session/set_password`. */
const outliving: ReadonlySet<DialectName> = new Set([kismetName]);

/**
 * `clock`: one that is wound by hand, for whoever cannot wait for sessions to expire. `metrics`: for a service; a command
 * is over before anybody could ask.
 */
export async function openCore(
	config: Config,
	{ log, audit }: Logs,
	clock: Clock = createClock(),
	metrics: Metrics = createMetrics(),
): Promise<Core> {
	const opened = await openStores(config, clock, (store, isThere, cause) => {
		if (!isThere) log.debug({ cause }, `${store} is away`);
		audit.write({ act: isThere ? 'store-recovery' : 'store-outage', outcome: isThere ? 'ok' : 'refused', store });
	});
	const stores = watchedStores(opened, metrics);
	const { inactivityInterval, absoluteLifetime, mostPerIdentity } = config.session;
	const limits = { inactivityMs: inactivityInterval * 1000, lifetimeMs: absoluteLifetime * 1000 };
	const { concurrency, ...hashParameters } = config.passwordHash;
	const queue = createHashQueue({ width: concurrency || defaultHashWidth(), maxWaitMs: 2000 });
	const passwords = await createPasswords({
		hasher: createArgon2Hasher(hashParameters),
		queue: watchedQueue(queue, metrics),
		common: createCommonPasswords(),
		policy: config.passwordPolicy,
		onUnusableVerifier: () => log.error({}, 'a stored password verifier cannot be used: reset that password'),
	});
	const activity = createActivity({
		store: stores.sessions,
		clock,
		holdMs: holdMsFor(limits.inactivityMs),
		onFault: (cause) => log.warn({ cause }, 'last activity could not be written; it will be tried again'),
	});
	const attempts = createAttempts(stores.attempts, {
		limit: config.attempts.limit,
		windowMs: config.attempts.window * 1000,
	});
	const credentials = createCredentials({ identities: stores.identities, passwords, attempts, audit });
	const sessions = watchedSessions(
		createSessions({
			sessions: stores.sessions,
			identities: stores.identities,
			credentials,
			activity,
			clock,
			limits,
			mostPerIdentity,
			outliving,
			audit,
		}),
		metrics,
	);
	const identities = createIdentities({
		identities: stores.identities,
		sessions,
		credentials,
		passwords,
		clock,
		audit,
	});
	tellMetrics(metrics, stores, queue);
	return {
		sessions,
		identities,
		credentials,
		copies: stores.copies,
		ensureLogin: (login) => ensureOperatorLogin({ identities, passwords }, login),
		async probe() {
			await Promise.all([stores.identities.find(nobody), stores.sessions.list(nobody, 1)]);
		},
		async close() {
			await activity.stop();
			await stores.sessions.close();
			await stores.identities.close();
		},
	};
}

function defaultHashWidth(): number {
	return Math.max(1, availableParallelism() - 1);
}

/** What only whoever listens can say: `openService`, or an app of somebody else's (`embed.ts`). */
export interface Listener {
	/** The CA of client certificates. Absent: none are looked at. */
	readonly trustFiles?: ClientTrustFiles | undefined;
	/** Where they are asked for. */
	certificatePorts(): readonly number[];
	/** The files of certificates may have changed. */
	reloadTls?(): void;
	/** Before the first request: who may make the first identity, if there is none. */
	prepare?: ((core: Core) => Promise<void>) | undefined;
}

/** The routes on their app, and the core below them: everything but a server. */
export interface Composed {
	readonly core: Core;
	readonly app: Koa;
	readonly router: Router;
	/** For an app beside this one. */
	readonly appParts: AppParts;
	readonly metrics: Metrics;
	readonly doors: readonly Door[];
	readonly decide: Decide;
	readonly ruleOf: (path: CanonicalPath) => Rule | undefined;
	readonly trust: ClientTrust | undefined;
	/** Reads the files of certificates again. */
	reload(): void;
	close(): Promise<void>;
}

/** Milliseconds between two housekeepings. */
const sweepEveryMs = 60_000;

/** `clock`: as in `openCore`. */
export async function composeApp(
	config: Config,
	logs: Logs,
	listener: Listener,
	clock: Clock = createClock(),
): Promise<Composed> {
	const { log } = logs;
	const metrics = createMetrics();
	const audit = watchedAudit(logs.audit, metrics);
	// What may be wrong with the configuration comes first, while nothing is open.
	const ruleOf = rulesOf(config);
	const trust = listener.trustFiles && openClientTrust(listener.trustFiles, { clock, log });
	const operatorLogin = kismetLoginOf(config);
	const origins = createOrigins(config.allowedOrigins, audit);
	const appParts = { log, clientOf: createClientOf(config.trustedProxies), origins, answered: countAnswers(metrics) };
	const core = await openCore(config, { log, audit }, clock, metrics);
	const { sessions, identities, credentials } = core;
	await prepare(core, listener, operatorLogin);
	const app = createApp(appParts);
	const { pollingCounts, cookieName, afterPasswordChange } = config.session;

	/** The certificate of the connection, or the one that a trusted proxy saw. */
	function certificateOf(ctx: Context): CertificateJudgement {
		const judged =
			clientOf(ctx).viaTrustedProxy && ctx.req.headers['client-cert'] !== undefined
				? forwardedCertificate(ctx.get('Client-Cert'), trust)
				: peerCertificate(ctx.req.socket, trust);
		if (judged.kind === 'refused') {
			log.info({ flaw: judged.flaw, requestId: requestIdOf(ctx) }, 'client certificate refused');
		}
		return judged;
	}

	const router = new Router({ sensitive: true, strict: true });
	const kura = createKuraDoor({ sessions, credentials, cookieName, auth: config.auth, certificateOf });
	// A dialect is a folder and a line here. Kismet before Kura: where both take Basic, it opens a session.
	const { kismet, insights } = config.dialects;
	const { endSessions } = kismet;
	const common = { sessions, identities, credentials, origins };
	const doors = [
		...(kismet.enabled ? [openKismet(router, { ...common, endSessions, configured: operatorLogin?.name })] : []),
		...(insights.enabled ? [openInsights(router, common)] : []),
		kura,
	];
	const kuraParts = {
		sessions,
		identities,
		door: kura,
		cookie: createSessionCookie(app, cookieName),
		certificateOf,
		auth: config.auth,
		afterPasswordChange,
		pollingCounts,
		banner: config.banner,
		certificatePorts: () => (trust ? listener.certificatePorts() : []),
	};
	const routes = [
		...kuraRoutes(kuraParts),
		...setupRoutes({ identities, door: kura, policy: config.passwordPolicy }),
		...(config.auth.sessions ? [...sessionRoutes({ sessions, identities }), ...identityRoutes({ identities })] : []),
	];
	mount(router, routes, { answers: plainAnswers, origins, check: kura.check });

	const decide = createDecide({ doors, origins, audit });
	router.all(forwardAuthPath, createForwardAuth({ decide, ruleOf, pollingCounts }));
	app.use(createShortWay(router));
	app.use(router.routes());
	app.use(answerPreflight(origins));
	app.use(router.allowedMethods());
	app.use(keepOwnPaths);

	const sweeping = every(
		sweepEveryMs,
		() => sweep(sessions),
		(cause) => log.warn({ cause }, 'expired sessions could not be swept'),
	);
	const following = followCertificates(trust, () => listener.reloadTls?.());

	return {
		core,
		app,
		router,
		appParts,
		metrics,
		doors,
		decide,
		ruleOf,
		trust,
		reload: following.lookNow,
		async close() {
			clearInterval(sweeping);
			following.stop();
			await core.close();
		},
	};
}

/** The whole service, listening. */
export interface Service {
	readonly core: Core;
	readonly urls: readonly string[];
	/** Reads certificates, keys and revocation lists again. */
	reload(): void;
	/** Answers 503 on `/health/ready` from now on, finishes what is under way, and closes the stores. */
	close(): Promise<void>;
}

/** Milliseconds for requests under way when told to stop: container engines kill what has not ended after ten seconds. */
const drainMs = 9000;
/** Milliseconds between two looks at the session of an open WebSocket. */
const tunnelCheckMs = 15_000;

export async function openService(
	config: Config,
	logs: Logs,
	clock?: Clock,
	prepare?: Listener['prepare'],
): Promise<Service> {
	const { log } = logs;
	examine(config);
	let listening: Listening | undefined;
	let stopping = false;
	const listener: Listener = {
		trustFiles: trustFilesOf(config),
		certificatePorts: () => listening?.tlsPorts ?? [],
		reloadTls: () => listening?.reloadTls(),
		prepare,
	};
	const composed = await composeApp(config, logs, listener, clock);
	const { core, app, router, metrics, doors, decide, ruleOf, trust } = composed;
	if (config.metrics.enabled) mountMetrics(router, { allow: config.metrics.allow, now: metrics.now });
	mountHealth(router, { probe: core.probe, isServing: () => !stopping, log });
	mountDocs(router);
	mountConsole(router);
	const proxy = createReverseProxy({ connectTimeoutMs: 5000, timeoutMs: 60_000 });
	app.use(createProtect({ decide, ruleOf, proxy, doors, log, tunnelCheckMs }));

	try {
		listening = await listen({ handler: app.callback(), endpoints: endpointsOf(config, trust, log), log });
	} catch (fault) {
		await composed.close();
		throw fault;
	}

	return {
		core,
		urls: listening.urls,
		reload: composed.reload,
		async close() {
			stopping = true;
			await listening?.close(drainMs);
			proxy.close();
			await composed.close();
		},
	};
}

function kismetLoginOf({ dialects: { kismet } }: Config): OperatorLogin | undefined {
	if (!kismet.enabled || kismet.password === undefined) return undefined;
	const name = parseIdentityName(kismet.username ?? 'kismet');
	const password = parsePassword(kismet.password);
	if (name === undefined || password === undefined) throw new Error('dialects.kismet: cannot be a login');
	return { name, password };
}

async function prepare(core: Core, listener: Listener, login: OperatorLogin | undefined): Promise<void> {
	try {
		await listener.prepare?.(core);
		const ensured = login && (await core.ensureLogin(login));
		if (ensured && !ensured.ok) throw new Error(`dialects.kismet: the login cannot be made: ${ensured.refusal.kind}`);
	} catch (fault) {
		await core.close();
		throw fault;
	}
}

function endpointsOf(config: Config, trust: ClientTrust | undefined, log: Logs['log']): Endpoint[] {
	const { http, https } = config;
	const plain = { host: http.host, port: http.port };
	const files = tlsFilesOf(config);
	return https && files ? [plain, { host: https.host, port: https.port, tls: openTls(files, trust, log) }] : [plain];
}

/** Batch after batch, with a pause in between, until nothing is left that is over. */
async function sweep(sessions: Sessions): Promise<void> {
	while ((await sessions.sweep()) > 0) await new Promise((done) => setTimeout(done, 10));
}

function every(ms: number, act: () => Promise<void>, onFault: (cause: unknown) => void): NodeJS.Timeout {
	let running = false;
	const timer = setInterval(() => {
		if (running) return;
		running = true;
		act()
			.catch(onFault)
			.finally(() => {
				running = false;
			});
	}, ms);
	return timer.unref();
}
