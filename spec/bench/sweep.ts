import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { createClock, type Instant } from '../../src/core/clock.ts';
import type { Row } from './figures.ts';
import { install } from './latchkey.ts';
import { copySessions, openSessions } from './many-sessions.ts';
import { runNode } from './programs.ts';

const sweeper = join(import.meta.dirname, 'sweeper.ts');
const dayMs = 86_400_000;

export const sweep: Row = {
	name: 'sweep',
	says: 'The sweep of a million expired sessions, each told to the audit',
	async measure({ short, sessions }) {
		const many = short ? 5000 : 1_000_000;
		const living = Math.max(0, sessions - 1_000_000);
		const installed = await install({ log: { auditFile: 'audit.log' }, session: { mostPerIdentity: 10_000 } });
		try {
			await openSessions(installed.file, 1);
			if (living > 0) copySessions(installed.file, living, createClock().now());
			copySessions(installed.file, many, (createClock().now() - dayMs) as Instant);
			const config = join(installed.folder, 'latchkey.yaml');
			// What the machine itself does to a process that has nothing to do: us.
			const idle = monitorEventLoopDelay({ resolution: 1 });
			idle.enable();
			const said = await runNode([sweeper, config], { cwd: installed.folder });
			idle.disable();
			const { swept, seconds, stallMs, computedMs, p99Ms, restMs, loginMs } = JSON.parse(said);
			if (swept !== many) throw new Error(`${swept} of ${many} were swept`);
			return {
				figures: [
					{ what: 'longest stall of the event loop', unit: 'ms', values: [stallMs], goal: { atMost: 50 } },
					{ what: 'of which it computed, and waited for no disk and no core', unit: 'ms', values: [computedMs] },
					{ what: '99th percentile of its delay', unit: 'ms', values: [p99Ms] },
					{ what: 'longest stall of an idle process meanwhile', unit: 'ms', values: [idle.max / 1e6] },
					{ what: 'a login meanwhile, one after the other, ÷ before', values: [loginMs / restMs] },
					{
						what: `${many.toLocaleString('en')} sessions${living > 0 ? ` of ${(living + many).toLocaleString('en')}` : ''}, pauses included`,
						unit: 's',
						values: [seconds],
					},
				],
			};
		} finally {
			await installed.remove();
		}
	},
};
