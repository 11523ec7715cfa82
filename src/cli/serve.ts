import { setTimeout as sleep } from 'node:timers/promises';
import {
	answerPrimary,
	apiDocsNotBuilt,
	areApiDocsBuilt,
	type Core,
	consoleNotBuilt,
	isConsoleBuilt,
	openLogs,
	openService,
	type Service,
} from '../app/service.ts';
import { examine } from '../app/validate.ts';
import { greet, makeFirstAdministrator } from './first-run.ts';
import type { Common } from './identity.ts';
import { Failed, say, sayWhereMetricsAre, styled } from './output.ts';
import { readSettings, type Settings } from './settings.ts';
import { atSecondSignal, toldToStop } from './stopping.ts';
import { tellSystemd } from './systemd.ts';
import { versionOfPackage } from './version.ts';
import { isFirstWorker, isWorker, serveByWorkers, shareOfCores, tellObjection, tellReady } from './workers.ts';

type Logs = ReturnType<typeof openLogs>;

/** Milliseconds to end in when told to: container engines kill what has not ended after ten seconds. */
const stopMs = 9800;
/** Milliseconds between two attempts to ask a store that was away when the service began. */
const retryMs = 1000;

/** Runs until SIGTERM or SIGINT; then what is under way may finish. A second signal ends it at once. */
export async function serve({ workers, ...options }: Common & { workers: number }): Promise<void> {
	const settings = readSettings(options.config);
	if (isWorker()) return serveAsWorker({ ...settings, config: shareOfCores(settings.config, workers) });
	examine(settings.config, settings.placeOf);
	sayWhatIsNotBuilt(settings.config);
	if (workers === 1) return serveAlone(settings);
	await serveByWorkers(shareOfCores(settings.config, workers), workers);
}

/** Only in a checkout: the package brings it along. */
function sayWhatIsNotBuilt({ console, docs }: Settings['config']): void {
	if (console.enabled && !isConsoleBuilt()) say(`${consoleNotBuilt}. Everything else is served.`);
	if (docs.enabled && !areApiDocsBuilt()) say(`${apiDocsNotBuilt}. Everything else is served.`);
}

async function serveAlone(settings: Settings): Promise<void> {
	const { config } = settings;
	let isServing = false;
	const told = toldToStop().then(() => {
		say(styled('dim', isServing ? 'stopping: letting requests under way finish' : 'stopping before it serves'));
		// Whatever the start waits for, as a store that does not answer. What it writes survives any end.
		if (!isServing) process.exit(0);
	});
	const logs = openLogs(config);
	const reload = reloadAtHangup(logs);
	const first = (core: Core) => makeFirstAdministrator(core, process.env);
	const service = await openService(config, logs, { prepare: first, source: settings.source });
	isServing = true;
	reload.service = service;
	for (const url of service.urls) say(`${styled('green', 'listening on')} ${styled('bold', url)}`);
	sayWhereMetricsAre(service.metricsUrl);
	void tellSystemd('READY=1');
	service.core.startHashing();
	const stopping = new AbortController();
	void greetOnce(service, settings, stopping.signal, () =>
		logs.audit.write({ act: 'start', outcome: 'ok', version: versionOfPackage() }),
	);
	const objection = await Promise.race([told, service.objection]);
	void tellSystemd('STOPPING=1');
	stopping.abort();
	atSecondSignal(() => process.exit(1));
	await closeInTime(service, logs);
	logs.audit.write({ act: 'stop', outcome: 'ok' });
	if (objection) throw new Failed(objection);
}

/** One of several: its parent speaks for all of them, and replaces it when it dies. */
async function serveAsWorker(settings: Settings): Promise<void> {
	const { config } = settings;
	process.on('SIGINT', () => undefined);
	const first = isFirstWorker() ? (core: Core) => makeFirstAdministrator(core, process.env) : undefined;
	const logs = openLogs(config);
	const reload = reloadAtHangup(logs);
	const service = await openService(config, logs, { prepare: first, metricsFor: 'worker', source: settings.source });
	reload.service = service;
	const told = toldToStop(['SIGTERM']);
	answerPrimary(service.metrics);
	tellReady({ urls: service.urls });
	service.core.startHashing();
	const stopping = new AbortController();
	if (isFirstWorker()) void greetOnce(service, settings, stopping.signal);
	void service.objection.then(tellObjection);
	await told;
	stopping.abort();
	await closeInTime(service, logs);
	process.disconnect();
}

/** SIGHUP would end a process that does not heed it, while it starts, too. */
function reloadAtHangup(logs: Logs): { service?: Service } {
	const served: { service?: Service } = {};
	process.on('SIGHUP', () => {
		logs.reopen();
		served.service?.reload();
	});
	return served;
}

/**
 * Says how to make the first identity where there is none. A store that is away for the moment is asked again until it
 * answers: what serves must not depend on it. `begun` is called after the first answer, or the first failure. Never rejects.
 */
async function greetOnce(
	service: Service,
	settings: Settings,
	stopping: AbortSignal,
	begun: () => void = () => undefined,
): Promise<void> {
	const attempt = () =>
		greet(service, settings).then(
			() => undefined,
			({ message, cause }: Error) => (cause instanceof Error ? `${message}: ${cause.message}` : message),
		);
	let failure = await attempt();
	begun();
	if (failure !== undefined) say(`whether there is an identity yet cannot be said: ${failure}. It is asked again.`);
	while (failure !== undefined && !stopping.aborted) {
		await sleep(retryMs, undefined, { ref: false, signal: stopping }).catch(() => undefined);
		if (!stopping.aborted) failure = await attempt();
	}
}

/** A store that is away must not keep the process. */
async function closeInTime(service: Service, { log }: Logs): Promise<void> {
	const late = sleep(stopMs, 'late' as const, { ref: false });
	try {
		if ((await Promise.race([service.close(), late])) === 'late') log.warn({}, 'not all could be closed in time');
	} catch (cause) {
		log.warn({ cause }, 'not all could be closed');
	}
}
