import { createClock } from '../../src/core/clock.ts';
import type { Visitor } from './ask.ts';
import { type Row, ratios } from './figures.ts';
import { checkPath, type Installed, install } from './latchkey.ts';
import { load } from './load.ts';
import { bytesOf, copySessions, openSessions } from './many-sessions.ts';
import { cpuMs, memoryOf, type Started, settle } from './programs.ts';

/** Sessions that are asked about; they are the same many, whatever is stored besides. */
const few = 1000;

interface Side {
	readonly installed: Installed;
	readonly visitors: readonly Visitor[];
	readonly bytes: number;
}

async function fill(many: number): Promise<Side> {
	const installed = await install();
	const visitors = await openSessions(installed.file, few);
	copySessions(installed.file, many - few + 1, createClock().now());
	return { installed, visitors, bytes: bytesOf(installed.file) };
}

export const growth: Row = {
	name: 'growth',
	says: 'What a million sessions cost beyond a thousand',
	async measure({ short, rounds, warmUps, seconds, pauseMs }) {
		const many = short ? 20_000 : 1_000_000;
		const sides = [await fill(few), await fill(many)];
		const servers: Started[] = [];
		const cpuUs: number[][] = sides.map(() => []);
		const starts: number[][] = sides.map(() => []);
		const memory: number[] = [];
		try {
			for (let round = 0; round < (short ? 1 : Math.max(2, rounds)); round += 1) {
				for (const [side, { installed }] of sides.entries()) {
					const server = await installed.start();
					starts[side]?.push(server.startMs);
					await server.stop();
				}
			}
			for (const { installed } of sides) servers.push(await installed.start());
			for (let round = -warmUps; round < rounds; round += 1) {
				for (const [side, server] of servers.entries()) {
					await settle();
					const before = cpuMs(server.pid);
					const carrying = (sides[side]?.visitors ?? []).map(({ headers }) => headers);
					const { requests } = await load({ url: server.url + checkPath, seconds, pauseMs, carrying });
					if (round >= 0) cpuUs[side]?.push(((cpuMs(server.pid) - before) * 1000) / requests);
				}
			}
			for (const { pid } of servers) memory.push(memoryOf(pid).now);
		} finally {
			for (const server of servers) await server.stop();
			for (const { installed } of sides) await installed.remove();
		}
		const [fewCpu = [], manyCpu = []] = cpuUs;
		const [fewStarts = [], manyStarts = []] = starts;
		const [small, big] = sides.map(({ bytes }) => bytes);
		const each = (bytes: number | undefined, than: number | undefined) => ((bytes ?? 0) - (than ?? 0)) / (many - few);
		const than = `with ${many.toLocaleString('en')} sessions`;
		return {
			figures: [
				{ what: `CPU of a check ${than} ÷ with 1,000`, values: ratios(manyCpu, fewCpu), goal: { atMost: 1.15 } },
				{
					what: `resident memory ${than}, beyond that with 1,000`,
					unit: 'bytes each',
					values: [each(memory[1], memory[0])],
					goal: { atMost: 100 },
				},
				{ what: `on disk ${than}`, unit: 'bytes each', values: [each(big, small)], goal: { atMost: 300 } },
				{
					what: `start to ready ${than}, beyond one with 1,000`,
					unit: 'ms',
					values: manyStarts.map((ms, round) => ms - (fewStarts[round] ?? Number.NaN)),
					goal: { atMost: 50 },
				},
			],
		};
	},
};
