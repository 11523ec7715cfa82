import { type Core, openLogs, openService } from '../compose.ts';
import { ensureConsole } from './console.ts';
import { greet, makeFirstAdministrator } from './first-run.ts';
import type { Common } from './identity.ts';
import { say, styled } from './output.ts';
import { readSettings } from './settings.ts';

/** Runs until SIGTERM or SIGINT; then what is under way may finish. A second signal ends it at once. */
export async function serve(options: Common): Promise<void> {
	const { config, file } = readSettings(options.config);
	const logs = openLogs(config);
	const first = (core: Core) => makeFirstAdministrator(core, process.env);
	if (!(await ensureConsole())) say('the console could not be built: everything else works');
	const service = await openService(config, logs, undefined, first);
	for (const url of service.urls) say(`${styled('green', 'listening on')} ${styled('bold', url)}`);
	await greet(service, file);
	logs.audit.write({ act: 'start', outcome: 'ok' });
	process.on('SIGHUP', () => service.reload());
	await toldToStop();
	say(styled('dim', 'stopping: letting requests under way finish'));
	for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => process.exit(1));
	await service.close();
	logs.audit.write({ act: 'stop', outcome: 'ok' });
}

function toldToStop(): Promise<void> {
	return new Promise((resolve) => {
		const stop = () => {
			process.off('SIGTERM', stop);
			process.off('SIGINT', stop);
			resolve();
		};
		process.on('SIGTERM', stop);
		process.on('SIGINT', stop);
	});
}
