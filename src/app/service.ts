import { isatty } from 'node:tty';
import { openTls } from '../certificates/server-tls.ts';
import type { ClientTrust } from '../certificates/verdict.ts';
import { type Config, defaultHsts } from '../config/schema.ts';
import { type Clock, createClock } from '../core/clock.ts';
import { createProtect } from '../gateway/protect.ts';
import { createReverseProxy } from '../gateway/proxy/reverse-proxy.ts';
import { createReauthorize } from '../gateway/reauthorize.ts';
import { handlerOf } from '../http/app.ts';
import { type CloseOptions, type Endpoint, type Listening, listen } from '../http/server/listen.ts';
import { createLogs, type Logs } from '../observability/log.ts';
import type { Metrics, Snapshot } from '../observability/metrics.ts';
import { mountDocs } from '../pages/api-docs.ts';
import { mountBranding } from '../pages/branding.ts';
import { mountConsole } from '../pages/console-files.ts';
import { mountHealth } from '../pages/health.ts';
import { mountIcons } from '../pages/icons.ts';
import { listenForMetrics, type MetricsListening } from '../pages/metrics-listener.ts';
import { mountWellKnown } from '../pages/well-known.ts';
import { composeApp, type Listener } from './app.ts';
import type { Core } from './core.ts';
import { wellKnownPages } from './own-paths.ts';
import { type ConfigSource, followConfig } from './reload.ts';
import { examine, tlsFilesOf, trustFilesOf } from './validate.ts';
import { warningsOf } from './warnings.ts';

/*
 * The one file that knows everybody: it puts parts together and decides nothing.
 */

export { prettyLine } from '../observability/pretty.ts';
export { apiDocsNotBuilt, areApiDocsBuilt } from '../pages/api-docs.ts';
export { consoleNotBuilt, isConsoleBuilt } from '../pages/console-files.ts';
export { type Composed, composeApp } from './app.ts';
export { type Core, openCore } from './core.ts';
export type { ConfigSource } from './reload.ts';

/**
 * Logs and audit go where the configuration says, or to the caller that takes the lines; `quiet`: nothing of it to stdout (the
 * command line prints data there).
 */
export function openLogs({ log }: Config, to?: 'quiet' | { write(line: string): unknown }): Logs {
	return createLogs({
		level: to === 'quiet' ? 'silent' : log.level,
		format: log.format === 'auto' ? (isatty(1) ? 'pretty' : 'json') : log.format,
		...(log.auditFile !== undefined && { auditFile: log.auditFile }),
		...(typeof to === 'object' && { to: { write: (line) => void to.write(line) } }),
	});
}

export { answerPrimary, createGatheringFromWorkers } from '../observability/cluster-metrics.ts';
/** For several processes that serve, and their parent. */

/** The listener that `metrics` asks for; `undefined`: it asks for none. */
export async function openMetrics(
	{ metrics: { host, port } }: Config,
	gather: () => Promise<readonly Snapshot[]>,
	log: Logs['log'],
): Promise<MetricsListening | undefined> {
	return port === undefined ? undefined : listenForMetrics({ host, port, gather, log });
}

/** The whole service, listening. */
export interface Service {
	readonly core: Core;
	readonly urls: readonly string[];
	/** Absent: there is no console. */
	readonly consolePath?: string;
	/** Where the metrics are read: `http://127.0.0.1:9464/metrics`. Absent: nowhere, `metrics.port` asks for no listener. */
	readonly metricsUrl: string | undefined;
	/** The metrics of this process; empty where it has none. Never rejects. */
	metrics(): Promise<Snapshot>;
	/** Resolves where nobody is to be served any more, with why: the store was moved. It goes on until it is closed. */
	readonly objection: Promise<string>;
	/** Reads certificates, keys and revocation lists again, and the rules. */
	reload(): void;
	/**
	 * Answers 503 on `/health/ready` from now on, finishes what is under way, and closes the stores. Connections are taken
	 * for `graceMs` more: a second by default, so that load balancers learn of it.
	 */
	close(options?: Pick<CloseOptions, 'graceMs'>): Promise<void>;
}

/** Milliseconds for requests under way when told to stop: container engines kill what has not ended after ten seconds. */
const drainMs = 9000;
/** Milliseconds between two looks at the session of an open WebSocket. */
const tunnelCheckMs = 15_000;

interface ServiceOptions extends Pick<Listener, 'prepare' | 'openHashThreads'> {
	/** One that is set by hand. */
	readonly clock?: Clock | undefined;
	/** `worker`: its parent has the listener, and gathers the metrics of all its workers. */
	readonly metricsFor?: 'worker';
	/** Absent: there is no file that could change. */
	readonly source?: ConfigSource | undefined;
}

