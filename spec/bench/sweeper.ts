// Sweeps what is over, as the service does: `node sweeper.ts CONFIG_FILE`. Prints what it came to, as JSON.
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { openCore, openLogs } from '../../src/app/service.ts';
import { readConfig } from '../../src/config/read.ts';

const config = readConfig({ file: process.argv[2] ?? '', env: {} });
const core = await openCore(config, openLogs(config));
const delay = monitorEventLoopDelay({ resolution: 1 });
await sleep(100);
delay.enable();
const startedAt = performance.now();
// The service waits longer: so it is harder, and over sooner.
const swept = await core.sessions.sweep(() => sleep(5));
delay.disable();
const seconds = (performance.now() - startedAt) / 1000;
await core.close();
// What the audit has to say went to a file: this is the only line.
process.stdout.write(JSON.stringify({ swept, seconds, stallMs: delay.max / 1e6, p99Ms: delay.percentile(99) / 1e6 }));
