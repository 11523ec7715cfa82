import { spawnSync } from 'node:child_process';
import cluster, { type Worker } from 'node:cluster';
import { once } from 'node:events';
import { answerPrimary, createGatheringFromWorkers } from '../../src/observability/cluster-metrics.ts';

/*
 * A primary process with two workers. One of them is killed, and asked before the primary has heard of it. Writes how many have
 * answered.
 */

const ready = 'ready';

async function started(): Promise<Worker> {
	const worker = cluster.fork();
	await once(worker, 'message');
	return worker;
}

/** Nothing else happens here meanwhile: a process that has died stays a zombie until its end is heard of. */
function killAtOnce({ process: { pid } }: Worker): void {
	process.kill(pid ?? 0, 'SIGKILL');
	const state = () => spawnSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' }).stdout.trim();
	while (!state().startsWith('Z'));
}

if (cluster.isPrimary) {
	const [living, dying] = [await started(), await started()];
	killAtOnce(dying);
	if (!dying.isConnected()) throw new Error('its end was heard of already');
	const answers = await createGatheringFromWorkers()();
	living.kill();
	process.stdout.write(`${answers.length} answered`);
} else {
	answerPrimary(async () => []);
	process.send?.(ready);
}