export async function openService(
	config: Config,
	logs: Logs,
	{ clock = createClock(), prepare, openHashThreads, metricsFor, source }: ServiceOptions = {},
): Promise<Service> {
	const { log } = logs;
	examine(config);
	for (const warning of warningsOf(config)) log.warn({ warning }, 'the configuration may not do what is meant');
	let listening: Listening | undefined;
	let stopping = false;
	const metrics = await metricsOf(config);
	const listener: Listener = {
		hsts: config.https?.hsts ?? defaultHsts,
		trustFiles: trustFilesOf(config),
		certificatePorts: () => (tlsFilesOf(config) ? listening?.tlsPorts : undefined),
		reloadTls: () => listening?.reloadTls(),
		prepare,
		openHashThreads,
		metrics,
		...(config.console.enabled && { consolePath: config.console.path }),
		placeOf: source?.loaded.placeOf,
		firstSetup: 'as-service',
	};
	const composed = await composeApp(config, logs, listener, clock);
	const { core, router, appParts, authenticators, decide, policy, trust } = composed;
	const probe = async () => {
		logs.probe();
		await core.probe();
	};
	mountHealth(router, { probe, isServing: () => !stopping, log });
	if (config.docs.enabled) mountDocs(router, config.console.path);
	if (config.console.enabled) {
		const brand = () => policy.present.branding.brand;
		mountConsole(router, config.console.path, undefined, brand);
		mountBranding(router, config.console.path, brand);
		mountIcons(router, config.console.path, (name) => policy.present.gate.applications.icons.get(name));
	}
	if (wellKnownPages(config).length > 0) {
		const passkeyPageOf = (origin: string) => core.passkeys.relyingPartyOf(origin)?.origins[0];
		mountWellKnown(router, { consolePath: config.console.path, passkeyPageOf });
	}
	const proxy = createReverseProxy({ connectTimeoutMs: 5000, timeoutMs: 60_000 });
	const reauthorize = createReauthorize(core);
	const app = composed.appWith(
		createProtect({
			...{ ...policy, decide, reauthorize, proxy, authenticators, log, tunnelCheckMs },
			origins: appParts.origins,
			onCredentialsRefused: metrics && ((credentials) => metrics.upstreamRefusals.inc({ credentials })),
		}),
	);

	const snapshot = async () => (await metrics?.snapshot()) ?? [];
	let metricsListening: MetricsListening | undefined;
	try {
		if (metricsFor !== 'worker') metricsListening = await openMetrics(config, async () => [await snapshot()], log);
		listening = await listen({
			handler: handlerOf(app, log),
			endpoints: endpointsOf(config, trust, log),
			log,
			answered: appParts.answered,
			hsts: appParts.hsts,
		});
	} catch (fault) {
		await metricsListening?.close();
		await composed.close();
		throw fault;
	}

	const { promise: objection, resolve } = Promise.withResolvers<string>();
	const stopLooking = core.followNotes((found) => {
		log.error({}, found);
		resolve(found);
	});
	const following =
		source &&
		followConfig({
			...{ source, config, policy, clock, log },
			consolePath: listener.consolePath,
			audit: core.audit,
			onFailure: () => metrics?.reloadFailures.inc(),
		});
	return {
		core,
		urls: listening.urls,
		...(config.console.enabled && { consolePath: config.console.path }),
		metricsUrl: metricsListening?.url,
		metrics: snapshot,
		objection,
		reload() {
			composed.reload();
			following?.lookNow();
		},
		async close({ graceMs } = {}) {
			stopping = true;
			following?.stop();
			stopLooking();
			// A WebSocket has no end that could be waited for.
			await Promise.all([
				listening?.close({ patienceMs: drainMs, graceMs, ending: proxy.close }),
				metricsListening?.close(),
			]);
			await composed.close();
		},
	};
}

/** Loaded only where they are asked for: at every start, prom-client would cost as much again as Node itself. */
async function metricsOf({ metrics: { port } }: Config): Promise<Metrics | undefined> {
	if (port === undefined) return undefined;
	const { createMetrics } = await import('../observability/metrics.ts');
	return createMetrics();
}

function endpointsOf(config: Config, trust: ClientTrust | undefined, log: Logs['log']): Endpoint[] {
	const { http, https } = config;
	const plain = { host: http.host, port: http.port };
	const files = tlsFilesOf(config);
	return https && files ? [plain, { host: https.host, port: https.port, tls: openTls(files, trust, log) }] : [plain];
}
