import { rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startPostgres } from './postgres.ts';
import { startRedis } from './redis.ts';

/*
 * A server that the specs of a run share: started by the first that asks (`servers.ts`), ended with the process of the
 * run, however that ends. `node servers-process.ts redis|postgres FOLDER PID`
 */

const [kind, folder = '', run = ''] = process.argv.slice(2);
const server = await (kind === 'redis' ? startRedis() : startPostgres()).catch((fault: Error) => fault);
const told = server instanceof Error ? { fault: server.message } : { port: server.port };
await writeFile(join(folder, 'told.new'), JSON.stringify(told));
await rename(join(folder, 'told.new'), join(folder, 'told'));

while (isRunning(Number(run))) await sleep(200);
if (!(server instanceof Error)) await server.stop();
await rm(folder, { recursive: true });

function isRunning(pid: number): boolean {
	try {
		return process.kill(pid, 0);
	} catch {
		return false;
	}
}
