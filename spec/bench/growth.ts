import { createClock } from '../../src/core/clock.ts';
import type { Visitor } from './ask.ts';
import { type Extent, type Figure, type Row, ratios } from './figures.ts';
import { checkPath, type Installed, install, loginPath, password, person } from './latchkey.ts';
import { load } from './load.ts';
import { bytesOf, copySessions, openSessions } from './many-sessions.ts';
import { cpuMs, memoryOf, type Started, settle } from './programs.ts';

/** Sessions that are asked about; they are the same many, whatever is stored besides. */
const few = 1000;
/** More than a process keeps in memory, so that a check of one of them reads the file. */
const wide = 50_000;

/** Below the cap: a login of somebody beyond it ends what must be on the disk first. */
const ofEach = 9000;

type Headers = Readonly<Record<string, string>>;

interface Side {
	readonly installed: Installed;
	readonly asked: readonly Headers[];
	readonly bytes: number;
}

async function fill(many: number, asked: number): Promise<Side> {
	const installed = await install({ session: { mostPerIdentity: 10_000 }, attempts: { limit: 1_000_000 } });
	const visitors: Visitor[] = [];
	for (let left = asked, nth = 0; left > 0; left -= ofEach, nth += 1) {
		const name = nth === 0 ? person : `${person}-${nth}`;
		if (name !== person) await installed.add(name);
		visitors.push(...(await openSessions(installed.file, Math.min(left, ofEach), name)));
	}
	copySessions(installed.file, many - asked, createClock().now());
	return { installed, asked: visitors.map(({ headers }) => headers), bytes: bytesOf(installed.file) };
}

/** Microseconds of CPU time that a check takes. */
async function checkUs(server: Started, carrying: readonly Headers[], { seconds, pauseMs }: Extent): Promise<number> {
	await settle();
	const before = cpuMs(server.pid);
	const { requests } = await load({ url: server.url + checkPath, seconds, pauseMs, carrying });
	return ((cpuMs(server.pid) - before) * 1000) / requests;
}

async function loginsOf({ url }: Started, { seconds, pauseMs }: Extent): Promise<number> {
	const answered = await load({
		url: url + loginPath,
		seconds,
		pauseMs,
		mayFail: true,
		method: 'POST',
		body: JSON.stringify({ username: person, password }),
		carrying: [{ 'Content-Type': 'application/json' }],
	});
	return (answered.requests - answered.failed) / answered.seconds;
}

export const growth: Row = {
	name: 'growth',
	says: 'What so many sessions cost beyond a thousand, on SQLite',
	async measure(extent) {
		const { short, rounds, warmUps, sessions: many } = extent;
		const sides = [await fill(few, few), await fill(many, short ? few : wide)];
		const servers: Started[] = [];
		const cpuUs: number[][] = sides.map(() => []);
		const wideUs: number[] = [];
		const logins: number[][] = sides.map(() => []);
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
					const us = await checkUs(server, sides[side]?.asked.slice(-few) ?? [], extent);
					if (round >= 0) cpuUs[side]?.push(us);
				}
			}
			for (const { pid } of servers) memory.push(memoryOf(pid).now);
			for (let round = -warmUps; round < rounds; round += 1) {
				for (const [side, server] of servers.entries()) {
					const perSecond = await loginsOf(server, extent);
					if (round >= 0) logins[side]?.push(perSecond);
				}
				const [, big] = servers;
				const us = big && (await checkUs(big, sides[1]?.asked ?? [], extent));
				if (us !== undefined && round >= 0) wideUs.push(us);
			}
		} finally {
			for (const server of servers) await server.stop();
			for (const { installed } of sides) await installed.remove();
		}
		const [fewCpu = [], manyCpu = []] = cpuUs;
		const [fewLogins = [], manyLogins = []] = logins;
		const [fewStarts = [], manyStarts = []] = starts;
		const [small, big] = sides.map(({ bytes }) => bytes);
		const each = (bytes: number | undefined, than: number | undefined) => ((bytes ?? 0) - (than ?? 0)) / (many - few);
		const than = `with ${many.toLocaleString('en')} sessions`;
		const spread = short ? few : wide;
		const figures: Figure[] = [
			{
				what: `CPU of a check ${than} ÷ with 1,000`,
				values: ratios(manyCpu, fewCpu),
				goal: { atMost: many > 1_000_000 ? 1.2 : 1.15 },
			},
			{
				what: `CPU of a check of ${spread.toLocaleString('en')} in turn, read from the file, ÷ with 1,000`,
				values: ratios(wideUs, fewCpu),
			},
			{ what: `logins a second ${than} ÷ with 1,000`, values: ratios(manyLogins, fewLogins) },
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
		];
		return { figures };
	},
};
