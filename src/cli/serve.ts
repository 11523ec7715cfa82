import { type Core, openLogs, openService, tellPrimary } from '../compose.ts';
import { ensureConsole } from './console.ts';
import { greet, makeFirstAdministrator } from './first-run.ts';
import type { Common } from './identity.ts';
import { say, sayWhereMetricsAre, styled } from './output.ts';
import { readSettings } from './settings.ts';
import { toldToStop } from './stopping.ts';
import { isFirstWorker, isWorker, serveByWorkers, shareOfCores, tellReady } from './workers.ts';

/** Runs until SIGTERM or SIGINT; then what is under way may finish. A second signal ends it at once. */
export async function serve({ workers, ...options }: Common & { workers: number }): Promise<void> {
	const settings = readSettings(options.config);
	if (workers === 1) return serveAlone(settings);
	const config = shareOfCores(settings.config, workers);
	if (isWorker()) return serveAsWorker({ ...settings, config });
	if (!(await ensureConsole())) say('the console could not be built: everything else works');
	await serveByWorkers(config, workers);
}

type Settings = ReturnType<typeof readSettings>;

async function serveAlone({ config, file }: Settings): Promise<void> {
	// Also while it starts: as the first process of a container it would not be stopped otherwise.
	const told = toldToStop();
	const logs = openLogs(config);
	const first = (core: Core) => makeFirstAdministrator(core, process.env);
	if (!(await ensureConsole())) say('the console could not be built: everything else works');
	const service = await openService(config, logs, undefined, first);
	for (const url of service.urls) say(`${styled('green', 'listening on')} ${styled('bold', url)}`);
	sayWhereMetricsAre(service.metricsUrl);
	service.core.startHashing();
	await greet(service, file);
	logs.audit.write({ act: 'start', outcome: 'ok' });
	process.on('SIGHUP', () => service.reload());
	await told;
	say(styled('dim', 'stopping: letting requests under way finish'));
	for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => process.exit(1));
	await service.close();
	logs.audit.write({ act: 'stop', outcome: 'ok' });
}

/** One of several: its parent speaks for all of them, and replaces it when it dies. */
async function serveAsWorker({ config, file }: Settings): Promise<void> {
	process.on('SIGINT', () => undefined);
	const first = isFirstWorker() ? (core: Core) => makeFirstAdministrator(core, process.env) : undefined;
	// Its parent has the listener for metrics.
	const alone = { ...config, metrics: { ...config.metrics, port: undefined } };
	const service = await openService(alone, openLogs(config), undefined, first);
	process.on('SIGHUP', () => service.reload());
	const told = toldToStop(['SIGTERM']);
	tellPrimary(service.metrics);
	tellReady({ urls: service.urls });
	service.core.startHashing();
	if (isFirstWorker()) await greet(service, file);
	await told;
	await service.close();
	process.disconnect();
}
